"""A filter as a tree, whatever language it came in, and the properties one can filter and sort by."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from .errors import INVALID, CswError

MOST_CONDITIONS = 200
MOST_LEVELS = 20


class Property(StrEnum):
    """What a record can be asked about."""

    ANY_TEXT = "AnyText"
    TITLE = "Title"
    ABSTRACT = "Abstract"
    SUBJECT = "Subject"
    IDENTIFIER = "Identifier"
    TYPE = "Type"
    FORMAT = "Format"
    MODIFIED = "Modified"
    CREATED = "CreationDate"
    PUBLISHER = "OrganisationName"
    RIGHTS = "Rights"
    BOX = "BoundingBox"


_NAMES = {
    "anytext": Property.ANY_TEXT,
    "title": Property.TITLE,
    "alternatetitle": Property.TITLE,
    "abstract": Property.ABSTRACT,
    "description": Property.ABSTRACT,
    "subject": Property.SUBJECT,
    "keyword": Property.SUBJECT,
    "topiccategory": Property.SUBJECT,
    "identifier": Property.IDENTIFIER,
    "resourceidentifier": Property.IDENTIFIER,
    "fileidentifier": Property.IDENTIFIER,
    "type": Property.TYPE,
    "format": Property.FORMAT,
    "modified": Property.MODIFIED,
    "revisiondate": Property.MODIFIED,
    "date": Property.MODIFIED,
    "created": Property.CREATED,
    "creationdate": Property.CREATED,
    "publicationdate": Property.CREATED,
    "publisher": Property.PUBLISHER,
    "creator": Property.PUBLISHER,
    "organisationname": Property.PUBLISHER,
    "rights": Property.RIGHTS,
    "license": Property.RIGHTS,
    "boundingbox": Property.BOX,
    "coverage": Property.BOX,
    "spatial": Property.BOX,
}


def find_property(name: str) -> Property:
    """Give the property named `dc:title`, `csw:AnyText`, `apiso:Title`, a path ending so, or the bare name.

    :raises CswError: for a property that isn't known.
    """
    last = name.strip().rpartition("/")[2].rpartition(":")[2].lower()
    found = _NAMES.get(last)
    if found is None:
        raise CswError(INVALID, "Constraint", f"The property “{name[:80]}” can't be queried here.")
    return found


@dataclass(frozen=True, slots=True)
class Compare:
    """A property compared with a value; `operator` is one of = != < <= > >=."""

    of: Property
    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class Like:
    """A property matched with a pattern in which `*` stands for any text and `?` for one character."""

    of: Property
    pattern: str


@dataclass(frozen=True, slots=True)
class Between:
    """A property between two values, both included."""

    of: Property
    lower: str
    upper: str


@dataclass(frozen=True, slots=True)
class IsNull:
    """A property without value."""

    of: Property


@dataclass(frozen=True, slots=True)
class Intersects:
    """Coverage that meets a box, in degrees."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class And:
    """All of several conditions."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of several conditions."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The contrary of a condition."""

    part: "Condition"


Condition: TypeAlias = Compare | Like | Between | IsNull | Intersects | And | Or | Not


def checked_box(west: float, south: float, east: float, north: float) -> Intersects:
    """Give the condition of meeting a box in degrees.

    :raises CswError: if the box is turned inside out or not on the globe.
    """
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise CswError(INVALID, "Constraint", "The box must be west, south, east, north in degrees.")
    return Intersects(west, south, east, north)


def pattern(value: str, wild: str, single: str, escape: str) -> str:
    r"""Rewrite a pattern of another language: any text as `*`, one character as `?`, and `\` before literal ones."""
    written: list[str] = []
    position = 0
    while position < len(value):
        if escape and value.startswith(escape, position) and position + len(escape) < len(value):
            position += len(escape)
            written.append(_literal(value[position]))
            position += 1
        elif wild and value.startswith(wild, position):
            written.append("*")
            position += len(wild)
        elif single and value.startswith(single, position):
            written.append("?")
            position += len(single)
        else:
            written.append(_literal(value[position]))
            position += 1
    return "".join(written)


def _literal(character: str) -> str:
    return "\\" + character if character in "*?\\" else character
