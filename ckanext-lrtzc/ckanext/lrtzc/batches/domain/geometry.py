"""Recognise where rows are on the map, and make their geometry in longitude and latitude (EPSG:4326)."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyproj
import shapely

from .coltypes import ColumnType
from .infer import Inference, plain_name
from .problems import Problem
from .tables import GEOMETRY, POSITION

_LAT = re.compile(
    r"^(y?_?lat(itude)?(_?(y|wgs_?84|deg|dd))?|coord(onnees?)?_?y|y_?wgs_?84|(geo_)?lat(itude)?|.*_latitude|.*_lat)$"
)
_LON = re.compile(
    r"^(x?_?(lon|lng|long)(gitude)?(_?(x|wgs_?84|deg|dd))?|coord(onnees?)?_?x|x_?wgs_?84|(geo_)?lon(gitude)?|.*_longitude|.*_lon|.*_lng)$"
)
_X = re.compile(r"^(x|x_?(l93|lambert(_?93)?)|coord_?x(_.*)?|.*_x)$")
_Y = re.compile(r"^(y|y_?(l93|lambert(_?93)?)|coord_?y(_.*)?|.*_y)$")
_PAIR = r"^\s*[\[(]?\s*-?\d{1,3}(?:\.\d+)?\s*[,;]\s*-?\d{1,3}(?:\.\d+)?\s*[\])]?\s*$"
_WKT = r"(?i)^\s*(?:SRID=\d+;)?\s*(?:MULTI)?(?:POINT|LINESTRING|POLYGON|GEOMETRYCOLLECTION)\s*(?:Z|M|ZM)?\s*\("
# heads of what holds other geometries in hexadecimal WKB of either order (OGC 06-103r4, with Z, M and PostGIS's flags)
_HOLDER = re.compile(
    "01(?:0[4-79A-C]0000|(?:E[C-F]|F[1-4])0300|D[4-79A-C]0700|(?:B[C-F]|C[1-4])0B00)[02468ACE]0|"
    "00[02468ACE]000(?:000[4-79A-C]|03(?:E[C-F]|F[1-4])|07D[4-79A-C]|0B(?:B[C-F]|C[1-4]))"
)
_NESTED = 64
_HEXADECIMAL = np.array([list(f"{byte:02X}".encode()) for byte in range(256)], dtype=np.uint8)


@dataclass(frozen=True)
class Geometry:
    """How a table says where its rows are.

    `kind`: `pair` (columns `x` and `y`), `point` (one column with two numbers, `order` latlon or lonlat), `wkt`,
    `geojson` (one column) or `feature` (the format itself). `crs` is the EPSG code the coordinates are in, or a
    description in WKT where they are in a system that has none.
    """

    kind: str
    x: str = ""
    y: str = ""
    column: str = ""
    order: str = "latlon"
    crs: int | str = 4326

    def as_dict(self) -> dict[str, Any]:
        """Give a form that JSON can hold."""
        return asdict(self)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads."""
        return tuple(name for name in (self.x, self.y, self.column) if name)


def _numbers(values: pl.Series) -> pl.Series:
    return values.str.strip_chars().str.replace(",", ".", literal=True).cast(pl.Float64, strict=False).drop_nulls()


def _within(values: pl.Series, low: float, high: float) -> bool:
    found = _numbers(values)
    return len(found) > 0 and bool(found.is_between(low, high).mean() >= 0.95)  # type: ignore[operator]


def _one_column(name: str, values: pl.Series) -> Geometry | None:
    some = values.drop_nulls().head(500)
    some = some.filter(some.str.strip_chars() != "")
    if some.is_empty():
        return None
    if some.str.contains(_WKT).mean() >= 0.9:  # type: ignore[operator]
        return Geometry("wkt", column=name)
    if some.str.contains(r'^\s*\{.*"type"\s*:\s*"(Multi)?(Point|LineString|Polygon)').mean() >= 0.9:  # type: ignore[operator]
        return Geometry("geojson", column=name)
    plain = plain_name(name)
    hinted = re.search(r"geo|coord|lat|lon|position|localisation|xy", plain)
    if hinted and some.str.contains(_PAIR).mean() >= 0.9:  # type: ignore[operator]
        reversed_order = "xy" in plain or "lon_lat" in plain or "lonlat" in plain
        return Geometry("point", column=name, order="lonlat" if reversed_order else "latlon")
    return None


def recognise(frame: pl.DataFrame, inferences: list[Inference]) -> Geometry | None:
    """Find how a table says where its rows are, from a sample of text columns; None if it doesn't."""
    if GEOMETRY in frame.columns:
        return Geometry("feature")
    for inference in inferences:
        if inference.type is ColumnType.TEXT and (found := _one_column(inference.name, frame[inference.name])):
            return found
    numeric = [
        inference.name
        for inference in inferences
        if inference.type in (ColumnType.INTEGER, ColumnType.DECIMAL, ColumnType.FLOAT) or inference.reason == "almost"
    ]
    plain = {name: plain_name(name) for name in numeric}
    lats = [name for name in numeric if _LAT.match(plain[name]) and _within(frame[name], -90, 90)]
    lons = [name for name in numeric if _LON.match(plain[name]) and _within(frame[name], -180, 180)]
    if lats and lons:
        return Geometry("pair", x=lons[0], y=lats[0])
    xs = [name for name in numeric if _X.match(plain[name])]
    ys = [name for name in numeric if _Y.match(plain[name])]
    for x, y in zip(xs, ys, strict=False):
        # the extent of Lambert-93 over metropolitan France, in metres
        if _within(frame[x], 80_000, 1_300_000) and _within(frame[y], 6_000_000, 7_200_000):
            return Geometry("pair", x=x, y=y, crs=2154)
    return None


def _coordinates(frame: pl.DataFrame, spec: Geometry) -> tuple[Any, Any]:
    if spec.kind == "pair":
        x, y = (frame[name].cast(pl.Float64, strict=False) for name in (spec.x, spec.y))
        return x.to_numpy(), y.to_numpy()
    text = frame[spec.column].cast(pl.String)
    pairs = text.str.extract_groups(r"(-?\d{1,3}(?:\.\d+)?)\s*[,;]\s*(-?\d{1,3}(?:\.\d+)?)").struct.unnest()
    first, second = (pairs[name].cast(pl.Float64, strict=False).to_numpy() for name in pairs.columns)
    return (second, first) if spec.order == "latlon" else (first, second)


def _parsed(text: pl.Series, kind: str) -> Any:
    """Give an array of geometries, None where the text isn't one. Text is WKT, GeoJSON or hexadecimal WKB."""
    values = np.array([_readable(value, kind) for value in text.to_list()], dtype=object)
    found = np.full(len(values), None, dtype=object)
    written = np.array([0 if value is None else 1 + value.startswith("{") for value in values])
    plain = shapely.from_wkt if kind == "wkt" else shapely.from_wkb
    # coordinates that are no numbers are found below, not told by warnings
    with np.errstate(invalid="ignore"):
        for sort, parse in ((1, plain), (2, shapely.from_geojson)):
            if (chosen := written == sort).any():
                found[chosen] = _shapes(parse, values[chosen])
    numbers, places = shapely.get_coordinates(found, return_index=True)
    found[places[~np.isfinite(numbers).all(axis=1)]] = None
    return found


def _readable(value: str | None, kind: str) -> str | None:
    """Give the text of a geometry as it can be read; None where there is none, or none that may be read."""
    value = (value or "").strip()
    if kind == "wkt":
        value = re.sub(r"^SRID=\d+;", "", value, flags=re.IGNORECASE)
    return None if not value or too_nested(value, kind) else value


def _shapes(parse: Any, values: Any) -> Any:
    try:
        return parse(values, on_invalid="ignore")
    except NotImplementedError:
        if len(values) == 1:
            # circles and curves
            return [None]
        half = len(values) // 2
        return np.concatenate([_shapes(parse, values[:half]), _shapes(parse, values[half:])])


def too_nested(value: str, kind: str) -> bool:
    """Say whether a geometry may hold others within others deeper than GEOS reads before it runs out of stack.

    What holds others is counted where that is enough: no geometry that means something has that many within.
    """
    if kind == "wkt":
        return len(re.findall("(?i)collection|curve|surface", value)) > _NESTED
    if not value.startswith("{"):
        value = value.upper()
        return _HOLDER.match(value) is not None and len(_HOLDER.findall(value)) > _NESTED
    if value.count("{") <= _NESTED:
        return False
    try:
        return _depth(json.loads(value)) > _NESTED
    except (ValueError, RecursionError):
        return True


def _depth(value: Any) -> int:
    """Give how deep objects stand in each other."""
    level, deepest = [value], 0
    while level:
        deepest += any(isinstance(one, dict) for one in level)
        level = [
            inner
            for one in level
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, (dict, list))
        ]
    return deepest


def _projected(shapes: Any, crs: int | str) -> Any:
    if crs == 4326:
        return shapes
    change = pyproj.Transformer.from_crs(crs, 4326, always_xy=True).transform
    return shapely.transform(shapes, lambda points: np.column_stack(change(points[:, 0], points[:, 1])))


def _problems(positions: list[int], places: Any, code: str, column: str, reasons: Any = None) -> list[Problem]:
    found: list[Problem] = []
    for place in places:
        params = {} if reasons is None else {"reason": str(reasons[place])}
        found.append(Problem(code, params, line=positions[place], column=column or None))
    return found


@dataclass
class Located:
    """A chunk with its geometry: `data` has a String column `_geometry` (hexadecimal EWKB, EPSG:4326)."""

    data: pl.DataFrame
    refused: list[Problem]
    corrected: list[Problem]


def _point_text(x: Any, y: Any, present: Any) -> pl.Series:
    """Write points as hexadecimal EWKB in EPSG:4326 (PostGIS's extension of OGC 06-103r4), null where not `present`.

    A million points made one by one would cost more than all the rest of loading.
    """
    count = len(x)
    binary = np.empty((count, 25), dtype=np.uint8)
    binary[:, :9] = np.frombuffer(bytes.fromhex("0101000020E6100000"), dtype=np.uint8)
    binary[:, 9:17] = np.ascontiguousarray(x, dtype="<f8").view(np.uint8).reshape(count, 8)
    binary[:, 17:] = np.ascontiguousarray(y, dtype="<f8").view(np.uint8).reshape(count, 8)
    offsets = np.arange(0, 50 * count + 1, 50, dtype=np.int32)
    text = pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(_HEXADECIMAL[binary].tobytes()))
    return pl.Series(pl.from_arrow(text)).zip_with(pl.Series(present), pl.Series([None], dtype=pl.String))


def _locate_points(frame: pl.DataFrame, spec: Geometry) -> Located:
    x, y = _coordinates(frame, spec)
    if spec.crs != 4326:
        x, y = pyproj.Transformer.from_crs(spec.crs, 4326, always_xy=True).transform(x, y)
    present = np.isfinite(x) & np.isfinite(y)
    outside = present & ((np.abs(x) > 180) | (np.abs(y) > 90))
    unreadable = np.zeros(len(frame), dtype=bool)
    if spec.kind == "point":
        empty = frame[spec.column].str.strip_chars().is_in(["", "-"]).fill_null(True).to_numpy()
        unreadable = ~present & ~empty
    found = frame.with_columns(_point_text(x, y, present).alias(GEOMETRY))
    return _sorted_out(found, spec, outside, unreadable, [])


def _locate_shapes(frame: pl.DataFrame, spec: Geometry) -> Located:
    text = frame[GEOMETRY if spec.kind == "feature" else spec.column].cast(pl.String)
    shapes = _parsed(text, spec.kind)
    unreadable = text.is_not_null().to_numpy() & (shapely.is_missing(shapes))
    # what is there without a point has no place
    shapes[shapely.is_empty(shapes)] = None
    shapes = _projected(shapely.force_2d(shapes), spec.crs)
    filled = ~shapely.is_missing(shapes)
    bounds = np.nan_to_num(shapely.bounds(shapes), nan=0.0, posinf=1e9, neginf=-1e9)
    outside = filled & ((np.abs(bounds[:, [0, 2]]) > 180).any(axis=1) | (np.abs(bounds[:, [1, 3]]) > 90).any(axis=1))
    broken = filled & ~outside & ~shapely.is_valid(shapes)
    corrected: list[Problem] = []
    if broken.any():
        reasons = shapely.is_valid_reason(shapes)
        positions = frame[POSITION].to_list()
        corrected = _problems(positions, np.flatnonzero(broken), "geometry_repaired", spec.column, reasons)
        shapes[broken] = shapely.make_valid(shapes[broken])
    hexadecimal = shapely.to_wkb(shapely.set_srid(shapes, 4326), hex=True, include_srid=True)
    found = frame.with_columns(pl.Series(GEOMETRY, list(hexadecimal), dtype=pl.String))
    return _sorted_out(found, spec, outside, unreadable, corrected, text)


def _sorted_out(
    found: pl.DataFrame, spec: Geometry, outside: Any, unreadable: Any, corrected: list[Problem], text: Any = None
) -> Located:
    """Take out the rows whose geometry is outside the world or can't be read."""
    if not (outside.any() or unreadable.any()):
        return Located(found, [], corrected)
    positions, column = found[POSITION].to_list(), spec.column or spec.x
    text = found[spec.column] if text is None and spec.column else text
    refused = _problems(positions, np.flatnonzero(outside), "geometry_outside", column)
    for place in np.flatnonzero(unreadable):
        reason = {"reason": _excerpt(str(text[int(place)]))}
        refused.append(Problem("geometry_unreadable", reason, line=positions[place], column=column or None))
    return Located(found.filter(pl.Series(~(outside | unreadable))), refused, corrected)


def locate(frame: pl.DataFrame, spec: Geometry) -> Located:
    """Add the geometry of each row of a typed chunk.

    Rows without coordinates have none; rows whose geometry can't be read, or lies outside the world, are refused; areas
    that cross themselves are repaired (shapely's `make_valid`) and reported as corrected.
    """
    return (_locate_points if spec.kind in ("pair", "point") else _locate_shapes)(frame, spec)


def _excerpt(value: str) -> str:
    return value if len(value) <= 60 else value[:59] + "…"


def crs_of_geojson(declared: Any) -> int:
    """Give the EPSG code of GeoJSON's former `crs` member (GeoJSON 2008, section 3); 4326 when it says nothing known.

    >>> crs_of_geojson({"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}})
    2154
    """
    found = re.search(r"EPSG:+(?:[\d.]*:)?(\d{4,6})", json.dumps(declared))
    return int(found.group(1)) if found else 4326
