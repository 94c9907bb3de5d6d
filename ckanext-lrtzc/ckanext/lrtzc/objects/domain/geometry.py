"""The area that an object is about: GeoJSON in WGS 84 (RFC 7946), checked, repaired, and light."""

import json
import math
from collections.abc import Mapping
from typing import Any, cast

import shapely
from shapely.geometry import box, mapping, shape
from shapely.geometry.base import BaseGeometry

from ckanext.lrtzc.objects.domain.errors import BadValueError

MAX_INPUT = 1_000_000
MAX_VERTICES = 4_000
GRID = 1e-6
"""Coordinates are kept to six decimals of a degree, about ten centimetres."""

_NOT_GEOJSON = "The area is not a GeoJSON geometry (Point, LineString, Polygon, or several of them)."


def _geometry_of(data: Mapping[str, Any]) -> BaseGeometry:
    kind = data.get("type")
    if kind == "Feature":
        return shape(data.get("geometry") or {})
    if kind == "FeatureCollection":
        features = cast("list[Mapping[str, Any]]", data.get("features"))
        return shapely.union_all([shape(feature["geometry"]) for feature in features])
    return shape(dict(data))


def lighten(geometry: BaseGeometry, vertices: int = MAX_VERTICES) -> BaseGeometry:
    """Give `geometry`, simplified by as little as brings it to at most `vertices` points, else its bounding box."""
    tolerance = 1e-4
    while shapely.get_num_coordinates(geometry) > vertices and tolerance < 1:
        geometry = shapely.simplify(geometry, tolerance)
        tolerance *= 2
    return geometry if shapely.get_num_coordinates(geometry) <= vertices else box(*geometry.bounds)


def to_geojson(geometry: BaseGeometry) -> str:
    """Give `geometry` as compact GeoJSON text, coordinates on the grid of `GRID` degrees."""
    snapped = shapely.set_precision(geometry, GRID)
    return json.dumps(mapping(geometry if snapped.is_empty else snapped), separators=(",", ":"))


def read_geometry(value: str | Mapping[str, Any]) -> BaseGeometry:
    """Read a GeoJSON geometry, feature or collection of features; broken rings are repaired.

    :param value: text of at most `MAX_INPUT` characters, or what it holds once parsed
    :raises BadValueError: not GeoJSON, too big, empty, or out of the world (−180…180, −90…90 degrees)
    """
    try:
        if isinstance(value, str):
            if len(value) > MAX_INPUT:
                raise BadValueError("The area is drawn with too much detail: simplify it under one megabyte.")
            value = json.loads(value)
        if not isinstance(value, Mapping):
            raise BadValueError(_NOT_GEOJSON)
        geometry = shapely.force_2d(_geometry_of(value))
        if geometry.is_empty:
            raise BadValueError("The area is empty: draw it, or choose communes.")
        if not all(math.isfinite(number) for number in geometry.bounds):
            raise BadValueError(_NOT_GEOJSON)
        west, south, east, north = geometry.bounds
        if west < -180 or east > 180 or south < -90 or north > 90:
            raise BadValueError(
                "The area lies out of the world: longitudes go from −180 to 180 and latitudes from −90 to 90 (WGS 84)."
            )
        if not geometry.is_valid:
            geometry = shapely.make_valid(geometry)
    except BadValueError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, shapely.errors.ShapelyError):
        raise BadValueError(_NOT_GEOJSON) from None
    return geometry


def clean_geometry(value: str | Mapping[str, Any]) -> str:
    """Give a GeoJSON geometry as canonical text: valid, in the world, at most `MAX_VERTICES` points."""
    if isinstance(value, str) and not value.strip():
        return ""
    return to_geojson(lighten(read_geometry(value)))


def box_geometry(west: str, south: str, east: str, north: str) -> str:
    """Give the GeoJSON of a bounding box given by four numbers in degrees; decimal commas are understood.

    :raises BadValueError: a number is missing, unreadable, out of the world, or the box is inside out
    """
    names = ("west", "south", "east", "north")
    numbers: list[float] = []
    for name, text in zip(names, (west, south, east, north), strict=True):
        try:
            number = float(text.strip().replace(",", ".").replace("−", "-"))
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise BadValueError(
                "Give four numbers of degrees, for instance −1.25 for a longitude ({name} is missing).", name=name
            )
        numbers.append(number)
    if not (numbers[0] < numbers[2] and numbers[1] < numbers[3]):
        raise BadValueError("The west limit must be smaller than the east one, and the south smaller than the north.")
    return clean_geometry(mapping(box(numbers[0], numbers[1], numbers[2], numbers[3])))


def index_wkt(value: str | Mapping[str, Any], vertices: int = 500) -> str | None:
    """Give what the search engine's geometry field takes, or nothing when the geometry can't be read."""
    try:
        geometry = lighten(read_geometry(value), vertices)
    except BadValueError:
        return None
    return shapely.to_wkt(geometry, rounding_precision=5) if geometry.is_valid else box(*geometry.bounds).wkt


def bounds(value: str | Mapping[str, Any]) -> tuple[float, float, float, float] | None:
    """Give west, south, east, north in degrees, or nothing when the geometry can't be read."""
    try:
        west, south, east, north = read_geometry(value).bounds
    except BadValueError:
        return None
    return west, south, east, north
