"""What a batch would change, told before it goes in: counted by the database over all rows, with a few as examples."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from psycopg2 import sql

from ..domain.tables import GEOMETRY
from .tables import Existing

EXAMPLES = 5
SHOWN_COLUMNS = 30
PLACES = 300
#: To fold the texts of more rows would take minutes.
FOLDED_ROWS = 300_000
_SHOWN_LENGTH = 120
# Degrees: some ten metres, and what a small picture shows of a long line.
_COARSE = 0.0001


@dataclass(frozen=True)
class Compared:
    """What to compare: the staged rows of `columns` with those of a resource's table.

    `key`: columns that tell rows apart; none where only whole rows can be compared. `replaces`: the rows there are go
    unless they come again. `joins`: the new ones come beside them.
    """

    staging: str
    resource_id: str
    columns: tuple[str, ...]
    key: tuple[str, ...] = ()
    replaces: bool = False
    joins: bool = False


def _texts(names: tuple[str, ...]) -> sql.Composed:
    return sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in names)


def _print(names: tuple[str, ...]) -> sql.Composed:
    """Give the fingerprint of a row: equal for rows with equal values."""
    return sql.SQL("md5(ROW({})::text)").format(_texts(names))


def _key(names: tuple[str, ...]) -> sql.Composed:
    """Give what tells a row apart; a row that lacks a part of it is like no other."""
    known = sql.SQL(" AND ").join(sql.SQL("{} IS NOT NULL").format(sql.Identifier(name)) for name in names)
    return sql.SQL("CASE WHEN {} THEN ROW({})::text END").format(known, _texts(names))


def _folded(names: tuple[str, ...]) -> sql.Composed:
    """Give the fingerprint of a row, equal for rows that differ by case, accents or spaces only."""
    signs = sql.Literal("[\u0300-\u036f[:space:]]+")
    # not the text of a row, which puts values with a space between marks
    return sql.SQL(
        "md5(lower(regexp_replace(normalize(array_to_string(ARRAY[{}], chr(31), ''), NFD), {}, '', 'g')))"
    ).format(_texts(names), signs)


def shared(names: list[str], before: Existing) -> tuple[str, ...]:
    """Give the columns that a batch and a table both have, the place among them."""
    return tuple(name for name in names if name in before.types or (name == GEOMETRY and name in before.hidden))


def difference(cursor: Any, asked: Compared) -> dict[str, Any]:
    """Count the rows that would be added, changed, removed and left as they are, with the first of each.

    :returns: `added`, `changed` (None where no key tells which row became which), `removed`, `same`: counts; `names` of
        the columns shown, and `samples`: for `added` and `removed` lists of cells, for `changed` pairs of them
    """
    names = tuple(name for name in asked.columns if name != GEOMETRY)[:SHOWN_COLUMNS]
    key = _key(asked.key) if asked.key else _print(asked.columns)
    cursor.execute("DROP TABLE IF EXISTS pg_temp.lrtzc_compared")
    # Each side once: the fingerprints of millions of rows are what costs.
    statement = sql.SQL(
        "CREATE TEMP TABLE lrtzc_compared ON COMMIT DROP AS "
        "SELECT n._id AS new, o._id AS old, n.print = o.print AS same "
        "FROM (SELECT _id, {key} AS key, {print} AS print FROM {staging}) n "
        "FULL JOIN (SELECT _id, {key} AS key, {print} AS print FROM {resource}) o ON n.key = o.key"
    ).format(
        key=key,
        print=_print(asked.columns),
        staging=sql.Identifier(asked.staging),
        resource=sql.Identifier(asked.resource_id),
    )
    cursor.execute(statement)
    cursor.execute(
        "SELECT count(DISTINCT new) FILTER (WHERE old IS NULL), count(DISTINCT new) FILTER (WHERE NOT same), "
        "count(DISTINCT old) FILTER (WHERE new IS NULL), count(DISTINCT new) FILTER (WHERE same) FROM lrtzc_compared"
    )
    added, changed, removed, same = cursor.fetchone()
    found = {
        "added": added,
        "changed": changed if asked.key else None,
        "removed": removed if asked.replaces else 0,
        "same": same,
        "names": list(names),
    }
    new, old = (asked.staging, "new"), (asked.resource_id, "old")
    samples: dict[str, Any] = {"added": _rows(cursor, names, "old IS NULL", new)}
    samples["removed"] = _rows(cursor, names, "new IS NULL", old) if asked.replaces else []
    after, before = (_rows(cursor, names, "NOT same", side) for side in (new, old))
    samples["changed"] = [list(pair) for pair in zip(before, after, strict=True)] if asked.key else []
    return {**found, "samples": samples}


def _rows(cursor: Any, names: tuple[str, ...], which: str, side: tuple[str, str]) -> list[list[str | None]]:
    table, column = side
    query = sql.SQL(
        "SELECT {cells} FROM {table} t JOIN (SELECT {column} AS at, coalesce(new, old) AS place FROM lrtzc_compared "
        "WHERE {which} ORDER BY 2 LIMIT {most}) c ON c.at = t._id ORDER BY c.place"
    ).format(
        cells=_texts(names) if names else sql.SQL("''"),
        table=sql.Identifier(table),
        column=sql.Identifier(column),
        which=sql.SQL(which),
        most=sql.Literal(EXAMPLES),
    )
    cursor.execute(query)
    return [[cut(cell) for cell in row] for row in cursor.fetchall()]


def duplicates(cursor: Any, asked: Compared, *, there: bool, rows: int) -> dict[str, Any]:
    """Count rows that seem to come twice: equal but for case, accents and spaces; of many rows, those wholly equal.

    :param there: whether the resource has a table
    :param rows: how many are staged
    :returns: `folded`, whether case, accents and spaces were left aside; `within` the batch, `beside`: with rows
        there are, where the new ones join them; `names` and `rows`: the first of each
    """
    names = tuple(name for name in asked.columns if name != GEOMETRY)
    staging, shown = sql.Identifier(asked.staging), names[:SHOWN_COLUMNS]
    # an estimate will do: only the time is at stake
    cursor.execute(
        "SELECT sum(greatest(reltuples, 0)) FROM pg_class WHERE relname = ANY(%s) AND relkind = 'r'",
        [[asked.resource_id] if there and asked.joins else []],
    )
    folded = (cursor.fetchone()[0] or 0) + rows <= FOLDED_ROWS
    fold = (_folded if folded else _print)(asked.columns)
    twice = sql.SQL(
        "SELECT _id FROM (SELECT _id, row_number() OVER (PARTITION BY {fold} ORDER BY _id) AS n FROM {staging}) d "
        "WHERE n > 1"
    ).format(fold=fold, staging=staging)
    cursor.execute(
        sql.SQL("SELECT count(*), (array_agg(_id ORDER BY _id))[1:{}] FROM ({}) x").format(sql.Literal(EXAMPLES), twice)
    )
    within, first = cursor.fetchone()
    beside, ids = 0, list(first or [])
    if there and asked.joins:
        known = sql.SQL("SELECT _id FROM {staging} WHERE {fold} IN (SELECT {fold} FROM {resource})").format(
            staging=staging, fold=fold, resource=sql.Identifier(asked.resource_id)
        )
        cursor.execute(
            sql.SQL("SELECT count(*), (array_agg(_id ORDER BY _id))[1:{}] FROM ({}) x").format(
                sql.Literal(EXAMPLES), known
            )
        )
        beside, more = cursor.fetchone()
        ids += [each for each in more or [] if each not in ids]
    cursor.execute(
        sql.SQL("SELECT {} FROM {} WHERE _id = ANY(%s) ORDER BY _id").format(
            _texts(shown) if shown else sql.SQL("''"), staging
        ),
        [ids],
    )
    found = [[cut(cell) for cell in row] for row in cursor.fetchall()]
    return {"folded": folded, "within": within, "beside": beside, "names": list(shown), "rows": found}


def places(cursor: Any, staging: str) -> list[dict[str, Any]]:
    """Give where the first rows with a place are, as GeoJSON geometries made coarser for a small picture."""
    cursor.execute(
        sql.SQL(
            "SELECT ST_AsGeoJSON(ST_SimplifyPreserveTopology({place}, {coarse}), 5) FROM {table} "
            "WHERE {place} IS NOT NULL AND ST_NPoints({place}) <= 20000 ORDER BY _id LIMIT {most}"
        ).format(
            place=sql.Identifier(GEOMETRY),
            coarse=sql.Literal(_COARSE),
            table=sql.Identifier(staging),
            most=sql.Literal(PLACES),
        )
    )
    return [json.loads(text) for (text,) in cursor.fetchall() if text and len(text) <= 20_000]


def cut(value: str | None) -> str | None:
    """Give a cell as far as it is shown."""
    return value if value is None or len(value) <= _SHOWN_LENGTH else f"{value[: _SHOWN_LENGTH - 1]}…"
