"""Finding what another producer publishes already (HRV-5)."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.lrtzc.partners.domain.texts import folded
from ckanext.lrtzc.partners.model import Record
from ckanext.lrtzc.translation import mark

SAME_IDENTIFIER = mark("“%(other)s” has the same identifier.")
SAME_PAGE = mark("“%(other)s” has the same page of origin.")
SAME_TITLE = mark("“%(other)s” has the same title and the same publisher.")


@dataclass(frozen=True, slots=True)
class Double:
    """A dataset here that looks like the one at `position` of those asked about."""

    position: int
    package_id: str
    title: str
    sentence: str


def doubles(datasets: Sequence[dict[str, Any]], source_id: str) -> list[Double]:
    """Give the active datasets of other origins that look like one of `datasets` (dicts of our schema)."""
    by_identifier = _positions([_identifiers(data) for data in datasets])
    by_page = _positions([[_page(data.get("url"))] for data in datasets])
    by_title = _positions([[str(data.get("title") or "").lower()] for data in datasets])
    package = model.package_table
    identifier, uri = (package.c.extras[name].astext for name in ("identifier", "uri"))
    own = sa.select(Record.package_id).where(Record.source_id == source_id)
    query = (
        sa.select(package.c.id, package.c.title, package.c.url, package.c.extras)
        .where(package.c.state == "active", package.c.type == "dataset", package.c.id.not_in(own))
        .where(
            sa.or_(
                sa.func.lower(package.c.title).in_(list(by_title)),
                package.c.url.in_([str(data.get("url")) for data in datasets if data.get("url")]),
                identifier.in_(list(by_identifier)),
                uri.in_(list(by_identifier)),
            )
        )
    )
    found: dict[tuple[int, str], Double] = {}
    for identity, title, url, extras in model.Session.execute(query):
        other = {**(extras or {}), "title": title, "url": url}
        for sentence, positions in (
            (SAME_IDENTIFIER, [p for word in _identifiers(other) for p in by_identifier.get(word, ())]),
            (SAME_PAGE, by_page.get(_page(url), [])),
            (SAME_TITLE, [p for p in by_title.get((title or "").lower(), ()) if _same_producer(datasets[p], other)]),
        ):
            for position in positions:
                found.setdefault((position, identity), Double(position, identity, title, sentence))
    return list(found.values())


def _positions(words_of: list[list[str]]) -> dict[str, list[int]]:
    positions: dict[str, list[int]] = {}
    for position, words in enumerate(words_of):
        for word in words:
            if word:
                positions.setdefault(word, []).append(position)
    return positions


def _identifiers(data: dict[str, Any]) -> list[str]:
    alternates = data.get("alternate_identifier") or []
    if isinstance(alternates, str):
        try:
            alternates = json.loads(alternates)
        except ValueError:
            alternates = [alternates]
    words = [str(word) for word in (data.get("identifier"), data.get("uri"), *alternates) if word]
    bare = [re.sub(r"^(https?://(dx\.)?doi\.org/|doi:)", "", word) for word in words]
    # A bare number is an identity within one portal only.
    return [word for word in dict.fromkeys((*words, *bare)) if len(word) > 5 and not word.isdigit()]


def _page(url: Any) -> str:
    return re.sub(r"^https?://(www\.)?", "", str(url or "")).rstrip("/")


def _same_producer(data: dict[str, Any], other: dict[str, Any]) -> bool:
    return bool(_producer(data)) and _producer(data) == _producer(other)


def _producer(data: dict[str, Any]) -> str:
    publisher = data.get("publisher")
    if isinstance(publisher, str):
        try:
            publisher = json.loads(publisher)
        except ValueError:
            return folded(publisher)
    if isinstance(publisher, list) and publisher and isinstance(publisher[0], dict):
        return folded(str(publisher[0].get("name") or ""))
    return ""
