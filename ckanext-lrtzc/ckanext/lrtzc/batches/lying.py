"""Rows that a resource has already, as those of a batch come to lie beside them: found by the index of places."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import polars as pl
import psycopg2.errors
from psycopg2 import sql

from .domain.coltypes import ColumnType
from .domain.tables import GEOMETRY
from .loading.tables import work
from .proposal import table_of

MOST_SECONDS = 600
"""Surfaces that lie so unluckily that it takes longer are not compared."""
_AT_ONCE = 1_000
_KEYS_AT_ONCE = 50_000


def rows_replaced(resource_id: str, data: pl.DataFrame, key: Sequence[str], types: Mapping[str, ColumnType]) -> Any:
    """Give the numbers (`_id`) of the rows of a resource whose place rows with the same key are to take.

    :param data: typed columns, as loading makes them
    :returns: an array of int64
    """
    table, found = table_of(resource_id), [np.array([], dtype=np.int64)]
    if table is None or not set(key) <= set(table.types):
        return found[0]
    columns = [sql.Identifier(f"k{place}") for place, _name in enumerate(key)]
    query = sql.SQL("SELECT r._id FROM {} r JOIN unnest({}) AS s({}) ON {}").format(
        sql.Identifier(resource_id),
        sql.SQL(", ").join([sql.SQL("%s::text[]")] * len(key)),
        sql.SQL(", ").join(columns),
        sql.SQL(" AND ").join(
            sql.SQL("r.{} = s.{}::{}").format(sql.Identifier(name), column, sql.SQL(types[name].value))
            for name, column in zip(key, columns, strict=True)
        ),
    )
    texts = data.select(pl.col(list(key)).cast(pl.String))
    with work() as cursor:
        for at in range(0, len(texts), _KEYS_AT_ONCE):
            part = texts.slice(at, _KEYS_AT_ONCE)
            cursor.execute(query, [part[name].to_list() for name in key])
            found.append(np.array([number for (number,) in cursor.fetchall()], dtype=np.int64))
    return np.concatenate(found)


@contextmanager
def _without(resource_id: str, numbers: Any) -> Iterator[tuple[Any, sql.Composable]]:
    """Give a cursor, and the condition that keeps from a resource's table `r` the rows whose numbers are not given."""
    table = table_of(resource_id)
    if table is None or GEOMETRY not in table.hidden:
        raise LookupError(resource_id)
    with work() as cursor:
        # what few rows there are would be read through for each surface of a batch before they are counted anew
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL jit = off")
        cursor.execute("CREATE TEMP TABLE lrtzc_replaced (_id integer) ON COMMIT DROP")
        lines = "".join(f"{number}\n" for number in np.unique(numbers).tolist())
        cursor.copy_expert("COPY lrtzc_replaced FROM STDIN", io.StringIO(lines))
        cursor.execute("CREATE INDEX ON lrtzc_replaced (_id); ANALYZE lrtzc_replaced")
        yield cursor, sql.SQL("NOT EXISTS (SELECT FROM lrtzc_replaced x WHERE x._id = r._id)")


def _timed(cursor: Any, until: float) -> None:
    left = max(int((until - time.monotonic()) * 1_000), 1)
    cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(left)])


def overlapped(resource_id: str, surfaces: Sequence[str], least: Sequence[float], without: Any) -> list[int] | None:
    """Give, for each surface, the number (`_id`) of a row of a resource that shares more of it than `least`; 0: none.

    A surface costs the surfaces that its box meets, until the first is found that it overlaps.

    :param surfaces: hexadecimal EWKB, EPSG:4326
    :param least: square degrees, one for each surface
    :param without: the numbers of rows to leave out, as an array
    :returns: None where it takes longer than `MOST_SECONDS`
    """
    found, until = [0] * len(surfaces), time.monotonic() + MOST_SECONDS
    query = sql.SQL(
        "WITH sent AS MATERIALIZED (SELECT n, least, ST_CollectionExtract(shape::geometry, 3) AS shape "
        "FROM unnest(%s::text[], %s::float8[]) WITH ORDINALITY AS s(shape, least, n)) "
        "SELECT s.n, f._id FROM sent s CROSS JOIN LATERAL (SELECT r._id FROM {table} r "
        # most of those whose boxes meet share a border only: cheaper to see than to cut
        "WHERE r._geometry && s.shape AND ST_Relate(ST_CollectionExtract(r._geometry, 3), s.shape, '2********') "
        "AND {kept} AND ST_Area(ST_Intersection(ST_CollectionExtract(r._geometry, 3), s.shape)) > s.least LIMIT 1) f"
    )
    try:
        with _without(resource_id, without) as (cursor, kept):
            asked = query.format(table=sql.Identifier(resource_id), kept=kept)
            for at in range(0, len(surfaces), _AT_ONCE):
                _timed(cursor, until)
                part = slice(at, at + _AT_ONCE)
                cursor.execute(asked, [list(surfaces[part]), list(least[part])])
                for place, number in cursor.fetchall():
                    found[at + place - 1] = number
    except LookupError:
        pass
    except psycopg2.errors.QueryCanceled:
        return None
    return found


def lying_beside(resource_id: str, surfaces: Sequence[str], without: Any, most: int, size: int) -> list[str] | None:
    """Give the surfaces of a resource whose boxes meet those of some surfaces.

    :param surfaces: hexadecimal EWKB, EPSG:4326; so is what is given
    :param without: the numbers (`_id`) of rows to leave out, as an array
    :param most: how many at most
    :param size: how many bytes at most, in memory
    :returns: None where they are more, or finding them takes longer than `MOST_SECONDS`
    """
    until, numbers = time.monotonic() + MOST_SECONDS, set[int]()
    query = sql.SQL(
        "SELECT DISTINCT r._id FROM unnest(%s::text[]) AS s(shape) JOIN {table} r ON r._geometry && s.shape::geometry "
        "WHERE ST_Dimension(r._geometry) = 2 AND {kept} LIMIT {most}"
    )
    shapes = sql.SQL("SELECT encode(ST_AsEWKB(_geometry), 'hex') FROM {} WHERE _id = ANY(%s)")
    sizes = sql.SQL("SELECT coalesce(sum(ST_MemSize(_geometry)), 0) FROM {} WHERE _id = ANY(%s)")
    name = sql.Identifier(resource_id)
    try:
        with _without(resource_id, without) as (cursor, kept):
            asked = query.format(table=name, kept=kept, most=sql.Literal(most + 1))
            for at in range(0, len(surfaces), _AT_ONCE):
                _timed(cursor, until)
                cursor.execute(asked, [list(surfaces[at : at + _AT_ONCE])])
                numbers.update(number for (number,) in cursor.fetchall())
                if len(numbers) > most:
                    return None
            _timed(cursor, until)
            cursor.execute(sizes.format(name), [sorted(numbers)])
            if cursor.fetchone()[0] > size:
                return None
            cursor.execute(shapes.format(name), [sorted(numbers)])
            return [shape for (shape,) in cursor.fetchall()]
    except LookupError:
        return []
    except psycopg2.errors.QueryCanceled:
        return None
