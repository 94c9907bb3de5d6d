"""Load a table into the DataStore: readers see what was there before, or all of it after."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import polars as pl
from ckanext.datastore.backend.postgres import get_write_engine
from psycopg2 import sql

from ..domain.coltypes import ColumnType
from ..domain.pipeline import Plan, chunks, longest_texts
from ..domain.problems import BatchError, Problem
from ..domain.report import Tally
from ..domain.tables import POSITION, Table
from . import building, copying
from .building import Shape
from .tables import STAGING, Existing, drop_leftovers, existing, transaction


class Mode(StrEnum):
    """What a batch does to the rows there are."""

    REPLACE = "replace"
    APPEND = "append"
    UPSERT = "upsert"


@dataclass
class Order:
    """What to load where. `infos` is the dictionary by column, `key` the columns that tell rows apart (upsert)."""

    batch_id: str
    resource_id: str
    plan: Plan
    mode: Mode = Mode.REPLACE
    key: tuple[str, ...] = ()
    infos: dict[str, dict[str, Any]] = field(default_factory=dict[str, "dict[str, Any]"])
    living: set[str] = field(default_factory=set[str])


@dataclass
class Watch:
    """What is told while it goes on: (phase, share) often, and once that rows can be read."""

    progress: Callable[[str, float], None] = lambda _phase, _share: None
    published: Callable[[], None] = lambda: None


class Loader:
    """One load of one table. The database connection is held throughout, and with it the lock on the resource."""

    def __init__(self, table: Table, order: Order, watch: Watch | None = None):
        self.table, self.order, self.watch = table, order, watch or Watch()
        self.tally = Tally()
        self.staging = STAGING + order.batch_id.replace("-", "")
        types = {column.name: column.type for column in order.plan.columns}
        self.shape = Shape(order.resource_id, types, order.plan.geometry is not None)
        self._rows = 0

    def run(self) -> Tally:
        """Load. Raises BatchError or a database error; then the resource's table is as it was."""
        connection = get_write_engine().raw_connection()
        try:
            with transaction(connection) as cursor:
                # one load of a resource at a time; the lock goes with the connection, even of a killed worker
                cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [self.order.resource_id])
                drop_leftovers(cursor, self.order.living - {self.order.batch_id})
            self._run(connection)
        finally:
            # the pool would keep the lock with the connection
            connection.invalidate()
            connection.close()
        return self.tally

    def _run(self, connection: Any) -> None:
        with transaction(connection) as cursor:
            before = existing(cursor, self.order.resource_id)
            self._dictionary(before)
            if before is None:
                self._stage(cursor, logged=True)
                self._publish_first(cursor)
            elif self.order.mode is Mode.REPLACE:
                self._stage(cursor, logged=False)
                self._replace(cursor, self.staging, before)
            else:
                self._stage(cursor, logged=False)
                self._merge(cursor, before)
        if before is None:
            # what was just committed can be read; search and indexes come in a second change of names
            self.watch.published()
            with transaction(connection) as cursor:
                again = existing(cursor, self.order.resource_id)
                self._replace(cursor, self.order.resource_id, again or Existing())
        else:
            self.watch.published()
        self.watch.progress("indexing", 1.0)
        with transaction(connection) as cursor:
            cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(self.order.resource_id)))

    def _dictionary(self, before: Existing | None) -> None:
        for column in self.shape.types:
            comment = dict(before.comments.get(column, {})) if before else {}
            info = {**(comment.get("_info") or {}), **self.order.infos.get(column, {})}
            if info:
                comment["_info"] = info
            self.shape.comments[column] = comment

    def _frames(self) -> Iterator[pl.DataFrame]:
        for chunk in chunks(self.table, self.order.plan):
            self.tally.add(chunk)
            for name, size in longest_texts(chunk.data, self.order.plan).items():
                self.shape.longest[name] = max(self.shape.longest.get(name, 0), size)
            count = len(chunk.data)
            numbers = pl.Series("_id", range(self._rows + 1, self._rows + count + 1), dtype=pl.Int64)
            self._rows += count
            self.watch.progress("loading", chunk.done)
            yield chunk.data.with_columns(numbers)

    def _stage(self, cursor: Any, *, logged: bool) -> None:
        upsert = self.order.mode is Mode.UPSERT
        building.create(cursor, self.staging, self.shape, logged=logged, position=upsert and not logged)
        names = ["_id", *self.shape.names, *([POSITION] if upsert and not logged else [])]
        copying.copy(cursor, self.staging, names, self._frames())
        if not self._rows:
            raise BatchError("no_good_row" if self.tally.refused else "header_only")

    def _publish_first(self, cursor: Any) -> None:
        if self.order.mode is Mode.UPSERT:
            self._one_row_per_key(cursor, located=False)
        building.add_key(cursor, self.staging)
        building.finish(cursor, self.staging, self.shape)
        building.count_rows(cursor, self.order.resource_id, self._rows)
        building.rename(cursor, self.staging, self.order.resource_id, None, [])

    def _replace(self, cursor: Any, source: str, before: Existing) -> None:
        self.watch.progress("searching", 0.0)
        new, resource = f"{self.staging}_new", self.order.resource_id
        # nobody changes rows while we copy them; reading goes on
        cursor.execute(sql.SQL("LOCK TABLE {} IN SHARE MODE").format(sql.Identifier(resource)))
        building.create_searchable(cursor, new, source, self.shape)
        building.add_key(cursor, new)
        made = building.indexes(self.shape, self._rows)
        for number, index in enumerate(made):
            self.watch.progress("indexing", number / len(made))
            index.create(cursor, new, index.passing)
        building.finish(cursor, new, self.shape)
        building.lock_for_change(cursor, resource)
        building.count_rows(cursor, resource, self._rows)
        building.rename(cursor, new, resource, before, made)
        cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(self.staging)))

    def _merge(self, cursor: Any, before: Existing) -> None:
        resource = self.order.resource_id
        cursor.execute("SELECT set_config('default_text_search_config', %s, true)", [building.search_language()])
        if self.order.mode is Mode.UPSERT:
            self._one_row_per_key(cursor, located=True)
        building.lock_for_change(cursor, resource)
        building.widen(cursor, self.shape, before)
        if self.order.mode is Mode.UPSERT:
            building.update_and_insert(cursor, self.staging, self.shape, self.order.key)
        else:
            building.insert(cursor, resource, self.staging, self.shape)
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(resource)))
        building.count_rows(cursor, resource, cursor.fetchone()[0])
        cursor.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(self.staging)))

    def _one_row_per_key(self, cursor: Any, *, located: bool) -> None:
        """Refuse rows without a key, and all but the last of those that share one."""
        place = "_position" if located else "_id"
        for code, found in building.unkeyed(cursor, self.staging, self.order.key, place):
            problems = [Problem(code, line=position, column=self.order.key[0]) for position in found]
            self.tally.refuse(problems)
            self.tally.accepted -= len(found)
            self._rows -= len(found)


def types_of(columns: dict[str, str]) -> dict[str, ColumnType]:
    """Give the types of the DataStore's columns that are ours too; others are left out."""
    ours = {kind.value: kind for kind in ColumnType}
    return {name: ours[kind] for name, kind in columns.items() if kind in ours}
