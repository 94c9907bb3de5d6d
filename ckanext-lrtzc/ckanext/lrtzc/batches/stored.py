"""Rows as checks see them: those that a resource has, and those that a batch would bring."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import ckan.model as model
import polars as pl
import sqlalchemy as sa
from psycopg2 import sql

from . import storage
from .domain.analysis import drop_blank
from .domain.casting import Column, cast_column, cast_frame
from .domain.casting import is_missing as missing
from .domain.coltypes import ColumnType
from .domain.pipeline import chunks
from .domain.problems import BatchError
from .domain.rows import frame_of
from .domain.states import State
from .domain.tables import GEOMETRY, POSITION, Source
from .jobs import analyse
from .kinds import KIND
from .loading.loader import types_of
from .loading.tables import work
from .model import Batch
from .preparing import PREPARED, prepared_table
from .proposal import plan_of, table_of

_AT_ONCE = 50_000


@dataclass(frozen=True)
class Stored:
    """A resource's table: its columns with their types in order, and whether rows have a place (`_geometry`)."""

    types: dict[str, ColumnType]
    placed: bool


def stored(resource_id: str) -> Stored | None:
    """Describe a resource's table, by columns of types that are ours; None where it has none."""
    table = table_of(resource_id)
    return None if table is None else Stored(types_of(table.types), GEOMETRY in table.hidden)


def rows_in(
    resource_id: str, types: Mapping[str, ColumnType], *, placed: bool = False, most: int | None = None
) -> Iterator[pl.DataFrame]:
    """Give the rows of a resource in frames as loading makes them: typed columns, `_position`, `_geometry` if `placed`.

    Whoever calls has asked the access decision.

    :param types: columns, with the types of those that the table lacks: all their values are null
    :param most: how many rows at most, the first ones
    """
    table = stored(resource_id)
    if table is None:
        return
    columns = [Column(name, table.types.get(name, kind)) for name, kind in types.items()]
    texts = [sql.SQL("{}::text").format(sql.Identifier(name) if name in table.types else sql.NULL) for name in types]
    place = sql.SQL("upper(encode(ST_AsEWKB({}), 'hex'))").format(sql.Identifier(GEOMETRY)) if placed else sql.NULL
    query = sql.SQL("SELECT {} FROM {} ORDER BY _id LIMIT {}").format(
        sql.SQL(", ").join([sql.Identifier("_id"), place, *texts]), sql.Identifier(resource_id), sql.Literal(most)
    )
    with work() as cursor, cursor.connection.cursor("lrtzc_rows_in") as reader:
        reader.itersize = _AT_ONCE
        reader.execute(query)
        while rows := reader.fetchmany(_AT_ONCE):
            frame = frame_of(
                [column.name for column in columns],
                [row[2:] for row in rows],
                [row[0] for row in rows],
                [row[1] for row in rows] if placed else None,
            )
            yield cast_frame(frame, columns, empty_bad_cells=True).data


def values_in(resource_id: str, name: str, most: int) -> pl.Series | None:
    """Give the different values of a column as text; None where there is no such column, or they are more than `most`.

    Whoever calls has asked the access decision.
    """
    table = stored(resource_id)
    if table is None or name not in table.types:
        return None
    query = sql.SQL("SELECT DISTINCT {column}::text FROM {table} WHERE {column} IS NOT NULL LIMIT {most}").format(
        column=sql.Identifier(name), table=sql.Identifier(resource_id), most=sql.Literal(most + 1)
    )
    with work() as cursor:
        cursor.execute(query)
        values = [value for (value,) in cursor.fetchall()]
    return pl.Series(values, dtype=pl.String) if len(values) <= most else None


def names_in_row(resource_id: str, key: str, value: str, text: str) -> bool:
    """Say whether a row, told apart by a key, holds a text in one of its columns of text.

    Whoever calls has asked the access decision.
    """
    table = stored(resource_id)
    if table is None or key not in table.types:
        return False
    texts = [sql.Identifier(name) for name, kind in table.types.items() if kind is ColumnType.TEXT]
    held = sql.SQL(" OR ").join(sql.SQL("strpos({}, {}) > 0").format(name, sql.Placeholder()) for name in texts)
    query = sql.SQL("SELECT EXISTS (SELECT FROM {} WHERE {} = %s AND ({}))").format(
        sql.Identifier(resource_id), sql.Identifier(key), held
    )
    with work() as cursor:
        cursor.execute(query, [value, *[text] * len(texts)])
        return bool(cursor.fetchone()[0])


def rows_of_batch(batch_id: str, most: int) -> Iterator[pl.DataFrame]:
    """Give the first rows that a batch would bring, as its settings read them. Raises BatchError."""
    batch = Batch.get(batch_id)
    if batch is None or "columns" not in batch.settings:
        return
    left = most
    with (
        storage.local_file(batch) as path,
        prepared_table(
            Source(path, batch.name), batch.settings["table"], storage.limits(), batch.settings.get(PREPARED)
        ) as table,
    ):
        for chunk in chunks(table, plan_of(batch.settings), kept_rows=0):
            yield chunk.data.head(left)
            left -= len(chunk.data)
            if left <= 0:
                return


def readable(values: pl.Series, kind: str) -> pl.Series:
    """Say of each text whether it can be read as a type, as loading reads it: French dates, decimal commas."""
    typed, _bad = cast_column(values, Column("", ColumnType(kind), decimal=","))
    pointed, _bad = cast_column(values, Column("", ColumnType(kind)))
    return typed.is_not_null() | pointed.is_not_null() | missing(values)


def numbers_of(values: pl.Series) -> pl.Series:
    """Give the numbers (Float64) that texts hold, written with a decimal comma or point; null where there is none."""
    typed, _bad = cast_column(values, Column("", ColumnType.FLOAT, decimal=","))
    pointed, _bad = cast_column(values, Column("", ColumnType.FLOAT))
    return typed.fill_null(pointed)


def as_written(values: pl.Series, kind: str) -> pl.Series:
    """Write texts the way values of a type are written (ISO 8601 dates, decimal points); null where they are none."""
    found, _bad = cast_column(values, Column("", ColumnType(kind), decimal=","))
    if kind in (ColumnType.DECIMAL, ColumnType.FLOAT):
        pointed, _bad = cast_column(values, Column("", ColumnType(kind)))
        found = found.fill_null(pointed)
    if kind == ColumnType.BOOLEAN:
        return found.replace_strict({True: "true", False: "false"}, default=None, return_dtype=pl.String)
    if kind == ColumnType.TIMESTAMP:
        return found.dt.strftime("%Y-%m-%dT%H:%M:%S")
    return found.cast(pl.String)


def table_of_batch(batch_id: str, most: int) -> tuple[list[str], pl.DataFrame] | None:
    """Give the columns and the first rows of a batch's file as text, before anything is made of them.

    `_position` is the line that a person would see.

    :returns: None where there is no such batch, or it isn't one of rows. Raises BatchError.
    """
    batch = Batch.get(batch_id)
    if batch is None or KIND in batch.settings or batch.origin == "datastore":
        return None
    asked = dict(batch.settings.get("table") or {})
    with (
        storage.local_file(batch) as path,
        prepared_table(Source(path, batch.name), asked, storage.limits(), None) as table,
    ):
        parts, left = [], most
        for frame in table.frames():
            data, _blank = drop_blank(frame.data)
            parts.append(data.head(left))
            left -= len(data)
            if left <= 0:
                break
        if not parts:
            raise BatchError("header_only")
        data = pl.concat(parts)
        lines = table.locate(sorted(data[POSITION].to_list()))
        seen = pl.Series(POSITION, [lines.get(at, at) for at in data[POSITION]], dtype=pl.Int64)
        return list(table.names), data.with_columns(seen)


def package_of(resource_id: str) -> str | None:
    """Give the dataset of a resource, also of one that is only made once its first batch is integrated."""
    resource = model.Session.get(model.Resource, resource_id)
    if resource is not None:
        return str(resource.package_id)
    return model.Session.scalar(sa.select(Batch.package_id).where(Batch.resource_id == resource_id).limit(1))


def resource_of_batch(batch_id: str) -> str | None:
    """Give the resource that a batch is for; None where there is no such batch."""
    batch = Batch.get(batch_id)
    return batch.resource_id if batch else None


def last_batch(resource_id: str) -> str | None:
    """Give the last batch of a resource whose file is still kept and was a table; None where there is none."""
    query = (
        sa.select(Batch.id)
        .where(Batch.resource_id == resource_id, Batch.origin != "datastore", ~Batch.settings.has_key(KIND))
        .where(~Batch.report.has_key("erased"), Batch.state != State.WITHDRAWN.value)
        .order_by(Batch.created.desc())
        .limit(1)
    )
    return model.Session.scalar(query)


def look_again(resource_id: str) -> None:
    """Have the batches of a resource that wait to be confirmed read again; call after what changed is committed."""
    query = sa.select(Batch.id).where(Batch.resource_id == resource_id, Batch.state == State.ANALYSED.value)
    for batch_id in model.Session.scalars(query).all():
        analyse(batch_id)


def cast(text: str, kind: str) -> pl.Series:
    """Give a text as a series of one value of a type; null where it is none, or empty."""
    values = pl.Series([text or None], dtype=pl.String)
    for decimal in (".", ","):
        typed, _bad = cast_column(values, Column("", ColumnType(kind), decimal=decimal))
        if typed.is_not_null().all():
            break
    return typed
