"""Geometries as partners write them (GeoJSON or WKT), brought to GeoJSON in longitude and latitude."""

import json
import math
import re
from typing import Any

from shapely import from_wkt
from shapely.errors import ShapelyError
from shapely.geometry import mapping, shape

_CRS = re.compile(r"^\s*(?:<([^>]*)>|SRID=(\d+);)\s*", re.IGNORECASE)
MAX_TEXT = 200_000


def geometry_of_text(text: str) -> dict[str, Any] | None:
    """Give the GeoJSON geometry in `text` (GeoJSON or WKT), or nothing when it holds none that is sound."""
    text = text.strip()
    if not text or len(text) > MAX_TEXT:
        return None
    try:
        if text.startswith("{"):
            return sound(json.loads(text))
        match = _CRS.match(text)
        place = from_wkt(text[match.end() :] if match else text)
        latitude_first = bool(match and match.group(1) and match.group(1).endswith("/EPSG/0/4326"))
        geometry = mapping(place)
        return sound(_swapped(geometry) if latitude_first else dict(geometry))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, ShapelyError):
        return None


def sound(geometry: Any) -> dict[str, Any] | None:
    """Give `geometry` when it is a valid GeoJSON one within the world, repaired where a repair exists."""
    if not isinstance(geometry, dict):
        return None
    try:
        if geometry.get("type") == "Feature":
            return sound(geometry.get("geometry"))
        figure = shape(geometry)
        if figure.is_empty:
            return None
        figure = figure if figure.is_valid else figure.buffer(0)
        bounds = figure.bounds
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError, ShapelyError):
        return None
    if figure.is_empty or not all(math.isfinite(edge) for edge in bounds):
        return None
    west, south, east, north = bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        return None
    return json.loads(json.dumps(mapping(figure)))


def box(west: float, south: float, east: float, north: float) -> dict[str, Any] | None:
    """Give a rectangle (degrees) as a polygon, or a point where it has no extent."""
    if west == east and south == north:
        return sound({"type": "Point", "coordinates": [west, south]})
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return sound({"type": "Polygon", "coordinates": [ring]})


def _swapped(geometry: Any) -> Any:
    def swap(values: Any) -> Any:
        if values and isinstance(values[0], (int, float)):
            return [values[1], values[0], *values[2:]]
        return [swap(value) for value in values]

    return {"type": geometry["type"], "coordinates": swap(geometry["coordinates"])}
