"""What the home page shows, from one search."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.search import SearchError, SolrConnectionError

from ckanext.lrtzc.territory import get_territory
from ckanext.lrtzc.theme.domain.drawing import Drawing, draw, names_that_fit

LATEST = 3
"""Datasets shown as the latest."""
NAMED = 9
"""Communes whose names stand on the map at most: the most populated ones that have room."""


@dataclass(frozen=True)
class Door:
    """A commune on the map: where its name stands, how many datasets it has."""

    code: str
    name: str
    path: str
    count: int
    is_named: bool
    x: int
    y: int


@dataclass(frozen=True)
class Home:
    """What the home page shows; `available` is false while the search engine is away."""

    available: bool
    total: int = 0
    latest: list[dict[str, Any]] = field(default_factory=list)
    by_axis: Mapping[str, int] = field(default_factory=dict)
    by_commune: Mapping[str, int] = field(default_factory=dict)


def read_home() -> Home:
    """Ask the catalogue for its latest datasets and their numbers by axis and commune."""
    try:
        found = tk.get_action("package_search")(
            {},
            {
                "q": "*:*",
                "fq": "+dataset_type:dataset",
                "rows": LATEST,
                "sort": "metadata_created desc",
                "facet.field": ["vocab_axis", "vocab_communes"],
                "facet.limit": -1,
            },
        )
    except (SearchError, SolrConnectionError):
        return Home(available=False)
    return Home(
        available=True,
        total=found["count"],
        latest=found["results"],
        by_axis=found["facets"].get("vocab_axis", {}),
        by_commune=found["facets"].get("vocab_communes", {}),
    )


def doors(counts: Mapping[str, int]) -> list[Door]:
    """Give the communes for the map, in the order of their names."""
    territory = get_territory()
    drawing = territory_drawing()
    by_population = sorted(territory.communes, key=lambda commune: -commune.population)
    named = names_that_fit(
        ((one.code, one.name, drawing.shapes[one.code].x, drawing.shapes[one.code].y) for one in by_population),
        drawing.width,
        NAMED,
    )
    return [
        Door(
            code=commune.code,
            name=commune.name,
            path=drawing.shapes[commune.code].path,
            count=counts.get(commune.code, 0),
            is_named=commune.code in named,
            x=drawing.shapes[commune.code].x,
            y=drawing.shapes[commune.code].y,
        )
        for commune in territory.communes
    ]


def territory_drawing() -> Drawing:
    """Give the drawing of the territory, made once."""
    territory = get_territory()
    if territory.folder not in _drawings:
        contours = {commune.code: commune.contour for commune in territory.communes}
        _drawings[territory.folder] = draw(contours, territory.bbox)
    return _drawings[territory.folder]


_drawings: dict[Path, Drawing] = {}
