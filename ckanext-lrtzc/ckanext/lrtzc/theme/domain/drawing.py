"""A light map of the territory: contours as SVG paths in whole units, small enough to stand in a page.

Plate carrée at the territory's latitude: x is shortened by the cosine of the mean latitude, which is exact enough for a
territory of some tens of kilometres.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians

from shapely.geometry.base import BaseGeometry

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Shape:
    """One place: its SVG path, and where its name can stand, in units of the drawing."""

    path: str
    x: int
    y: int


@dataclass(frozen=True)
class Drawing:
    """Shapes by code, in a viewBox of `width` by `height` units."""

    width: int
    height: int
    shapes: Mapping[str, Shape]


def draw(contours: Mapping[str, BaseGeometry], box: Box, width: int = 600, margin: int = 8) -> Drawing:
    """Draw contours given in degrees.

    :param contours: polygons by code, EPSG:4326.
    :param box: west, south, east, north of what is drawn.
    :param width: of the drawing, in units; the height follows.
    """
    west, south, east, north = box
    squeeze = cos(radians((south + north) / 2))
    scale = (width - 2 * margin) / ((east - west) * squeeze)
    height = round((north - south) * scale) + 2 * margin

    def place(point: Sequence[float]) -> tuple[int, int]:
        return round((point[0] - west) * squeeze * scale) + margin, round((north - point[1]) * scale) + margin

    shapes: dict[str, Shape] = {}
    for code, contour in contours.items():
        inside = contour.representative_point()
        x, y = place((inside.x, inside.y))
        shapes[code] = Shape("".join(_ring(map(place, ring)) for ring in _rings(contour)), x, y)
    return Drawing(width, height, shapes)


LETTER, LINE = 10, 22
"""Width of a letter and height of a line of the map's names, in units of the drawing."""


def names_that_fit(places: Iterable[tuple[str, str, int, int]], width: int, most: int) -> set[str]:
    """Choose whose names are written: the first ones that overlap no other and stay inside.

    :param places: code, name, and where the middle of the name stands, the most important first.
    :param width: of the drawing.
    :param most: how many names at most.
    """
    taken: list[tuple[float, float, float, float]] = []
    chosen: set[str] = set()
    for code, name, x, y in places:
        half = len(name) * LETTER / 2
        box = (x - half, y - LINE / 2, x + half, y + LINE / 2)
        fits = box[0] >= 0 and box[2] <= width
        if fits and not any(_overlap(box, other) for other in taken):
            taken.append(box)
            chosen.add(code)
        if len(chosen) == most:
            break
    return chosen


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _rings(contour: BaseGeometry) -> Iterator[Sequence[Sequence[float]]]:
    for polygon in getattr(contour, "geoms", [contour]):
        yield polygon.exterior.coords
        for interior in polygon.interiors:
            yield interior.coords


def _ring(points: Iterable[tuple[int, int]]) -> str:
    """Write a closed ring in relative steps; points that fall on the one before are left out."""
    steps: list[str] = []
    before: tuple[int, int] | None = None
    for x, y in points:
        if before is None:
            steps.append(f"M{x} {y}l")
        elif (x, y) != before:
            steps.append(f"{x - before[0]} {y - before[1]} ")
        before = (x, y)
    return "".join(steps).rstrip() + "z" if len(steps) > 3 else ""
