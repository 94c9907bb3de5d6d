"""What passes between a partner's pages and our catalogue."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """Something amiss with a record: the `field` of ours it touches, a sentence with named gaps, their values.

    `fatal` problems refuse the record; the others are told beside it.
    """

    field: str
    sentence: str
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    fatal: bool = False

    def __str__(self) -> str:
        return self.sentence % self.params


@dataclass(frozen=True, slots=True)
class Record:
    """One record as the partner gives it.

    `guid` is its identity at the partner; `digest` a hash of its content that doesn't depend on order or
    layout; `raw` its content as text, which the same kind turns into a dataset; `likeness` a hash of what stays
    when a partner renumbers its records (title, producer).
    """

    guid: str
    title: str
    modified: str
    digest: str
    raw: str
    likeness: str


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of a partner: its records, what couldn't be read in it, and how many records there are in all."""

    records: list[Record]
    problems: list[Problem] = field(default_factory=list)
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Agent:
    """A person or an organisation as a partner names it."""

    name: str = ""
    email: str = ""
    url: str = ""
    uri: str = ""
    identifier: str = ""

    def as_dict(self) -> dict[str, str]:
        """Give what is known, by field name."""
        values = {"name": self.name, "email": self.email, "url": self.url, "uri": self.uri}
        return {key: value for key, value in {**values, "identifier": self.identifier}.items() if value}


@dataclass(slots=True)
class Harvested:
    """A record in our words, before it is fitted to this portal: all texts still as the partner wrote them."""

    guid: str
    title: str = ""
    notes: str = ""
    url: str = ""
    identifier: str = ""
    alternate_identifiers: list[str] = field(default_factory=list)
    keywords: list[str] = field(default_factory=list)
    themes: list[str] = field(default_factory=list)
    licences: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    publisher: Agent | None = None
    creator: Agent | None = None
    contacts: list[Agent] = field(default_factory=list)
    frequency: str = ""
    issued: str = ""
    modified: str = ""
    version: str = ""
    access_rights: str = ""
    provenance: str = ""
    periods: list[tuple[str, str]] = field(default_factory=list)
    geometry: dict[str, Any] | None = None
    places: list[str] = field(default_factory=list)
    conforms_to: list[str] = field(default_factory=list)
    documentation: list[str] = field(default_factory=list)
    applicable_legislation: list[str] = field(default_factory=list)
    hvd_category: list[str] = field(default_factory=list)
    resources: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of a partner: final address, media type, body in bytes."""

    url: str
    media_type: str
    body: bytes


class Unreadable(Exception):
    """A partner's answer that can't be what its kind should send: a sentence and its values."""

    def __init__(self, sentence: str, **params: Any) -> None:
        self.sentence = sentence
        self.params = params
        super().__init__(sentence % params)


#: Calls an address within the portal's bounds: (address, method, body, headers) → reply; raises the caller's errors.
Fetch = Callable[[str, str, bytes | None, Mapping[str, str]], Reply]
