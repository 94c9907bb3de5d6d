"""CSV, JSON and GeoJSON."""

import csv
import io
import json
import math
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from ckanext.lrtzc.explore.domain.spreadsheet import harmless
from ckanext.lrtzc.explore.export.writer import Batches, Writer

# About a centimetre.
_DEGREE_DIGITS = 7


class CsvWriter(Writer):
    """CSV (RFC 4180), UTF-8, ISO dates, a point in numbers; no cell can be run as a formula."""

    name = "csv"
    mimetype = "text/csv; charset=utf-8"

    def geometry(self, raw: sa.ColumnElement[Any]) -> sa.ColumnElement[Any] | None:
        """Write the geometry as GeoJSON in a last column."""
        return sa.func.ST_AsGeoJSON(raw, _DEGREE_DIGITS) if self.has_geometry else None

    def write(self, batches: Batches) -> Iterator[bytes]:
        """Write the header, then the rows."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, delimiter=self.options.delimiter, lineterminator="\r\n")
        if self.options.mark:
            buffer.write("\ufeff")
        header = [harmless(column.id) for column in self.columns]
        writer.writerow([*header, "geometry"] if self.has_geometry else header)
        yield _drain(buffer)
        for batch in batches:
            writer.writerows([_cell(value) for value in row] for row in batch)
            yield _drain(buffer)


def _drain(buffer: io.StringIO) -> bytes:
    chunk = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return chunk


def _cell(value: Any) -> Any:
    match value:
        case str():
            return harmless(value.replace("\0", ""))
        case bool():
            return "true" if value else "false"
        case Decimal():
            return f"{value:f}" if value.is_finite() else ""
        case float():
            return repr(value) if math.isfinite(value) else ""
        case _:
            return value


def _number(value: Any) -> Any:
    """Give what JSON can hold: finite numbers, digits as they are."""
    match value:
        case Decimal():
            if not value.is_finite():
                return None
            return int(value) if value == value.to_integral_value() and abs(value.adjusted()) < 40 else float(value)
        case float():
            return value if math.isfinite(value) else None
        case _:
            return value


def _dumps(record: Any) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


class JsonWriter(Writer):
    """JSON: a list of objects, one a line, whose names are those of the columns."""

    name = "json"
    mimetype = "application/json"

    def write(self, batches: Batches) -> Iterator[bytes]:
        """Write the rows as objects."""
        names = [column.id for column in self.columns]
        lead = "[\n"
        for batch in batches:
            records = [_dumps(dict(zip(names, map(_number, row), strict=True))) for row in batch]
            if records:
                yield (lead + ",\n".join(records)).encode()
                lead = ",\n"
        yield b"[]\n" if lead == "[\n" else b"\n]\n"


class GeoJsonWriter(Writer):
    """GeoJSON (RFC 7946): a collection of features whose properties are the columns."""

    name = "geojson"
    mimetype = "application/geo+json"
    needs_geometry = True

    def geometry(self, raw: sa.ColumnElement[Any]) -> sa.ColumnElement[Any] | None:
        """Read the geometry as the database writes it, rings in the order of RFC 7946."""
        return sa.func.ST_AsGeoJSON(sa.func.ST_ForcePolygonCCW(raw), _DEGREE_DIGITS)

    def write(self, batches: Batches) -> Iterator[bytes]:
        """Write the rows as features."""
        names = [column.id for column in self.columns]
        lead = '{"type":"FeatureCollection","features":[\n'
        yield lead.encode()
        first = True
        for batch in batches:
            features = [_feature(names, row) for row in batch]
            if features:
                yield (("" if first else ",\n") + ",\n".join(features)).encode()
                first = False
        yield b"\n]}\n"


def _feature(names: list[str], row: Any) -> str:
    properties = _dumps(dict(zip(names, map(_number, row[:-1]), strict=True)))
    return f'{{"type":"Feature","geometry":{row[-1] or "null"},"properties":{properties}}}'
