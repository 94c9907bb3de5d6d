"""The DataStore's tables as they are: their columns, dictionary and aliases."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ckanext.datastore.backend.postgres import get_write_engine
from psycopg2 import sql

STAGING = "_lrtzc_staging_"


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
    """A resource's table. `types` by column (`_` columns left out), `comments` as CKAN stores them, `aliases` views."""

    types: dict[str, str] = field(default_factory=dict[str, str])
    comments: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    aliases: list[str] = field(default_factory=list[str])
    hidden: list[str] = field(default_factory=list[str])

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


def comment_statement(table: str, column: str, comment: dict[str, Any]) -> sql.Composed:
    """Give the statement that stores a column's dictionary the way CKAN does: JSON after a space."""
    text = " " + json.dumps(comment, ensure_ascii=False, separators=(",", ":"))
    return sql.SQL("COMMENT ON COLUMN {}.{} IS {}").format(
        sql.Identifier(table), sql.Identifier(column), sql.Literal(text.replace("\0", ""))
    )
