"""A small map drawn on the server, as SVG: it needs no script, and its colours come from the page's style by class."""

from collections.abc import Iterable, Sequence
from math import cos, radians
from typing import Any
from xml.sax.saxutils import escape

from shapely.errors import ShapelyError
from shapely.geometry import Point, Polygon, box, shape
from shapely.geometry.base import BaseGeometry, BaseMultipartGeometry

WIDTH, HEIGHT = 640, 400
_MARGIN = 0.08
# Degrees: a lone point is shown with some kilometres around it.
_AROUND = 0.02
_RADIUS = 5


def drawn(places: Sequence[dict[str, Any]], contours: Iterable[BaseGeometry], label: str) -> str:
    """Draw GeoJSON geometries (EPSG:4326) within outlines, north above; nothing where there are no places.

    Longitudes are shortened by the cosine of the middle latitude, so that what is square on the ground looks square.
    """
    found = [geometry for place in places if (geometry := _read(place)) is not None]
    if not found:
        return ""
    frame = _Frame(found)
    seen = box(*frame.bounds)
    under = [each.intersection(seen).simplify(frame.step) for each in contours if each.intersects(seen)]
    drawing = "".join(frame.path(each, "validation-outline") for each in under)
    drawing += "".join(frame.path(each, "validation-place") for each in found)
    named = escape(label, {'"': "&quot;"})
    return f'<svg class="validation-map" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{named}">{drawing}</svg>'


def _read(place: dict[str, Any]) -> BaseGeometry | None:
    try:
        geometry = shape(place)
    except (ShapelyError, KeyError, TypeError, ValueError, AttributeError):
        return None
    return None if geometry.is_empty else geometry


class _Frame:
    """From degrees to the picture."""

    def __init__(self, found: Sequence[BaseGeometry]):
        west, south = min(each.bounds[0] for each in found), min(each.bounds[1] for each in found)
        east, north = max(each.bounds[2] for each in found), max(each.bounds[3] for each in found)
        self._across = max(cos(radians((south + north) / 2)), 0.05)
        wide = max((east - west) * self._across, _AROUND) * (1 + 2 * _MARGIN)
        high = max(north - south, _AROUND) * (1 + 2 * _MARGIN)
        self._scale = min(WIDTH / wide, HEIGHT / high)
        self._middle = ((west + east) / 2, (south + north) / 2)
        half = (WIDTH / 2 / self._scale / self._across, HEIGHT / 2 / self._scale)
        x, y = self._middle
        self.bounds = (x - half[0], y - half[1], x + half[0], y + half[1])
        self.step = 1 / self._scale

    def _at(self, point: Sequence[float]) -> str:
        x = WIDTH / 2 + (point[0] - self._middle[0]) * self._across * self._scale
        y = HEIGHT / 2 - (point[1] - self._middle[1]) * self._scale
        return f"{x:.1f} {y:.1f}"

    def path(self, geometry: BaseGeometry, name: str) -> str:
        """Draw a geometry, its parts each."""
        if isinstance(geometry, BaseMultipartGeometry):
            return "".join(self.path(part, name) for part in geometry.geoms)
        if geometry.is_empty:
            return ""
        if isinstance(geometry, Point):
            x, y = self._at(geometry.coords[0]).split()
            return f'<circle class="{name}" cx="{x}" cy="{y}" r="{_RADIUS}"/>'
        if isinstance(geometry, Polygon):
            rings = [geometry.exterior, *geometry.interiors]
            return f'<path class="{name}" d="{"".join(self._line(ring.coords) + "Z" for ring in rings)}"/>'
        return f'<path class="{name} validation-line" d="{self._line(geometry.coords)}"/>'

    def _line(self, coordinates: Iterable[Sequence[float]]) -> str:
        return "M" + "L".join(self._at(point) for point in coordinates)
