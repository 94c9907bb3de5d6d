"""What templates ask of reuses."""

from dataclasses import dataclass
from typing import Any

import ckan.model as model
from flask import g, has_request_context

from ckanext.lrtzc.asking import request_context
from ckanext.lrtzc.reuses import listing, store
from ckanext.lrtzc.reuses.domain.kinds import Kind
from ckanext.lrtzc.reuses.words import kind_words

SHOWN = 3
"""Reuses on an object's page; the list has all."""
_FOUND, _COUNTED = "lrtzc_reuses_found", "lrtzc_reuses_counted"


@dataclass(frozen=True, slots=True)
class Section:
    """The reuses of an object as its page shows them: how many there are, the latest of them."""

    total: int
    reuses: list[dict[str, Any]]


def note_found(package_ids: list[str]) -> None:
    """Remember which objects the page under way lists, so that their reuses are counted in one statement."""
    if has_request_context():
        g.setdefault(_FOUND, set()).update(package_ids)


def lrtzc_reuses(package: dict[str, Any]) -> Section:
    """Give the latest reuses of the object that a page shows."""
    total, rows = store.of_package(package["id"], SHOWN)
    return Section(total, listing.described(request_context(), rows) if rows else [])


def lrtzc_reuse_count(package: dict[str, Any]) -> int:
    """Count the reuses of an object; those of all objects that the page lists are counted at once."""
    counted: dict[str, int] = g.setdefault(_COUNTED, {})
    if package["id"] not in counted:
        counted |= store.counts({package["id"], *g.get(_FOUND, ())} - set(counted))
    return counted[package["id"]]


def lrtzc_reuse_credit(organization: str = "", person: str = "") -> int:
    """Count the reuses of what an organisation, or a person, shares with all."""
    package = model.Package
    if organization:
        return store.credit(package.owner_org == organization)
    return store.credit((package.owner_org.is_(None)) & (package.creator_user_id == person))


def lrtzc_reuse_kind(kind: str) -> str:
    """Name a kind of reuse."""
    return kind_words(Kind(kind)) if kind in [*Kind] else kind


def lrtzc_reuse_kinds() -> list[tuple[str, str]]:
    """Give the kinds of reuses, as value and words."""
    return [(kind.value, kind_words(kind)) for kind in Kind]
