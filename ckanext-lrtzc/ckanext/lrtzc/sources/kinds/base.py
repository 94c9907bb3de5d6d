"""What a kind of source is: the settings it asks for, and how it lists and reads files.

A kind is a small module over a library; it reaches the network by the egress client alone. All of them pass
`tests/test_kinds.py`.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import IO

from ckanext.lrtzc.egress.client import Client
from ckanext.lrtzc.egress.domain.body import Limits
from ckanext.lrtzc.sources.domain.faults import Code, Fault
from ckanext.lrtzc.sources.domain.novelty import Found
from ckanext.lrtzc.translation import mark

MOST_FILES = 10_000
"""Files that a source may show at once."""


@dataclass(frozen=True)
class Field:
    """A setting that a kind asks for; texts are in English, marked for the catalogue.

    `secret`: a credential, sealed and never shown. `bound`: it says where credentials go, so that they must be typed
    again when it changes. `choices`: value and text, where it is one of several.
    """

    name: str
    label: str
    help: str = ""
    control: str = "text"
    required: bool = False
    secret: bool = False
    bound: bool = False
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Settings:
    """What a source is connected with: its address, its kind's settings, its credentials, by names of fields."""

    address: str
    options: Mapping[str, str]
    secrets: Mapping[str, str]
    limits: Limits

    def get(self, name: str, default: str = "") -> str:
        """Give a setting or a credential, `default` where it is empty."""
        return self.options.get(name) or self.secrets.get(name) or default


@dataclass(frozen=True)
class Taken:
    """A file that was read: the mark of what was read, and the checksum that the source gave with it.

    `checksum` is its kind, by the name of `hashlib`, and its hexadecimal text; `name` is the file's own, where the
    source says another than it was found by.
    """

    mark: str
    checksum: tuple[str, str] | None = None
    name: str = ""


class Connection(ABC):
    """A source while it is open."""

    @abstractmethod
    def found(self) -> list[Found]:
        """List the files.

        :raises Fault: they can't be listed.
        """

    @abstractmethod
    def read(self, found: Found, to: IO[bytes], since: str) -> Taken | None:
        """Write a file's bytes to `to`, which is empty; None where nothing is new since the mark `since`.

        :raises Fault: it can't be read.
        """

    def mark_now(self, found: Found) -> str:
        """Give the mark that a file has by now, asked for after it was read, to see that it stood still meanwhile."""
        return found.mark


class Inbox(ABC):
    """A place while it is open, where files are left."""

    @abstractmethod
    def put(self, name: str, content: IO[bytes], size: int) -> None:
        """Write `size` bytes as a file of that name, in the place of one that has it; whole, or not at all.

        :raises Fault: it can't be written.
        """


class Kind(ABC):
    """A kind of source."""

    name: str
    label: str
    hint: str
    example: str
    fields: tuple[Field, ...] = ()

    @abstractmethod
    def connect(self, settings: Settings, client: Client) -> AbstractContextManager[Connection]:
        """Open a source.

        :raises Fault: the address isn't one, the server refuses or doesn't answer.
        """

    @property
    def secrets(self) -> tuple[str, ...]:
        """Names of its credentials."""
        return tuple(field.name for field in self.fields if field.secret)


def bounded(pieces: Iterator[bytes], to: IO[bytes], most: int, name: str) -> int:
    """Write pieces; give how many bytes came.

    :raises Fault: more than `most`.
    """
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > most:
            raise Fault(Code.LARGE, name=name, most=most)
        to.write(piece)
    return size


def matching(names: list[str], pattern: str) -> set[str]:
    """Give the names that a pattern with `*` and `?` stands for, whatever their case; hidden files never."""
    wanted = (pattern or "*").casefold()
    return {name for name in names if not name.startswith(".") and fnmatchcase(name.casefold(), wanted)}


def refuse_many(host: str, number: int) -> None:
    """Refuse a source that shows more files than can be looked at.

    :raises Fault: when there are more than `MOST_FILES`.
    """
    if number > MOST_FILES:
        raise Fault(Code.MANY, host=host, most=MOST_FILES)


PATTERN = Field(
    "pattern",
    mark("Names of the files to take"),
    mark("With * for any letters, for instance counts-*.csv. Empty: all the files of the folder."),
)
USERNAME = Field("username", mark("Name of the account there"))
PASSWORD = Field("password", mark("Password"), control="password", secret=True)
