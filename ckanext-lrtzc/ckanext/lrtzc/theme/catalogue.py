"""What the catalogue's pages show around a search: facets, what is applied, links to other pages of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.search import api as search
from ckanext.lrtzc.territory import get_territory
from ckanext.lrtzc.theme.domain import query, wording
from ckanext.lrtzc.theme.labels import value_label

TYPE = "dataset_type"
"""The search field of the type of object."""
SHOWN = 3
"""Values of a facet that show before one asks for all."""


@dataclass(frozen=True)
class FacetValue:
    """A value of a facet: following `url` adds it, or takes it away where it is `active`."""

    label: str
    count: int
    url: str
    active: bool


@dataclass(frozen=True)
class Facet:
    """A facet with its values; `more_url` shows all of them, `less_url` the first ones again."""

    name: str
    title: str
    values: list[FacetValue]
    more_url: str
    less_url: str


@dataclass(frozen=True)
class Applied:
    """Something the search is narrowed by, and the address of the search without it."""

    title: str
    label: str
    url: str


def facet_titles() -> dict[str, str]:
    """Give the facets of the catalogue in their order: search field to title in the language of the page."""
    return {
        TYPE: tk._("Type of object"),
        "vocab_axis": tk._("Axis"),
        "vocab_theme": tk._("Theme"),
        "vocab_communes": tk._("Commune"),
        "organization": tk._("Organisation"),
        "license_id": tk._("Licence"),
        "res_format": tk._("Format"),
        "frequency": tk._("Update"),
        **search.facet_titles(),
    }


def _args() -> list[tuple[str, str]]:
    return list(tk.request.args.items(multi=True))


def facets(titles: Mapping[str, str], found: Mapping[str, Any], language: str) -> list[Facet]:
    """Give the facets that have values, in the order of their titles."""
    args = _args()
    result = []
    for name, title in titles.items():
        items = (found.get(name) or {}).get("items") or []
        if items:
            result.append(_facet(name, title, items, args, language))
    return result


def _facet(name: str, title: str, items: list[dict[str, Any]], args: list[tuple[str, str]], language: str) -> Facet:
    given = {value for key, value in args if key == name}
    values = sorted(
        (
            FacetValue(
                label=_label(name, item["name"], str(item.get("display_name") or item["name"]), language),
                count=int(item["count"]),
                url=query.without(args, name, item["name"])
                if item["name"] in given
                else query.adding(args, name, item["name"]),
                active=item["name"] in given,
            )
            for item in items
            if item["name"]
        ),
        key=lambda value: (not value.active, -value.count, value.label.casefold()),
    )
    limit = f"_{name}_limit"
    all_shown = (limit, "0") in args
    hidden = len(values) > SHOWN
    return Facet(
        name=name,
        title=title,
        values=values if all_shown else values[: max(SHOWN, len(given))],
        more_url=query.adding(args, limit, "0") if hidden and not all_shown else "",
        less_url=query.without(args, limit) if all_shown else "",
    )


def _label(name: str, value: str, display_name: str, language: str) -> str:
    label = value_label(name, value, language)
    return display_name if label == value else label


def applied(titles: Mapping[str, str], found: Mapping[str, Any], language: str) -> list[Applied]:
    """Give what the search is narrowed by, besides its words."""
    args = _args()
    result = []
    for name, value in args:
        if not value or name in ("q", "page", "sort") or name.startswith("_"):
            continue
        if name == "ext_bbox":
            result.append(Applied(tk._("Place"), tk._("part of the map"), query.without(args, name)))
        elif name in ("ext_start", "ext_end"):
            title = tk._("First day") if name == "ext_start" else tk._("Last day")
            day = wording.full_date(value, language, get_territory().timezone)
            result.append(Applied(title, day, query.without(args, name)))
        elif not name.startswith("ext_"):
            items = (found.get(name) or {}).get("items") or []
            display = next((str(item.get("display_name")) for item in items if item["name"] == value), value)
            label = _label(name, value, display, language)
            result.append(Applied(titles.get(name, name), label, query.without(args, name, value)))
    return result


def extra_filters() -> list[tuple[str, str]]:
    """Give the filters of a search that aren't facets: a part of the map, a period."""
    return [(name, value) for name, value in _args() if name.startswith("ext_") and value]
