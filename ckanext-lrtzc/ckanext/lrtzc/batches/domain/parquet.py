"""Parquet and GeoParquet, read by row groups."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from .coltypes import ColumnType
from .geometry import crs_of_geojson
from .headers import clean_headers
from .limits import Limits, readable_size
from .problems import BatchError, Problem
from .rows import as_text
from .tables import GEOMETRY, POSITION, Frame, Source


def _column_type(kind: pa.DataType) -> ColumnType:
    types = pa.types
    if types.is_boolean(kind):
        return ColumnType.BOOLEAN
    if types.is_uint64(kind) or types.is_decimal(kind):
        return ColumnType.DECIMAL
    if types.is_integer(kind):
        return ColumnType.INTEGER
    if types.is_floating(kind):
        return ColumnType.FLOAT
    if types.is_date(kind):
        return ColumnType.DATE
    if types.is_timestamp(kind):
        return ColumnType.TIMESTAMP
    return ColumnType.TEXT


class ParquetTable:
    """A Parquet file; its types are its own. Geometry of GeoParquet's primary column (WKB) is read."""

    def __init__(self, source: Source, settings: dict[str, Any], limits: Limits):
        self.source, self.limits = source, limits
        self.problems: list[Problem] = []
        try:
            file = pq.ParquetFile(source.path)
            schema = file.schema_arrow
            size = sum(file.metadata.row_group(group).total_byte_size for group in range(file.metadata.num_row_groups))
        except (pa.ArrowException, OSError) as error:
            raise BatchError("bad_parquet", reason=str(error)[:160]) from error
        if size > limits.zip_bytes:
            raise BatchError("zip_bomb", limit=readable_size(limits.zip_bytes))
        self._rows = max(file.metadata.num_rows, 1)
        self._geometry, crs = self._primary(schema)
        self.settings: dict[str, Any] = {"crs": settings.get("crs") or crs} if self._geometry else {}
        fields = [field for field in schema if field.name != self._geometry]
        self._sources = [field.name for field in fields]
        self.headers = self._sources
        self.names, changes = clean_headers(self._sources)
        self.problems += changes
        self.native = {name: _column_type(field.type) for name, field in zip(self.names, fields, strict=True)}

    @staticmethod
    def _primary(schema: pa.Schema) -> tuple[str | None, int]:
        """Give the geometry column and its EPSG code (GeoParquet 1.1: PROJJSON, absent means longitude, latitude)."""
        try:
            geo = json.loads((schema.metadata or {})[b"geo"])
            column = geo["columns"][geo["primary_column"]]
        except (KeyError, ValueError, TypeError):
            return None, 4326
        if column.get("encoding") != "WKB":
            return None, 4326
        identity = (column.get("crs") or {}).get("id") or {}
        return geo["primary_column"], crs_of_geojson(f"EPSG:{identity.get('code')}")

    def _text(self, values: pa.Array) -> pl.Series:
        kind = values.type
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            return pl.Series(pl.from_arrow(values)).replace("", None)
        if pa.types.is_integer(kind) or pa.types.is_decimal(kind) or pa.types.is_boolean(kind):
            return pl.Series(pl.from_arrow(values)).cast(pl.String)
        if pa.types.is_date(kind):
            return pl.Series(pl.from_arrow(values)).cast(pl.Date).dt.to_string("%Y-%m-%d")
        if pa.types.is_timestamp(kind):
            series = pl.Series(pl.from_arrow(values))
            if kind.tz:
                series = series.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
            return series.dt.to_string("%Y-%m-%dT%H:%M:%S%.f")
        if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
            return pl.Series([None if v is None else v.hex() for v in values.to_pylist()], dtype=pl.String)
        return pl.Series([as_text(value) for value in values.to_pylist()], dtype=pl.String)

    def frames(self) -> Iterator[Frame]:
        """Give the rows; positions count them from 1."""
        position = 0
        try:
            file = pq.ParquetFile(self.source.path)
            for batch in file.iter_batches(batch_size=self.limits.chunk_rows):
                found = pa.Table.from_batches([batch])
                columns = [
                    self._text(found[place].combine_chunks()).alias(name)
                    for name, place in zip(self.names, map(found.schema.get_field_index, self._sources), strict=True)
                ]
                if self._geometry:
                    shapes = found[self._geometry].to_pylist()
                    columns.append(pl.Series(GEOMETRY, [v.hex() if v else None for v in shapes], dtype=pl.String))
                places = range(position + 1, position + len(found) + 1)
                position += len(found)
                columns.append(pl.Series(POSITION, places, dtype=pl.Int64))
                yield Frame(pl.DataFrame(columns), done=position / self._rows)
        except (pa.ArrowException, OSError) as error:
            raise BatchError("bad_parquet", reason=str(error)[:160]) from error

    def locate(self, positions: list[int]) -> dict[int, int]:
        """Give back the row numbers."""
        return {position: position for position in positions}
