"""Load a table into the DataStore: readers see what was there before, or all of it after."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any

import polars as pl
import psycopg2
from ckanext.datastore.backend.postgres import get_write_engine
from psycopg2 import sql

from ..domain.checking import BatchCheck, Then
from ..domain.coltypes import ColumnType
from ..domain.pipeline import Plan, chunks, longest_texts
from ..domain.problems import AskedError, BatchError, HeldError, LaterError, Problem
from ..domain.report import Tally
from ..domain.tables import GEOMETRY, POSITION, Table
from ..judges import Reach
from . import building, comparing, copying, lanes, widening
from .building import Shape
from .tables import STAGING, Existing, drop_leftovers, existing, mark, transaction, work

#: Rows shown whole to those who decide on a batch.
SHOWN_ROWS = 20


class Mode(StrEnum):
    """What a batch does to the rows there are."""

    REPLACE = "replace"
    APPEND = "append"
    UPSERT = "upsert"


@dataclass
class Order:
    """What to load where.

    `infos` is the dictionary by column, `key` the columns that tell rows apart (upsert). `settled` gives, of ids of
    batches, those that nobody can try again. `record` writes the proof of the load by the connection it is given, in
    the transaction that makes the rows whole. `checks` judge the rows before anything is published. `asks` says which
    batches people decide on; those who decided already aren't asked again. `known_by`: the columns that tell the rows
    there are apart, where that is known. `later`: the rows are only checked now.
    """

    batch_id: str
    resource_id: str
    plan: Plan
    mode: Mode = Mode.REPLACE
    key: tuple[str, ...] = ()
    infos: dict[str, dict[str, Any]] = field(default_factory=dict[str, "dict[str, Any]"])
    living: set[str] = field(default_factory=set[str])
    settled: Callable[[Set[str]], Set[str]] = lambda _ids: frozenset()
    record: Callable[[Any], None] = lambda _connection: None
    checks: tuple[BatchCheck, ...] = ()
    asks: Reach = Reach.NOTHING
    known_by: tuple[str, ...] = ()
    later: bool = False


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
        self.new = f"{self.staging}_new"
        types = {column.name: column.type for column in order.plan.columns}
        self.shape = Shape(order.resource_id, types, order.plan.geometry is not None)
        self._rows = 0
        self._first = False
        self._head = pl.DataFrame()
        self._sent: Problem | None = None

    def run(self) -> Tally:
        """Load. Raises BatchError or a database error; then the resource's table is as it was."""
        connection = get_write_engine().raw_connection()
        try:
            with transaction(connection) as cursor:
                # the server soon sees that a killed worker is gone, and ends what it was doing for it
                cursor.execute("SET client_connection_check_interval = '2s'")
                # one load of a resource at a time; the lock goes with the connection, even of a killed worker
                cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [self.order.resource_id])
                drop_leftovers(cursor, self.order.living - {self.order.batch_id})
            try:
                self._run(connection)
            except BaseException:
                self._clean()
                raise
        finally:
            # the pool would keep the lock with the connection
            connection.invalidate()
            connection.close()
        return self.tally

    def _clean(self) -> None:
        """Leave nothing of a load that failed; a first load's rows go too, since nothing makes them whole."""
        left = [self.staging, self.new, *([self.order.resource_id] if self._first else [])]
        with suppress(psycopg2.Error), work() as cursor:
            for name in left:
                cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(name)))
        if self.shape.passing:
            with suppress(psycopg2.Error), work() as cursor:
                widening.undo(cursor, self.order.resource_id)

    def _run(self, connection: Any) -> None:
        with transaction(connection) as cursor:
            before = existing(cursor, self.order.resource_id)
        self._dictionary(before)
        # this batch was here already, and was cut off before it was told to be done
        again = before is not None and self.order.batch_id in before.batches
        # rows that came in before the cut would be taken for others' now
        beside = self.order.mode is Mode.APPEND and before is not None and not again
        self._begin(beside=beside)
        # its rows are in, and others have come after them
        followed = before is not None and again and before.batch != self.order.batch_id
        if before is None:
            self._first = True
            with transaction(connection) as cursor:
                self._stage(cursor, before, located=False)
                self._publish_first(cursor)
            # what was just committed can be read; search and indexes come in a second change of names
            self.watch.published()
            self._replace(connection, self.order.resource_id)
            self._first = False
        elif not followed and (self.order.mode is Mode.REPLACE or (again and not before.whole)):
            with transaction(connection) as cursor:
                self._stage(cursor, before, located=False)
            self._replace(connection, self.staging)
            self.watch.published()
        else:
            with transaction(connection) as cursor:
                self._stage(cursor, before, located=self.order.mode is Mode.UPSERT)
            if not again:
                widening.begin(self.shape, before)
            with transaction(connection) as cursor:
                self._merge(cursor, before, done=again)
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

    def _begin(self, *, beside: bool) -> None:
        """Have the checks prepare themselves; those that must know all rows see them first."""
        for check in self.order.checks:
            check.begin(beside=beside)
        if learners := [check for check in self.order.checks if check.learns]:
            for chunk in chunks(self.table, self.order.plan, kept_rows=0):
                for check in learners:
                    check.learn(chunk.data)

    def _conclude(self) -> None:
        """Let the checks judge the whole. Raises BatchError, or HeldError where its owner is to decide."""
        stopping: dict[Then, Problem] = {}
        for check in self.order.checks:
            concluded = check.conclude(self.tally.read)
            self.tally.conclude(check.name, concluded)
            if concluded.problem is not None:
                nobody = concluded.then is Then.ASK and self.order.asks is Reach.NOTHING
                stopping.setdefault(Then.HOLD if nobody else concluded.then, concluded.problem)
        for then, kind in ((Then.REFUSE, BatchError), (Then.HOLD, HeldError)):
            if problem := stopping.get(then):
                raise kind(problem.code, column=problem.column, **problem.params)
        self._sent = stopping.get(Then.ASK)

    def _ask(self, cursor: Any, before: Existing | None) -> None:
        """Raise AskedError where people are to decide whether the staged rows go in."""
        if self._sent is None and self.order.asks is not Reach.ALL:
            return
        problem = self._sent or Problem("to_be_judged")
        asked = AskedError(problem.code, column=problem.column, **problem.params)
        asked.seen = self._seen(cursor, before)
        raise asked

    def _seen(self, cursor: Any, before: Existing | None) -> dict[str, Any]:
        """Give what those who decide are shown of the staged rows beside those there are."""
        order, names = self.order, self.shape.names
        both = comparing.shared(names, before) if before else ()
        key = tuple(name for name in order.key or order.known_by if name in both)
        if len(key) < len(order.key or order.known_by):
            key = ()
        compared = comparing.Compared(
            self.staging,
            order.resource_id,
            both or tuple(names),
            key,
            order.mode is Mode.REPLACE,
            order.mode is Mode.APPEND,
        )
        self.watch.progress("comparing", 0.0)
        seen: dict[str, Any] = {"mode": order.mode.value, "first": self._first_rows()}
        if before is not None and both and order.mode is not Mode.APPEND:
            seen["difference"] = comparing.difference(cursor, compared)
        seen["duplicates"] = comparing.duplicates(
            cursor, compared, there=before is not None and bool(both), rows=self._rows
        )
        if self.shape.geometry:
            seen["places"] = comparing.places(cursor, self.staging)
        return seen

    def _first_rows(self) -> dict[str, Any]:
        """Give the first rows that would go in: `names`, and of each `line` (a position), `cells`, those `at` fault."""
        names = list(self.shape.types)[: comparing.SHOWN_COLUMNS]
        wrong: dict[int, set[str]] = {}
        for problem in self.tally.listed:
            if problem.line is not None and problem.column:
                wrong.setdefault(problem.line, set()).add(problem.column)
        cells = self._head.select(pl.col(names).cast(pl.String, strict=False)) if names else self._head
        rows = [
            {
                "line": int(position),
                "cells": [comparing.cut(cell) for cell in row],
                "at": [place for place, name in enumerate(names) if name in wrong.get(int(position), ())],
            }
            for position, row in zip(self._head[POSITION], cells.iter_rows(), strict=True)
        ]
        return {"names": names, "rows": rows}

    def _frames(self) -> Iterator[pl.DataFrame]:
        for chunk in chunks(self.table, self.order.plan, checks=self.order.checks):
            self.tally.add(chunk)
            for name, size in longest_texts(chunk.data, self.order.plan).items():
                self.shape.longest[name] = max(self.shape.longest.get(name, 0), size)
            if len(self._head) < SHOWN_ROWS:
                head = chunk.data.drop(GEOMETRY, strict=False).head(SHOWN_ROWS - len(self._head))
                self._head = pl.concat([self._head, head]) if len(self._head) else head
            count = len(chunk.data)
            numbers = pl.int_range(self._rows + 1, self._rows + count + 1, eager=True).alias("_id")
            self._rows += count
            self.watch.progress("loading", chunk.done)
            yield chunk.data.with_columns(numbers)

    def _stage(self, cursor: Any, before: Existing | None, *, located: bool) -> None:
        building.create(cursor, self.staging, self.shape, position=located)
        names = ["_id", *self.shape.names, *([POSITION] if located else [])]
        copying.copy(cursor, self.staging, names, self._frames())
        self._conclude()
        if not self._rows:
            raise BatchError("no_good_row" if self.tally.refused else "header_only")
        if self.order.mode is Mode.UPSERT:
            self._one_row_per_key(cursor, located=located)
        self._ask(cursor, before)
        # what was brought in before a cut is finished, not put off
        if self.order.later and (before is None or self.order.batch_id not in before.batches):
            raise LaterError

    def _publish_first(self, cursor: Any) -> None:
        building.add_key(cursor, self.staging)
        building.finish(cursor, self.staging, self.shape)
        building.count_rows(cursor, self.order.resource_id, self._rows)
        mark(cursor, self.staging, self.order.batch_id, whole=False)
        building.rename(cursor, self.staging, self.order.resource_id, None, [])

    def _replace(self, connection: Any, source: str) -> None:
        """Make the whole table from `source`, beside the resource's, and let it take its place."""
        self.watch.progress("searching", 0.0)
        new, resource = self.new, self.order.resource_id
        made = building.indexes(self.shape, self._rows)
        tasks: list[lanes.Task] = [partial(index.create, table=new, name=index.passing) for index in made]
        tasks.append(partial(building.create_key_index, table=new))
        with transaction(connection) as cursor:
            # nobody changes rows while we copy them; reading goes on
            cursor.execute(sql.SQL("LOCK TABLE {} IN SHARE MODE").format(sql.Identifier(resource)))
            before = existing(cursor, resource)
            with work() as other:
                building.create_searchable(other, new, source, self.shape)
            lanes.side_by_side(tasks, building.lanes(), partial(self.watch.progress, "indexing"))
            building.add_key(cursor, new, made=True)
            building.finish(cursor, new, self.shape)
            building.lock_for_change(cursor, resource)
            building.count_rows(cursor, resource, self._rows)
            self.tally.total = self._rows
            mark(cursor, new, self.order.batch_id, whole=True)
            self.order.record(cursor.connection)
            building.rename(cursor, new, resource, before, made)
            cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(self.staging)))

    def _merge(self, cursor: Any, before: Existing, *, done: bool) -> None:
        """Bring the staged rows into the resource's table, unless that was `done` before the worker was cut off."""
        resource = self.order.resource_id
        # Of a load that was cut off after it was recorded the ledger takes no second.
        self.order.record(cursor.connection)
        if done:
            cursor.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(self.staging)))
            return
        cursor.execute("SELECT set_config('default_text_search_config', %s, true)", [building.search_language()])
        # readers go on with the rows there are
        building.lock_for_change(cursor, resource, readers=True)
        if self.order.mode is Mode.UPSERT:
            self.tally.changed = building.update_and_insert(cursor, self.staging, self.shape, self.order.key, before)
        else:
            last = building.last_key(cursor, resource)
            building.insert(cursor, resource, self.staging, self.shape)
            self.tally.changed = building.keys_between(last, building.last_key(cursor, resource))
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(resource)))
        self.tally.total = cursor.fetchone()[0]
        building.count_rows(cursor, resource, self.tally.total)
        widening.finish(cursor, self.shape)
        mark(
            cursor,
            resource,
            self.order.batch_id,
            whole=True,
            others=before.batches - self.order.settled(before.batches),
        )
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
