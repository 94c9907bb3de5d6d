"""The room's door: what other rooms may call."""

from collections.abc import Collection
from typing import Any

from ckanext.lrtzc.links import store
from ckanext.lrtzc.links.breaking import CONFIRM
from ckanext.lrtzc.links.domain.kinds import LinkKind, Way
from ckanext.lrtzc.links.store import Neighbour, neighbours

__all__ = ["CONFIRM", "LinkKind", "Neighbour", "Way", "links_of", "others_on", "used"]

MOST = 1_000
"""Links that a document for machines names of each kind and way."""


def links_of(context: Any, package_id: str) -> list[Neighbour]:
    """Give the objects linked with one, both ways, that whoever asks may see."""
    return neighbours(context, package_id, MOST)


def others_on(package_ids: Collection[str]) -> dict[str, int]:
    """Count, for each object, those of other owners that would break without it; those without any are left out."""
    return store.others_on(package_ids)


def used(package_ids: Collection[str]) -> set[str]:
    """Give those of these objects that another one stands on, whatever the link and whoever owns it."""
    return store.used(package_ids)
