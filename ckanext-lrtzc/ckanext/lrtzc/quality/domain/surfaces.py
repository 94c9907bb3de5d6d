"""Judge how surfaces lie beside each other: which overlap, which leave holes between them.

By GEOS, which PostGIS stands on too: all pairs are found by one tree and cut in one go, so that rows of a batch are
judged before they are in any table. Those that a table has already are asked of it (`There`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
import shapely

MOST_SURFACES = 100_000
MOST_BYTES = 60_000_000
"""Of the surfaces of a table, as binary: they are held in memory together."""
MOST_PAIRS = 800_000
TOLERANCE = 1.0
"""Square metres that an overlap or a hole may have, unless told."""
_DEGREE = 111_195.0
"""Metres of a degree of a great circle, on a sphere of 6,371 km."""


class There(ABC):
    """The surfaces that a table has already, but for those whose rows are about to be replaced."""

    @abstractmethod
    def replace(self, data: pl.DataFrame) -> None:
        """See rows that may take the place of those there are."""

    @abstractmethod
    def overlapped(self, shapes: Any, least: Any) -> Any:
        """Give, for each shape, the number of a row that shares more of it than `least` square degrees; 0 for none.

        None where that takes too long.
        """

    @abstractmethod
    def beside(self, shapes: Any) -> Any:
        """Give the surfaces whose boxes meet those of shapes; None where they are too many."""


@dataclass
class Surfaces:
    """The surfaces of a table, seen chunk after chunk, by the position of their row."""

    positions: list[Any] = field(default_factory=list[Any])
    shapes: list[Any] = field(default_factory=list[Any])
    count: int = 0
    size: int = 0

    @property
    def too_many(self) -> bool:
        """Whether there are more than can be judged together."""
        return self.count > MOST_SURFACES or self.size > MOST_BYTES

    def add(self, positions: pl.Series, places: pl.Series) -> None:
        """See the rows of a chunk: their positions, and their geometries (hexadecimal EWKB, EPSG:4326, or null)."""
        given = places.is_not_null()
        places, positions = places.filter(given), positions.filter(given)
        self.count += len(places)
        self.size += int(places.str.len_bytes().sum() or 0) // 2
        if self.too_many:
            self.positions.clear()
            self.shapes.clear()
            return
        shapes = shapely.make_valid(shapely.from_wkb(places.to_numpy()))
        flat = shapely.area(shapes) > 0
        self.positions.append(positions.to_numpy()[flat])
        self.shapes.append(shapes[flat])

    def all(self) -> tuple[Any, Any]:
        """Give positions and shapes."""
        if not self.shapes:
            return np.array([], dtype=np.int64), np.array([], dtype=object)
        return np.concatenate(self.positions), np.concatenate(self.shapes)


def overlapping(shapes: Any, tolerance: float) -> Any:
    """Say of each surface whether it shares more than `tolerance` square metres with another; None: too many pairs."""
    wrong = np.zeros(len(shapes), dtype=bool)
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = one < other
    one, other = one[pairs], other[pairs]
    if len(one) > MOST_PAIRS:
        return None
    # those that share a border only are most of the pairs
    inside = ~shapely.touches(shapes[one], shapes[other])
    one, other = one[inside], other[inside]
    large = square_metres(shapely.intersection(shapes[one], shapes[other])) > tolerance
    wrong[one[large]] = wrong[other[large]] = True
    return wrong


def overlapping_there(shapes: Any, tolerance: float, there: There) -> Any:
    """Give, for each surface, the number of a row there that shares more than `tolerance` m² with it; 0 for none.

    None where that takes too long.
    """
    return there.overlapped(shapes, tolerance / _metres_of_degree(shapes))


def beside_gaps(shapes: Any, tolerance: float, there: There | None = None) -> Any:
    """Say of each surface whether it lies at a hole of more than `tolerance` square metres that several enclose.

    A hole inside one surface alone, such as a lake's, is that surface's own. Surfaces that are there already enclose
    holes with one that they lie no farther from than its own width and height; any may fill one. None: too many.
    """
    wrong, own = np.zeros(len(shapes), dtype=bool), len(shapes)
    if not own:
        return wrong
    if there is not None:
        near = there.beside(_widened(shapes))
        if near is None:
            return None
        shapes = np.concatenate([shapes, near])
    parts = shapely.get_parts(shapely.union_all(shapes))
    parts = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    holes = [shapely.polygons(ring) for part in parts for ring in part.interiors]
    if not holes:
        return wrong
    found = np.array(holes, dtype=object)
    found = found[square_metres(found) > tolerance]
    if there is not None and len(found):
        fillers = there.beside(found)
        if fillers is None:
            return None
        found = _unfilled(found, fillers)
        found = found[square_metres(found) > tolerance]
    hole, near = shapely.STRtree(shapes).query(found, predicate="intersects")
    several = np.bincount(hole, minlength=len(found)) > 1
    beside = near[several[hole]]
    wrong[beside[beside < own]] = True
    return wrong


def _widened(shapes: Any) -> Any:
    """Give the boxes of shapes, four times as wide and as high."""
    west, south, east, north = shapely.bounds(shapes).T
    wide, high = (east - west) * 1.5, (north - south) * 1.5
    return shapely.box(west - wide, south - high, east + wide, north + high)


def _unfilled(holes: Any, fillers: Any) -> Any:
    """Give what surfaces leave of holes."""
    left = holes.copy()
    hole, filler = shapely.STRtree(fillers).query(holes, predicate="intersects")
    for place in np.unique(hole):
        left[place] = shapely.difference(holes[place], shapely.union_all(fillers[filler[hole == place]]))
    return left


def square_metres(shapes: Any) -> Any:
    """Give areas of shapes in degrees, in square metres: right to a hundredth for what is small on the globe."""
    return shapely.area(shapes) * _metres_of_degree(shapes)


def _metres_of_degree(shapes: Any) -> Any:
    """Give the square metres of a square degree where shapes lie."""
    middle = shapely.get_y(shapely.centroid(shapes))
    return _DEGREE**2 * np.cos(np.radians(np.nan_to_num(middle)))
