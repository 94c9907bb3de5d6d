"""Geometry of a dataset's coverage: read safely, its box, and a size that a catalogue page can carry."""

import json
import math
from collections.abc import Iterable, Iterator
from typing import Any

from .site import Commune
from .values import from_json

_DEPTH = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
_MOST_POSITIONS = 2000
Box = tuple[float, float, float, float]


def geometry(value: object) -> dict[str, Any] | None:
    """Give a GeoJSON geometry (RFC 7946) from a dict or a text; None when it is broken or outside the globe.

    Coordinates are in degrees, longitude first. A geometry of more than 2,000 positions is replaced by its box:
    one dataset must not make a page of a hundred unreadable.
    """
    raw = from_json(value) if isinstance(value, str) else value
    if not isinstance(raw, dict):
        return None
    kind, coordinates = raw.get("type"), raw.get("coordinates")  # pyright: ignore
    if not isinstance(kind, str) or kind not in _DEPTH:
        return None
    try:
        checked = _checked(coordinates, _DEPTH[kind])
    except (TypeError, ValueError, RecursionError):
        return None
    positions = list(_positions(checked, _DEPTH[kind]))
    if not positions:
        return None
    if kind in {"Polygon", "MultiPolygon"}:
        polygons = [checked] if kind == "Polygon" else checked
        if any(len(ring) < 4 or ring[0] != ring[-1] for polygon in polygons for ring in polygon):
            return None
    if len(positions) > _MOST_POSITIONS:
        return box_geometry(_box_of(positions))
    return {"type": kind, "coordinates": checked}


def _checked(value: Any, depth: int) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise TypeError
    members: list[Any] = list(value)  # pyright: ignore[reportUnknownArgumentType]
    if depth:
        return [_checked(member, depth - 1) for member in members]
    if len(members) < 2 or any(isinstance(n, bool) or not isinstance(n, int | float) for n in members):
        raise ValueError
    longitude, latitude = float(members[0]), float(members[1])
    if not (math.isfinite(longitude) and math.isfinite(latitude) and abs(longitude) <= 180 and abs(latitude) <= 90):
        raise ValueError
    return [round(longitude, 6), round(latitude, 6)]


def _positions(value: list[Any], depth: int) -> Iterator[list[float]]:
    if depth:
        for member in value:
            yield from _positions(member, depth - 1)
    else:
        yield value


def _box_of(positions: Iterable[list[float]]) -> Box:
    longitudes, latitudes = zip(*positions, strict=True)
    return min(longitudes), min(latitudes), max(longitudes), max(latitudes)


def box(found: dict[str, Any]) -> Box:
    """Give (west, south, east, north) in degrees of a geometry that `geometry` accepted."""
    return _box_of(_positions(found["coordinates"], _DEPTH[found["type"]]))


def box_geometry(of: Box) -> dict[str, Any]:
    """Give a box as a polygon."""
    west, south, east, north = of
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def box_of_communes(communes: Iterable[Commune]) -> Box | None:
    """Give the box around the communes whose outline is known, or None."""
    boxes = [commune.box for commune in communes if commune.box]
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)


def wkt(found: dict[str, Any]) -> str:
    """Give a geometry that `geometry` accepted as Well-Known Text."""

    def write(value: list[Any], depth: int) -> str:
        if not depth:
            return f"{_plain(value[0])} {_plain(value[1])}"
        return "(" + ", ".join(write(member, depth - 1) for member in value) + ")"

    depth = _DEPTH[found["type"]]
    inner = write(found["coordinates"], depth)
    return f"{found['type'].upper()} {inner if depth else f'({inner})'}"


def _plain(number: float) -> str:
    return f"{number or 0:.6f}".rstrip("0").rstrip(".")


def as_text(found: dict[str, Any]) -> str:
    """Give a geometry as compact GeoJSON text."""
    return json.dumps(found, separators=(",", ":"))
