"""Which of the files that a source has are to be read, given what was taken of it before."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

DIGESTS = ("sha512", "sha256", "sha1", "md5")
"""The kinds of checksum that are known, the strongest first, by the names of `hashlib`."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file that a source has.

    `name` tells it apart in the source; `mark` tells its versions apart (an ETag, time and size, a cursor's value;
    empty where only reading tells); `size` in bytes, where the source says it.
    """

    name: str
    mark: str = ""
    size: int | None = None
    modified: dt.datetime | None = None


class Verdict(StrEnum):
    """What becomes of a file that was found."""

    READ = "read"
    SAME = "same"
    OVERTAKEN = "overtaken"


def plan(found: Collection[Found], known: Mapping[str, str], *, last_only: bool) -> list[tuple[Found, Verdict]]:
    """Say what becomes of each file, in the order in which they are to be taken: the oldest first.

    :param known: the marks of what was taken, by name
    :param last_only: each file takes the place of the one before, so that only the newest is of use
    """
    ordered = sorted(found, key=_age)
    steps = [(one, Verdict.SAME if one.mark and known.get(one.name) == one.mark else Verdict.READ) for one in ordered]
    if not last_only or not steps:
        return steps
    newest = steps[-1]
    return [(one, Verdict.OVERTAKEN if verdict is Verdict.READ else verdict) for one, verdict in steps[:-1]] + [newest]


def _age(found: Found) -> tuple[dt.datetime, str]:
    return (found.modified or dt.datetime.min.replace(tzinfo=dt.UTC), found.name)


def mark_of(modified: object, size: object) -> str:
    """Give the mark of a file by its time of modification and its size; without its time, only its bytes tell."""
    return "" if modified is None else f"{modified}/{size}"


def beside(names: Collection[str]) -> dict[str, tuple[str, str]]:
    """Give the files that hold the checksum of another: by that one's name, the kind and the name of its file.

    >>> beside(["a.csv", "a.csv.sha256", "b.md5"])
    {'a.csv': ('sha256', 'a.csv.sha256')}
    """
    known = set(names)
    found: dict[str, tuple[str, str]] = {}
    for kind in DIGESTS:
        for name in names:
            base = name[: -len(kind) - 1]
            if name.endswith("." + kind) and base in known:
                found.setdefault(base, (kind, name))
    return found


def digest_in(text: str, kind: str) -> str | None:
    """Give the checksum in the text of such a file (as `sha256sum` and its kin write it), or nothing.

    >>> digest_in("D41D8CD98F00B204E9800998ECF8427E  a.csv", "md5")
    'd41d8cd98f00b204e9800998ecf8427e'
    """
    length = {"sha512": 128, "sha256": 64, "sha1": 40, "md5": 32}[kind]
    for word in text.replace("=", " ").split():
        if len(word) == length and all(letter in "0123456789abcdefABCDEF" for letter in word):
            return word.lower()
    return None
