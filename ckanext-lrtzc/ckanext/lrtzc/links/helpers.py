"""What templates ask of links."""

from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.asking import request_context
from ckanext.lrtzc.links import store
from ckanext.lrtzc.links.domain.drawing import Drawing, Node, draw
from ckanext.lrtzc.links.domain.kinds import LinkKind, Way, kinds_from

SHOWN = 8
"""Links of a kind and way on an object's page; the page of links has all."""


@dataclass(frozen=True, slots=True)
class Group:
    """The links of a kind and way: what they are called, how many there are, the first of them."""

    kind: LinkKind
    way: Way
    title: str
    total: int
    links: list[store.Neighbour]


@dataclass(frozen=True, slots=True)
class Section:
    """The links of an object as its page shows them; `drawing` is None where there are none."""

    groups: list[Group]
    drawing: Drawing | None


def titles(kind: LinkKind, way: Way, type_: str) -> str:
    """Give the words for the links of a kind and way, on the page of an object of a type."""
    match kind, way:
        case LinkKind.DERIVED_FROM, Way.OUT:
            return tk._("Derived from")
        case LinkKind.DERIVED_FROM, Way.IN:
            return tk._("What is derived from it")
        case LinkKind.USES, Way.OUT:
            return tk._("Uses")
        case LinkKind.USES, Way.IN:
            return tk._("Used by")
        case LinkKind.PRODUCED_BY, Way.OUT:
            return tk._("Produced by")
        case _:
            return tk._("Results of this use case") if type_ == "use-case" else tk._("Restitutions made with it")


def _groups(found: list[store.Neighbour], type_: str) -> list[Group]:
    groups: dict[tuple[Way, LinkKind], list[store.Neighbour]] = {}
    for each in found:
        groups.setdefault((each.way, each.kind), []).append(each)
    return [Group(kind, way, titles(kind, way, type_), links[0].total, links) for (way, kind), links in groups.items()]


def _address(type_: str, name: str) -> str:
    return tk.h.url_for(f"{type_}.read", id=name, _anchor="links")


def section(context: Any, package: dict[str, Any], limit: int = SHOWN, offset: int = 0) -> Section:
    """Give the links of an object, both ways, as far as whoever asks may see them."""
    groups = _groups(store.neighbours(context, package["id"], limit, offset), package["type"])
    if not groups:
        return Section([], None)
    sides = {way: [group for group in groups if group.way is way] for way in Way}
    nodes = {
        way: [Node(each.title, each.type, _address(each.type, each.name)) for group in side for each in group.links]
        for way, side in sides.items()
    }
    centre = Node(package.get("title") or package["name"], package["type"], "")
    total = sum(group.total for group in groups)
    return Section(groups, draw(centre, nodes[Way.OUT], nodes[Way.IN], total))


def lrtzc_links(package: dict[str, Any]) -> Section:
    """Give the links of the object that a page shows."""
    return section(request_context(), package)


def lrtzc_link_kinds(type_: str) -> list[tuple[str, str]]:
    """Give the kinds of links that objects of a type may have, as value and words."""
    return [(kind.value, titles(kind, Way.OUT, type_)) for kind in kinds_from(type_)]


def lrtzc_links_lost(package: dict[str, Any]) -> int:
    """Count what an object says it stands on and is no longer shown; for those who may change it."""
    return store.lost_of(request_context(), package["id"])


def lrtzc_broken_without(package: dict[str, Any]) -> list[store.Broken]:
    """Give what would break if an object went, as far as the reader may see it."""
    return store.broken_without(request_context(), package["id"])
