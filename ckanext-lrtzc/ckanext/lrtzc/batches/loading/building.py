"""Make the table that takes a resource's name: full text, indexes, dictionary, trigger, and the change of names."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import ckan.plugins.toolkit as tk
import psycopg2.errors
from ckanext.datastore.backend import postgres
from psycopg2 import sql

from ckanext.lrtzc.tabular.catalog import LANGUAGE

from ..domain.coltypes import ColumnType
from ..domain.tables import GEOMETRY
from .tables import Existing, comment_statement

# where a value is longer than this, in bytes, the column holds sentences: one searches them by their words, and doesn't
# sort or filter by the whole of them; sorting them is what costs most
INDEXED_TEXT = 48
# under this a sequential scan is as fast
INDEXED_ROWS = 5_000
# characters of a row that are searched: a tsvector holds 1 MB at most
SEARCHED = 200_000
# keys of changed rows are named up to here; more scattered, one takes the whole table
MOST_RANGES = 20_000
_TRIES = 60


@dataclass
class Shape:
    """The table to make. `types` in order; `longest` the size of text values; `comments` by column.

    `passing`: names under which columns that a table lacked are filled, until readers may see them.
    """

    resource_id: str
    types: dict[str, ColumnType]
    geometry: bool
    longest: dict[str, int] = field(default_factory=dict[str, int])
    comments: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    passing: dict[str, str] = field(default_factory=dict[str, str])

    def at(self, name: str) -> sql.Identifier:
        """Give where the values of a column are to be stored now."""
        return sql.Identifier(self.passing.get(name, name))

    @property
    def names(self) -> list[str]:
        """The columns that hold data, `_geometry` among them."""
        return [*self.types, *([GEOMETRY] if self.geometry else [])]


def lanes() -> int:
    """Give how many connections build the indexes of one table side by side."""
    return int(tk.config["ckanext.lrtzc.batches.lanes"])


def create(cursor: Any, table: str, shape: Shape, *, position: bool = False) -> None:
    """Create an empty table of CKAN's layout, without key or trigger yet, anew.

    It is unlogged: what takes its rows is logged, and a load that a crash of the database cut off starts again.
    """
    columns = [sql.SQL("_id integer NOT NULL"), sql.SQL("_full_text tsvector")]
    columns += [
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind.value)) for name, kind in shape.types.items()
    ]
    if shape.geometry:
        columns.append(sql.SQL("_geometry geometry(Geometry, 4326)"))
    if position:
        columns.append(sql.SQL("_position bigint"))
    cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(table)))
    cursor.execute(sql.SQL("CREATE UNLOGGED TABLE {} ({})").format(sql.Identifier(table), sql.SQL(", ").join(columns)))


def _searched(shape: Shape, *of: str, beside: Sequence[sql.Identifier] = ()) -> sql.Composable:
    """Give the words of a row, by which it is found; `of` what names its table, where several are read.

    :param beside: columns of text that the shape hasn't
    """
    texts = [sql.Identifier(*of, name) for name, kind in shape.types.items() if kind is ColumnType.TEXT]
    texts += beside
    if not texts:
        return sql.SQL("NULL::tsvector")
    joined = sql.SQL("concat_ws(' ', {})").format(sql.SQL(", ").join(texts))
    if beside or sum(shape.longest.get(name, 0) for name in shape.types) > SEARCHED:
        joined = sql.SQL("left({}, {})").format(joined, sql.Literal(SEARCHED))
    return sql.SQL("to_tsvector({}::regconfig, {})").format(sql.Literal(search_language()), joined)


def create_searchable(cursor: Any, table: str, source: str, shape: Shape) -> None:
    """Create `table` from `source` with its full text; the database does it on several cores."""
    cursor.execute("SET LOCAL max_parallel_workers_per_gather = 4; SET LOCAL parallel_tuple_cost = 0.001")
    cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(table)))
    cursor.execute(
        sql.SQL("CREATE TABLE {} AS SELECT {} FROM {}").format(
            sql.Identifier(table),
            sql.SQL(", ").join(
                [
                    sql.SQL("_id"),
                    sql.SQL("{} AS _full_text").format(_searched(shape)),
                    *map(sql.Identifier, shape.names),
                ]
            ),
            sql.Identifier(source),
        )
    )
    cursor.execute(sql.SQL("ALTER TABLE {} ALTER _id SET NOT NULL").format(sql.Identifier(table)))


def insert(cursor: Any, target: str, source: str, shape: Shape, where: sql.Composable | None = None) -> int:
    """Add the rows of `source` to `target` with new `_id`s and their full text; give how many."""
    cursor.execute(
        sql.SQL("INSERT INTO {} (_full_text, {}) SELECT {}, {} FROM {} AS s {} ORDER BY s._id").format(
            sql.Identifier(target),
            sql.SQL(", ").join(map(shape.at, shape.names)),
            _searched(shape),
            sql.SQL(", ").join(map(sql.Identifier, shape.names)),
            sql.Identifier(source),
            where or sql.SQL(""),
        )
    )
    return cursor.rowcount


def create_key_index(cursor: Any, table: str) -> None:
    """Create the unique index that `add_key` makes the key."""
    name, key = sql.Identifier(table), sql.Identifier(f"{table}_pkey")
    cursor.execute(sql.SQL("CREATE UNIQUE INDEX {} ON {} (_id)").format(key, name))


def add_key(cursor: Any, table: str, *, made: bool = False) -> None:
    """Make `_id` the key, numbered from a sequence of the table's own, as CKAN's `serial primary key` is.

    With `made`, the unique index `<table>_pkey` is there already and becomes the key.
    """
    name, sequence, key = sql.Identifier(table), f"{table}__id_seq", sql.Identifier(f"{table}_pkey")
    how = sql.SQL("USING INDEX {}").format(key) if made else sql.SQL("(_id)")
    cursor.execute(sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} PRIMARY KEY {}").format(name, key, how))
    cursor.execute(sql.SQL("CREATE SEQUENCE {} AS integer OWNED BY {}._id").format(sql.Identifier(sequence), name))
    cursor.execute(
        sql.SQL("ALTER TABLE {} ALTER _id SET DEFAULT nextval({})").format(name, sql.Literal(f'"{sequence}"'))
    )
    cursor.execute(
        sql.SQL("SELECT setval({}, greatest((SELECT max(_id) FROM {}), 1), (SELECT count(*) > 0 FROM {}))").format(
            sql.Literal(f'"{sequence}"'), name, sql.SQL("(SELECT 1 FROM {} LIMIT 1) AS one").format(name)
        )
    )


@dataclass(frozen=True)
class Index:
    """An index to make on one column.

    It is built under a name of passage, since the table that will be replaced has one of the same name.
    """

    method: str
    column: str
    name: str

    @property
    def passing(self) -> str:
        """The name it is built under."""
        return f"_lrtzc_{self.name}"

    def create(self, cursor: Any, table: str, name: str) -> None:
        """Create it on `table` as `name`."""
        cursor.execute(
            sql.SQL("CREATE INDEX IF NOT EXISTS {} ON {} USING {} ({})").format(
                sql.Identifier(name), sql.Identifier(table), sql.SQL(self.method), sql.Identifier(self.column)
            )
        )


def index_name(resource_id: str, column: str) -> str:
    """Give the name that CKAN's DataStore gives to the index of a column (`_generate_index_name`)."""
    return hashlib.sha1(f"{resource_id}{postgres.identifier(column)}".encode(), usedforsecurity=False).hexdigest()


def indexes(shape: Shape, rows: int) -> list[Index]:
    """Give the indexes of a table of so many rows: search, place, and columns one filters or sorts by.

    Their names are CKAN's own, so that a later `datastore_create` finds them and makes no second.
    """

    def one(method: str, column: str) -> Index:
        name = index_name(shape.resource_id, column)
        return Index(method, column, name)

    found = [one("gin", "_full_text")]
    if shape.geometry:
        found.append(one("gist", GEOMETRY))
    if rows < INDEXED_ROWS:
        return found
    limit = int(tk.config["ckanext.lrtzc.batches.indexed_columns"])
    sortable = [name for name in shape.types if _sortable(shape, name)][:limit]
    # the longest to build first, so that no core is left waiting at the end
    sortable.sort(key=lambda name: -shape.longest.get(name, 0))
    return found + [one("btree", name) for name in sortable]


def _sortable(shape: Shape, name: str) -> bool:
    match shape.types[name]:
        case ColumnType.TEXT:
            return shape.longest.get(name, 0) <= INDEXED_TEXT
        case ColumnType.BOOLEAN:
            # each of its two values is found in too many rows for an index to be of use
            return False
        case _:
            return True


def write_dictionary(cursor: Any, table: str, shape: Shape) -> None:
    """Store the dictionary of a table's columns."""
    for column, comment in shape.comments.items():
        if comment and column in shape.types:
            cursor.execute(comment_statement(table, column, comment))


def finish(cursor: Any, table: str, shape: Shape) -> None:
    """Give a table its dictionary, its language, and the trigger that makes the words of records changed later."""
    note_language(cursor, table)
    write_dictionary(cursor, table, shape)
    cursor.execute(
        sql.SQL(
            "CREATE TRIGGER zfulltext BEFORE INSERT OR UPDATE ON {} "
            "FOR EACH ROW EXECUTE PROCEDURE populate_full_text_trigger()"
        ).format(sql.Identifier(table))
    )


def count_rows(cursor: Any, resource_id: str, rows: int) -> None:
    """Store the number of rows where CKAN keeps it."""
    cursor.execute(
        'INSERT INTO "_table_stats" (resource_id, stats) VALUES (%s, %s::jsonb) '
        "ON CONFLICT (resource_id) DO UPDATE SET stats = excluded.stats",
        [resource_id, json.dumps({"rows": rows})],
    )


def rename(cursor: Any, table: str, resource_id: str, before: Existing | None, made: list[Index]) -> None:
    """Let `table`, with its key and indexes `made`, take the resource's name in place of the one there is.

    Aliases follow.
    """
    aliases = before.aliases if before else []
    for alias in aliases:
        cursor.execute(sql.SQL("DROP VIEW IF EXISTS {}").format(sql.Identifier(alias)))
    cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(resource_id)))
    renames = [
        *(("INDEX", index.passing, index.name) for index in made),
        ("TABLE", table, resource_id),
        ("SEQUENCE", f"{table}__id_seq", f"{resource_id}__id_seq"),
        ("INDEX", f"{table}_pkey", f"{resource_id}_pkey"),
    ]
    for kind, old, new in renames:
        cursor.execute(
            sql.SQL("ALTER {} {} RENAME TO {}").format(sql.SQL(kind), sql.Identifier(old), sql.Identifier(new))
        )
    for alias in aliases:
        cursor.execute(
            sql.SQL("CREATE VIEW {} AS SELECT * FROM {}").format(sql.Identifier(alias), sql.Identifier(resource_id))
        )


def lock_for_change(cursor: Any, table: str, *, readers: bool = False) -> None:
    """Lock `table` alone, without making readers wait behind us.

    Where a long read holds it, give up after half a second, let others pass, and try again.

    :param readers: whether others may read it meanwhile: they see it as it was until the transaction is committed
    """
    # The database's own cleaning gives way to one who waits for a second, which none of the tries below does. Nobody
    # who reads or changes rows waits behind this lock.
    cursor.execute(sql.SQL("LOCK TABLE {} IN SHARE UPDATE EXCLUSIVE MODE").format(sql.Identifier(table)))
    mode = sql.SQL("EXCLUSIVE" if readers else "ACCESS EXCLUSIVE")
    for attempt in range(_TRIES):
        try:
            cursor.execute("SAVEPOINT before_lock; SET LOCAL lock_timeout = '500ms'")
            cursor.execute(sql.SQL("LOCK TABLE {} IN {} MODE").format(sql.Identifier(table), mode))
            cursor.execute("SET LOCAL lock_timeout = 0")
            return
        except (psycopg2.errors.LockNotAvailable, psycopg2.errors.DeadlockDetected):
            cursor.execute("ROLLBACK TO SAVEPOINT before_lock")
            if attempt == _TRIES - 1:
                raise
            # Waiting here rather than in the database: readers that came meanwhile aren't queued behind our lock.
            time.sleep(min(0.1 * 2**attempt, 5))


def search_language() -> str:
    """Give PostgreSQL's name of the language rows are searched in."""
    return tk.config["ckan.datastore.default_fts_lang"]


def note_language(cursor: Any, table: str) -> None:
    """Note on a table the language in which the words of all its rows are made."""
    # after a space, as CKAN writes its own comments
    told = sql.Literal(" " + json.dumps({LANGUAGE: search_language()}))
    cursor.execute(sql.SQL("COMMENT ON COLUMN {}._full_text IS {}").format(sql.Identifier(table), told))


def _same_key(key: tuple[str, ...], left: str, right: str) -> sql.Composed:
    return sql.SQL(" AND ").join(
        sql.SQL("{}.{} = {}.{}").format(*map(sql.Identifier, (left, name, right, name))) for name in key
    )


def unkeyed(cursor: Any, table: str, key: tuple[str, ...], place: str) -> Iterator[tuple[str, list[int]]]:
    """Delete from `table` rows without a key, and all but the last of each key; give (reason, places deleted)."""
    name, column = sql.Identifier(table), sql.Identifier(place)
    nothing = sql.SQL(" OR ").join(sql.SQL("{} IS NULL").format(sql.Identifier(part)) for part in key)
    cursor.execute(sql.SQL("DELETE FROM {} WHERE {} RETURNING {}").format(name, nothing, column))
    yield "missing_key", sorted(position for (position,) in cursor.fetchall())
    cursor.execute(
        sql.SQL(
            "DELETE FROM {name} AS t USING (SELECT _id, row_number() OVER (PARTITION BY {key} ORDER BY _id DESC) AS n "
            "FROM {name}) AS d WHERE d._id = t._id AND d.n > 1 RETURNING t.{place}"
        ).format(name=name, key=sql.SQL(", ").join(map(sql.Identifier, key)), place=column)
    )
    yield "duplicate_key", sorted(position for (position,) in cursor.fetchall())


def keys_between(before: int, last: int) -> str:
    """Give the keys above `before` up to `last` as text of an int8multirange."""
    return f"{{[{before + 1},{last + 1})}}" if last > before else "{}"


def last_key(cursor: Any, table: str) -> int:
    """Give the highest key of a table, 0 where it is empty."""
    cursor.execute(sql.SQL("SELECT coalesce(max(_id), 0) FROM {}").format(sql.Identifier(table)))
    return cursor.fetchone()[0]


def update_and_insert(cursor: Any, source: str, shape: Shape, key: tuple[str, ...], before: Existing) -> str | None:
    """Change the rows of the resource that `source` knows by key, and add the others.

    :param before: the resource's table
    :returns: the keys (`_id`) of all of them as text of an int8multirange; None where they are more than 20,000 ranges
    """
    resource, staging = sql.Identifier(shape.resource_id), sql.Identifier(source)
    changed = [name for name in shape.names if name not in key]
    # texts that the batch doesn't bring stay, and rows go on being found by them
    texts = [name for name, kind in before.types.items() if kind == ColumnType.TEXT and name not in shape.types]
    words = _searched(shape, "s", beside=[sql.Identifier("r", name) for name in texts])
    assignments = [sql.SQL("_full_text = {}").format(words)] + [
        sql.SQL("{} = s.{}").format(shape.at(name), sql.Identifier(name)) for name in changed
    ]
    last = last_key(cursor, shape.resource_id)
    cursor.execute(
        sql.SQL(
            "WITH changed AS (UPDATE {} AS r SET {} FROM {} AS s WHERE {} RETURNING r._id) "
            "SELECT coalesce(range_agg(int8range(_id, _id, '[]')), '{{}}')::text FROM changed"
        ).format(resource, sql.SQL(", ").join(assignments), staging, _same_key(key, "r", "s"))
    )
    changed = cursor.fetchone()[0]
    known = sql.SQL("WHERE NOT EXISTS (SELECT 1 FROM {} AS r WHERE {})").format(resource, _same_key(key, "r", "s"))
    insert(cursor, shape.resource_id, source, shape, known)
    cursor.execute(
        "SELECT ranges::text FROM (SELECT %s::int8multirange + %s::int8multirange AS ranges) AS found "
        "WHERE (SELECT count(*) FROM unnest(ranges)) <= %s",
        [changed, keys_between(last, last_key(cursor, shape.resource_id)), MOST_RANGES],
    )
    found = cursor.fetchone()
    return found[0] if found else None
