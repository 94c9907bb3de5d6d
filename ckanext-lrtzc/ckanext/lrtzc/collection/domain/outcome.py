"""What was found of one file: told by the process that reads it to the one that keeps it."""

from dataclasses import asdict, dataclass, field
from typing import Any

from ckanext.lrtzc.collection.domain.problems import Code


@dataclass
class Outcome:
    """A file that is taken.

    `file` and `picture` are paths of what is to be kept: the file (empty: as it came) and its small picture (empty:
    none). `taken` is ISO 8601 without a zone, `duration` in seconds, `words` the text by which it is searched.
    """

    format: str
    file: str = ""
    picture: str = ""
    width: int | None = None
    height: int | None = None
    taken: str | None = None
    longitude: float | None = None
    latitude: float | None = None
    pages: int | None = None
    duration: float | None = None
    title: str = ""
    words: str = ""
    said: list[Code] = field(default_factory=list[Code])

    def as_dict(self) -> dict[str, Any]:
        """Give a form that JSON can hold."""
        return asdict(self)
