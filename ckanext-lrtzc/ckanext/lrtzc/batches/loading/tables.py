"""The DataStore's tables as they are: their columns, dictionary and aliases."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ckanext.datastore.backend.postgres import get_write_engine
from psycopg2 import sql

STAGING = "_lrtzc_staging_"
_MARK, _CUT = "lrtzc batch ", " (not whole)"


@contextmanager
def transaction(connection: Any) -> Generator[Any]:
    """Give a cursor of a raw connection; its work is committed at the end, or undone."""
    cursor = connection.cursor()
    try:
        yield cursor
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    finally:
        cursor.close()


@contextmanager
def work() -> Generator[Any]:
    """Give a cursor of the DataStore, for one transaction."""
    connection = get_write_engine().raw_connection()
    try:
        with transaction(connection) as cursor:
            yield cursor
    finally:
        connection.close()


@dataclass
class Existing:
    """A resource's table.

    `types` by column (`_` columns left out), `comments` as CKAN stores them, `aliases` views; `batch` is the last batch
    that changed it, and `whole` says whether that one got to its end. `batches` are those whose rows are in it and that
    weren't settled when it was last changed.
    """

    types: dict[str, str] = field(default_factory=dict[str, str])
    comments: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    aliases: list[str] = field(default_factory=list[str])
    hidden: list[str] = field(default_factory=list[str])
    batch: str = ""
    batches: frozenset[str] = frozenset()
    whole: bool = True

    @property
    def infos(self) -> dict[str, dict[str, Any]]:
        """The dictionary by column: label, notes, unit and others."""
        return {name: comment.get("_info") or {} for name, comment in self.comments.items()}


def existing(cursor: Any, table: str) -> Existing | None:
    """Describe a table of the DataStore; None if there is none."""
    cursor.execute(
        "SELECT a.attname, t.typname, col_description(c.oid, a.attnum) FROM pg_class c "
        "JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public' "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
        "JOIN pg_type t ON t.oid = a.atttypid WHERE c.relkind = 'r' AND c.relname = %s ORDER BY a.attnum",
        [table],
    )
    found = cursor.fetchall()
    if not found:
        return None
    result = Existing()
    for name, kind, comment in found:
        if name.startswith("_"):
            result.hidden.append(name)
            continue
        result.types[name] = kind
        if comment:
            try:
                result.comments[name] = json.loads(comment)
            except ValueError:
                result.comments[name] = {}
    cursor.execute("SELECT obj_description(to_regclass(quote_ident(%s)), 'pg_class')", [table])
    told = cursor.fetchone()[0] or ""
    if told.startswith(_MARK):
        ids = told.removeprefix(_MARK).removesuffix(_CUT).split()
        result.batch, result.batches, result.whole = ids[0], frozenset(ids), not told.endswith(_CUT)
    cursor.execute('SELECT name FROM "_table_metadata" WHERE alias_of = %s ORDER BY name', [table])
    result.aliases = [name for (name,) in cursor.fetchall()]
    return result


def drop_leftovers(cursor: Any, living: set[str]) -> None:
    """Drop the staging tables of batches that are not in `living` (ids)."""
    cursor.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND starts_with(relname, %s) "
        "AND relnamespace = 'public'::regnamespace",
        [STAGING],
    )
    for (name,) in cursor.fetchall():
        if name.removeprefix(STAGING).removesuffix("_new") not in {batch.replace("-", "") for batch in living}:
            cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(name)))


def mark(cursor: Any, table: str, batch_id: str, *, whole: bool, others: Iterable[str] = ()) -> None:
    """Note on a table which batch changed it, in the change's own transaction.

    A load that is cut off after the database's commit, and started again, finds by it what is done already. `others`
    are batches whose rows were in before and that may still be tried again.
    """
    text = f"{_MARK}{' '.join([batch_id, *sorted(others)])}{'' if whole else _CUT}"
    cursor.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(sql.Identifier(table), sql.Literal(text)))


def comment_statement(table: str, column: str, comment: dict[str, Any]) -> sql.Composed:
    """Give the statement that stores a column's dictionary the way CKAN does: JSON after a space."""
    text = " " + json.dumps(comment, ensure_ascii=False, separators=(",", ":"))
    return sql.SQL("COMMENT ON COLUMN {}.{} IS {}").format(
        sql.Identifier(table), sql.Identifier(column), sql.Literal(text.replace("\0", ""))
    )
