"""The licences that an object may carry, and what each allows, asks and forbids, from `data/licences.json`.

The terms are summaries of the licences' own texts, after the permissions, requirements and prohibitions of the Creative
Commons Rights Expression Language (ccREL, W3C submission 2008). They help to choose and to reuse; the text prevails.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

FILE = Path(__file__).parent.parent / "data" / "licences.json"

TERMS: Mapping[str, str] = MappingProxyType(
    {
        "use": "Use the data for any purpose the licence allows, alone or mixed with other data",
        "share": "Copy it and pass it on",
        "change": "Change it and build on it",
        "sell": "Make money with it",
        "name-source": "Name the source",
        "name-date": "Give the date of the last update",
        "tell-changes": "Say what you changed",
        "share-alike": "Share what you derive from it under the same licence",
        "keep-open": "Keep an open copy if you restrict access to yours",
        "keep-notices": "Keep the notices and a link to the licence",
        "claim-endorsement": "Suggest that the producer supports you",
        "mislead": "Mislead about what the data says or where it comes from",
        "lock": "Add legal or technical locks that prevent what the licence allows",
        "read-terms": "Read the producer's own terms before any use",
        "ask-owner": "Ask the producer before any use: no licence is stated",
    }
)
"""English msgid of each term; a prohibition of `sell` or `share` reads as what one may not do."""


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence: identifier, titles by language, address of its text, terms (keys of `TERMS`)."""

    id: str
    titles: Mapping[str, str]
    url: str
    may: tuple[str, ...]
    must: tuple[str, ...]
    may_not: tuple[str, ...]
    offered: bool
    recommended: bool
    is_open: bool

    def title(self, language: str) -> str:
        """Give the title in `language`, in French when there is none."""
        return self.titles.get(language[:2], self.titles["fr"])


@cache
def licences() -> Mapping[str, Licence]:
    """Give all licences by identifier, those that the form proposes first."""
    found = {
        entry["id"]: Licence(
            id=entry["id"],
            titles={"fr": entry["title"], "en": entry.get("title_en", entry["title"])},
            url=entry["url"],
            may=tuple(entry["may"]),
            must=tuple(entry["must"]),
            may_not=tuple(entry["may_not"]),
            offered=entry["offered"],
            recommended=entry["recommended"],
            is_open=entry["od_conformance"] == "approved",
        )
        for entry in _entries()
    }
    return MappingProxyType(found)


def find_licence(value: str) -> Licence | None:
    """Give the licence that an identifier, an address or a title means, as other catalogues write them."""
    return _by_key().get(_key(value))


def _key(value: str) -> str:
    return value.strip().casefold().removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/")


@cache
def _entries() -> list[dict[str, Any]]:
    return json.loads(FILE.read_text("utf-8"))


@cache
def _by_key() -> Mapping[str, Licence]:
    found: dict[str, Licence] = {}
    for entry in _entries():
        licence = licences()[entry["id"]]
        for name in (licence.id, licence.url, *licence.titles.values(), *entry["aliases"]):
            if name:
                found.setdefault(_key(name), licence)
    return MappingProxyType(found)
