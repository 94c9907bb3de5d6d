"""Batches that are small and many, such as answers to forms: received in one row each, integrated together.

To receive one is two rows in its sender's transaction, without a file. A worker then takes all those of a resource that
wait, and brings them into its table in one load, told apart by a key: whatever is done twice gives the same rows.
"""

from __future__ import annotations

import hashlib
import logging
import uuid
from abc import abstractmethod
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import polars as pl
import sqlalchemy as sa
from ckan.model.types import make_uuid
from ckanext.datastore.backend.postgres import get_write_engine

from ckanext.lrtzc.stores import redis

from . import jobs, judges, timing, versions
from .checks import checks_of
from .domain.casting import Column
from .domain.checking import Load
from .domain.coltypes import ColumnType
from .domain.pipeline import Plan, chunks
from .domain.problems import BatchError, Problem
from .domain.rows import frame_of
from .domain.states import Event, State
from .domain.tables import Frame
from .kinds import KIND, BatchKind, Integrated, Piece, kind_of, piece_of
from .loading.loader import Loader, Mode, Order
from .loading.tables import work
from .model import Batch, Small, living, now
from .publication import publish_rows
from .rowtable import RowTable
from .storage import SMALL, safe_name
from .takingback import SUPERSEDED, take_away

log = logging.getLogger(__name__)

AT_ONCE = 500
"""Batches integrated by one load."""
_SLEEP = 30
"""Seconds after which another job is made for a resource though one that was made hasn't begun."""
_NAMESPACE = uuid.UUID("6a1f8c5e-1d0c-4b57-9a43-1f0a4a6f7d11")


class RowBatches(BatchKind):
    """A kind of small batches, each of which becomes rows of its resource's table."""

    @abstractmethod
    def table(self, resource_id: str) -> RowTable:
        """Give the table of a resource as it must be now. Raises BatchError where it takes none any more."""

    @abstractmethod
    def rows(self, piece: Piece, content: bytes) -> list[Mapping[str, str]]:
        """Give the rows of a batch, as text by column, each with its key. Raises BatchError where it can't be read."""

    def look(self, piece: Piece, raw: Path) -> dict[str, Any]:
        """Look whether it becomes rows; give how many."""
        return {"rows": len(self.rows(piece, raw.read_bytes()))}

    def seen(self, piece: Piece, raw: Path) -> dict[str, Any]:
        """Give its rows to those who decide whether it goes in."""
        rows = self.rows(piece, raw.read_bytes())
        shape = self.table(piece.resource_id)
        names = [name for name in shape.types if any(name in row for row in rows)]
        cells = [
            {"line": line, "cells": [row.get(name) for name in names], "at": []} for line, row in enumerate(rows, 1)
        ]
        labels = {column.name: column.label or column.name for column in shape.columns}
        first = {"names": [labels[name] for name in names], "rows": cells}
        return {"mode": Mode.UPSERT.value, "first": first, "places": shape.places(rows)}

    def load(self, piece: Piece) -> Load:
        """Say what a load of its rows would be. Raises BatchError where its table is gone."""
        return _of(piece, self.table(piece.resource_id))

    def frames(self, piece: Piece, raw: Path) -> Iterator[pl.DataFrame]:
        """Give its rows, typed and placed, as they would come into the table. Raises BatchError."""
        shape, rows = self.table(piece.resource_id), self.rows(piece, raw.read_bytes())
        names = list(shape.types)
        table = _Rows(names, [[row.get(name) or None for name in names] for row in rows])
        for chunk in chunks(table, _plan(shape), kept_rows=0):
            yield chunk.data

    def integrate(self, piece: Piece, raw: Path, tell: Callable[[str, float], None]) -> Integrated:
        """Integrate one by itself, as those that are tried again or were held back."""
        return _loaded(self, [(piece, raw.read_bytes())])[piece.id]


@cache
def _receiving(columns: tuple[str, ...]) -> sa.Insert:
    """Make the statement that stores a small batch, of which some columns are given, and its raw form."""
    table = Batch.__table__
    batch = sa.insert(table).values({name: sa.bindparam(name, type_=table.c[name].type) for name in columns})
    raw = Small.__table__.c
    values = {name: sa.bindparam(name, type_=raw[name].type) for name in ("batch_id", "content")}
    return sa.insert(Small.__table__).values(values).add_cte(batch.cte("received"))


def submit_small(
    kind: str,
    package_id: str,
    resource_id: str,
    content: bytes,
    name: str,
    author: str,
    *,
    column: str,
    key: str,
    given: dict[str, Any] | None = None,
) -> str:
    """Receive a small batch in the session's transaction, and give its id; the caller commits, then calls `wake`.

    The caller has checked the right to.

    :param content: its raw form; 1 MB at most is sensible
    :param author: identifier of an account, or nothing
    :param column: the column that tells its rows apart, and `key` the value that all of them have there
    :param given: what the kind is told beside
    """
    batch_id = make_uuid()
    batch = {
        "id": batch_id,
        "package_id": package_id,
        "resource_id": resource_id,
        "author": author,
        "origin": "upload",
        "state": State.RECEIVED.value,
        "name": safe_name(name),
        "location": f"{SMALL}:{batch_id}",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "unattended": True,
        "settings": {KIND: kind, "given": {**(given or {}), "column": column, "key": key}},
        "analysis": {},
        "report": {},
        "created": now(),
        "changed": now(),
    }
    # one statement, without the mapper: one sends hundreds a second
    model.Session.execute(_receiving(tuple(batch)), {**batch, "batch_id": batch_id, "content": content})
    return batch_id


def wake(resource_id: str) -> None:
    """Have a worker integrate what waits for a resource, unless one is about to. Call after the commit."""
    # a flood would otherwise leave a job an answer; the mark goes with the job's begin, or by itself where it was lost
    if redis().set(_mark(resource_id), "1", nx=True, ex=_SLEEP) or tk.config.get("testing"):
        tk.enqueue_job(
            integrate_waiting,
            [resource_id],
            title=f"small batches of {resource_id}",
            queue=tk.config["ckanext.lrtzc.batches.queue"],
            rq_kwargs={"timeout": int(tk.config["ckanext.lrtzc.batches.job_timeout"])},
        )


def _mark(resource_id: str) -> str:
    """Give the name under which Redis knows that a job for a resource waits."""
    return f"lrtzc:{tk.config['ckan.site_id']}:batches:woken:{resource_id}"


def integrate_waiting(resource_id: str) -> None:
    """Bring all small batches that wait for a resource into its table, some hundreds at a time."""
    redis().delete(_mark(resource_id))
    with _alone(f"small batches {resource_id}") as free:
        while free and _some(resource_id):
            pass


@contextmanager
def _alone(name: str) -> Generator[bool]:
    """Hold a name while something is done; the database lets go of it with a worker that is killed."""
    with get_write_engine().connect() as connection:
        asked = {"name": name}
        free = bool(connection.scalar(sa.text("SELECT pg_try_advisory_lock(hashtextextended(:name, 2))"), asked))
        try:
            yield free
        finally:
            if free:
                connection.execute(sa.text("SELECT pg_advisory_unlock(hashtextextended(:name, 2))"), asked)


def _some(resource_id: str) -> bool:
    """Take the next batches of a resource as far as they can go; say whether there may be more."""
    asked = (Batch.resource_id == resource_id, Batch.location.startswith(f"{SMALL}:"))
    query = sa.select(Batch.id).where(*asked).order_by(Batch.created).limit(AT_ONCE)
    received = list(model.Session.scalars(query.where(Batch.state == State.RECEIVED.value)))
    model.Session.rollback()
    for batch_id in received:
        jobs.analyse(batch_id)
    timing.hold_small(resource_id)
    model.Session.commit()
    timing.look(resource_id)
    ready = (Batch.state.in_([State.CONFIRMED.value, State.LOADING.value]), ~timing.waits())
    waiting = list(model.Session.scalars(query.where(*ready).with_for_update(skip_locked=True)))
    batches = list(model.Session.scalars(sa.select(Batch).where(Batch.id.in_(waiting)).order_by(Batch.created)))
    for batch in batches:
        batch.happen(Event.START)
    model.Session.commit()
    if batches:
        _integrate([batch.id for batch in batches])
    return bool(received or batches)


def _integrate(ids: Sequence[str]) -> None:
    query = sa.select(Batch, Small.content).join(Small, Small.batch_id == Batch.id).where(Batch.id.in_(ids))
    found = list(model.Session.execute(query.order_by(Batch.created)).tuples())
    asked = [batch.id for batch, _content in found if judges.reach_of(batch) is judges.Reach.ALL]
    found = [(batch, content) for batch, content in found if batch.id not in asked]
    kinds = {str(batch.settings[KIND]): kind_of(batch) for batch, _content in found}
    pieces = {name: [(piece_of(b), c) for b, c in found if b.settings[KIND] == name] for name in kinds}
    model.Session.commit()
    for batch_id in asked:
        # people are asked about each
        jobs.load(batch_id)
    for name, kind in kinds.items():
        if not isinstance(kind, RowBatches):
            continue
        try:
            done = _loaded(kind, pieces[name])
        except Exception as error:
            if not isinstance(error, BatchError):
                log.warning("small batches are integrated one by one, since together they failed: %s", error)
            # what one of them is at fault of mustn't keep the others: each by itself
            for piece, _content in pieces[name]:
                jobs.load(piece.id)
            continue
        _done(done)


def _done(reports: Mapping[str, Integrated | Problem]) -> None:
    query = sa.select(Batch).where(Batch.id.in_(reports)).with_for_update().order_by(Batch.id)
    late: list[Batch] = []
    came: list[Batch] = []
    for batch in model.Session.scalars(query.execution_options(populate_existing=True)):
        if batch.state != State.LOADING:
            late.append(batch)
            continue
        told = reports[batch.id]
        if isinstance(told, Problem):
            batch.report = {"error": told.as_dict()}
            batch.happen(Event.FAIL)
        else:
            batch.report = told.report
            batch.rows_read = batch.rows_accepted = told.report["counts"]["accepted"]
            batch.rows_corrected = batch.rows_refused = 0
            batch.happen(Event.PUBLISH)
            came.append(batch)
    if came:
        # one version of the data for all that came in together
        last, rows = came[-1], sum(batch.rows_accepted or 0 for batch in came)
        versions.note(last.resource_id, last.package_id, Mode.UPSERT.value, batch_id=last.id, came=rows)
    model.Session.commit()
    for batch in late:
        # taken back while it was being loaded: its rows came after they had been taken away
        if batch.state == State.WITHDRAWN and not batch.report.get(SUPERSEDED):
            with work() as cursor:
                given = batch.settings["given"]
                take_away(cursor, batch.resource_id, given["column"], given["key"])


@dataclass
class _Rows:
    """Rows held in memory, as a table that loading reads."""

    names: list[str]
    cells: list[list[str | None]]
    headers: list[str] = field(default_factory=list[str])
    settings: dict[str, Any] = field(default_factory=dict[str, Any])
    problems: list[Problem] = field(default_factory=list[Problem])
    native: dict[str, ColumnType] = field(default_factory=dict[str, ColumnType])

    def frames(self) -> Iterator[Frame]:
        """Give the rows, numbered from 1."""
        yield Frame(frame_of(self.names, self.cells, range(1, len(self.cells) + 1), None), done=1.0)

    def locate(self, positions: list[int]) -> dict[int, int]:
        """Give the number of each row, which is its position."""
        return {position: position for position in positions}


def _loaded(kind: RowBatches, pieces: Sequence[tuple[Piece, bytes]]) -> dict[str, Any]:
    """Bring the rows of some batches of one resource into its table; give what became of each.

    :raises BatchError: where none of it goes in
    """
    first = pieces[0][0]
    shape = kind.table(first.resource_id)
    names = list(shape.types)
    cells: list[list[str | None]] = []
    owners: list[str] = []
    problems: dict[str, Problem] = {}
    for piece, content in pieces:
        try:
            rows = kind.rows(piece, content)
        except BatchError as error:
            problems[piece.id] = error.problem
            continue
        cells += [[row.get(name) or None for name in names] for row in rows]
        owners += [piece.id] * len(rows)
    if cells:
        tally = _load(first, shape, cells, pieces)
        publish_rows(first.resource_id)
        for problem in tally.listed:
            if problem.line is not None and not problem.code.endswith(("emptied", "repaired")):
                problems.setdefault(owners[problem.line - 1], problem)
    elif len(pieces) == 1:
        raise BatchError(problems[first.id].code, **problems[first.id].params)
    # of several rows with one key the last is kept, and the others have come true in it
    problems = {owner: problem for owner, problem in problems.items() if problem.code != "duplicate_key"}
    if len(pieces) == 1 and problems:
        raise BatchError(problems[first.id].code, column=problems[first.id].column, **problems[first.id].params)
    made = {piece.id: owners.count(piece.id) for piece, _content in pieces} if len(pieces) == 1 else _counted(owners)
    return {
        piece.id: problems.get(piece.id)
        or Integrated({"counts": {"read": made.get(piece.id, 0), "accepted": made.get(piece.id, 0)}})
        for piece, _content in pieces
    }


def _counted(owners: Sequence[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for owner in owners:
        counts[owner] = counts.get(owner, 0) + 1
    return counts


def _of(piece: Piece, shape: RowTable) -> Load:
    key = (shape.key,)
    return Load(piece.package_id, piece.resource_id, piece.author, shape.types, bool(shape.place), key=key)


def _plan(shape: RowTable) -> Plan:
    return Plan(tuple(Column(name, kind) for name, kind in shape.types.items()), shape.geometry)


def _load(first: Piece, shape: RowTable, cells: list[list[str | None]], pieces: Sequence[tuple[Piece, bytes]]) -> Any:
    def record(connection: Any) -> None:
        for piece, content in pieces:
            sha256 = hashlib.sha256(content).hexdigest()
            jobs.record_integration(piece, connection, mode=Mode.UPSERT.value, sha256=sha256)

    # the same batches, tried again after a cut, are the same load; others beside them make another
    together = uuid.uuid5(_NAMESPACE, " ".join(sorted(piece.id for piece, _content in pieces)))
    load = _of(first, shape)
    order = Order(
        str(together),
        first.resource_id,
        _plan(shape),
        Mode.UPSERT,
        (shape.key,),
        shape.infos,
        living(),
        frozenset,
        record,
        checks_of(load),
    )
    return Loader(_Rows(list(shape.types), cells), order).run()
