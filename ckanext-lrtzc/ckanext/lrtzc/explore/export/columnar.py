"""Parquet, with GeoParquet 1.1 metadata where there is geometry."""

import io
import json
import math
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from ckanext.lrtzc.explore.export.writer import Batches, Writer
from ckanext.lrtzc.tabular.domain.columns import Column, Kind

GROUP = 50_000
_GEOMETRY_NAME = "geometry"
_SECONDS_LIMIT = 9e12
_TYPES = {
    Kind.TEXT: pa.string(),
    Kind.OTHER: pa.string(),
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.DATE: pa.date32(),
}


def _type(column: Column) -> pa.DataType:
    if column.kind is Kind.DATETIME:
        return pa.timestamp("us", tz="UTC") if column.zoned else pa.timestamp("us")
    return _TYPES[column.kind]


class ParquetWriter(Writer):
    """Parquet: the types of the table, Zstandard, the dictionary's words in the metadata of the fields.

    Decimal numbers become doubles (15 significant digits); days and instants that are infinite become missing.
    """

    name = "parquet"
    mimetype = "application/vnd.apache.parquet"

    def expression(self, raw: sa.ColumnElement[Any], column: Column) -> sa.ColumnElement[Any]:
        """Read times as numbers, since Python's own stop at the year 9999."""
        finite = sa.case((sa.func.isfinite(raw), raw))
        if column.kind is Kind.DATE:
            return finite - sa.cast(sa.literal("1970-01-01"), sa.Date())
        if column.kind is Kind.DATETIME:
            seconds = sa.extract("epoch", finite)
            return sa.case((sa.func.abs(seconds) < _SECONDS_LIMIT, sa.cast(seconds * 1_000_000, sa.BigInteger())))
        if column.kind is Kind.NUMBER:
            return sa.case((sa.func.abs(raw) < 1e300, sa.cast(raw, sa.Double())))
        return super().expression(raw, column)

    def geometry(self, raw: sa.ColumnElement[Any]) -> sa.ColumnElement[Any] | None:
        """Read the geometry as WKB."""
        return sa.func.ST_AsBinary(raw) if self.has_geometry else None

    def _schema(self) -> pa.Schema:
        fields = []
        for column in self.columns:
            said = {"label": column.label, "description": column.notes, "unit": column.unit, "concept": column.concept}
            fields.append(
                pa.field(column.id, _type(column), metadata={name: text for name, text in said.items() if text})
            )
        metadata = {"title": self.title}
        if self.has_geometry:
            name = _GEOMETRY_NAME
            while any(column.id == name for column in self.columns):
                name += "_"
            fields.append(pa.field(name, pa.binary()))
            encoding = {name: {"encoding": "WKB", "geometry_types": []}}
            metadata["geo"] = json.dumps({"version": "1.1.0", "primary_column": name, "columns": encoding})
        return pa.schema(fields, metadata=metadata)

    def write(self, batches: Batches) -> Iterator[bytes]:
        """Write row groups as batches fill them."""
        schema = self._schema()
        sink = io.BytesIO()
        pending: list[Any] = []
        with pq.ParquetWriter(pa.PythonFile(_Forward(sink), mode="w"), schema, compression="zstd") as writer:
            for batch in batches:
                pending.extend(batch)
                if len(pending) * max(1, len(self.columns)) >= GROUP * 12 or len(pending) >= GROUP:
                    writer.write_table(self._table(pending, schema))
                    pending.clear()
                yield _take(sink)
            writer.write_table(self._table(pending, schema))
        yield _take(sink)

    def _table(self, rows: list[Any], schema: pa.Schema) -> pa.Table:
        values = list(zip(*rows, strict=True)) or [()] * len(schema)
        return pa.table([_array(value, kind) for value, kind in zip(values, schema.types, strict=True)], schema=schema)


def _array(values: Any, kind: pa.DataType) -> pa.Array:
    if pa.types.is_date32(kind):
        return pa.array([value if value is None or abs(value) < 2**31 else None for value in values], pa.int32()).cast(
            kind
        )
    if pa.types.is_timestamp(kind):
        return pa.array(values, pa.int64()).cast(kind)
    if pa.types.is_floating(kind):
        return pa.array([value if value is None or not math.isnan(value) else None for value in values], kind)
    if pa.types.is_binary(kind):
        return pa.array([None if value is None else bytes(value) for value in values], kind)
    return pa.array(values, kind)


class _Forward(io.RawIOBase):
    """Gives pyarrow a file that only goes forward, whatever is taken out of the buffer behind it."""

    def __init__(self, sink: io.BytesIO):
        super().__init__()
        self._sink, self._position = sink, 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        written = self._sink.write(data)
        self._position += written
        return written

    def tell(self) -> int:
        return self._position


def _take(sink: io.BytesIO) -> bytes:
    taken = sink.getvalue()
    sink.seek(0)
    sink.truncate()
    return taken
