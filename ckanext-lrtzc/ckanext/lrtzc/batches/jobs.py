"""What workers do with batches. Each job takes ids, can be run again, and leaves the data whole if it is killed."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckanext.datastore.backend.postgres import get_write_engine
from flask_babel import force_locale

from ckanext.lrtzc.ledger.api import record_in

from . import judges, progress, proposal, storage, timing, turns, versions
from .checks import checks_of, load_of
from .domain.analysis import Analysis, look_at_table
from .domain.detect import RECORDS
from .domain.problems import AskedError, BatchError, HeldError, LaterError, Problem
from .domain.report import Tally
from .domain.states import Event, State
from .domain.tables import Reporting, Source, Table
from .kinds import BatchKind, Integrated, Piece, kind_of, piece_of
from .loading.loader import Loader, Mode, Order, Watch
from .model import Batch, living, now, settled
from .preparing import PREPARED, declared_for, prepared_table
from .publication import modified, publish

log = logging.getLogger(__name__)
T = TypeVar("T")

SEEN = "seen"
"""Where the analysis of a batch keeps what those who decide on it are shown, as long as they do."""


def without_seen(analysis: Mapping[str, Any]) -> dict[str, Any]:
    """Give the analysis of a batch on which nobody has to decide any more."""
    return {name: part for name, part in analysis.items() if name != SEEN}


def enqueue(batch_id: str) -> None:
    """Have a worker take a batch as far as it can go, in its turn. Call after the transaction is committed."""
    turns.wait(batch_id)
    tk.enqueue_job(
        take_next,
        [batch_id],
        title=f"batch {batch_id}",
        queue=tk.config["ckanext.lrtzc.batches.queue"],
        rq_kwargs={"timeout": int(tk.config["ckanext.lrtzc.batches.job_timeout"])},
    )


@contextmanager
def alone(batch_id: str) -> Generator[bool]:
    """Hold a batch while it is worked on; gives False where another living process holds it.

    The hold is the database's, and goes with the connection: a worker that is killed lets go of it.
    """
    with get_write_engine().connect() as connection:
        name = {"name": f"batch {batch_id}"}
        free = bool(connection.scalar(sa.text("SELECT pg_try_advisory_lock(hashtextextended(:name, 1))"), name))
        try:
            yield free
        finally:
            if free:
                connection.execute(sa.text("SELECT pg_advisory_unlock(hashtextextended(:name, 1))"), name)


def take_next(batch_id: str) -> None:
    """Work on the batch whose turn it is; each that waits has a job, so the job of one may serve another."""
    advance(turns.take(batch_id))


def advance(batch_id: str) -> None:
    """Analyse a batch that was received, confirm it if nobody is awaited, and load it once confirmed."""
    with alone(batch_id) as free:
        batch = Batch.get(batch_id) if free else None
        if batch is None:
            return
        if batch.state == State.RECEIVED:
            analyse(batch_id)
            batch = Batch.get(batch_id)
        if batch is not None and batch.state in (State.CONFIRMED, State.LOADING):
            resource_id = batch.resource_id
            load(batch_id)
            timing.start(resource_id)


def _fail(batch_id: str, problem: Problem, report: Mapping[str, Any] | None = None, event: Event = Event.FAIL) -> None:
    model.Session.rollback()
    batch = Batch.get(batch_id, lock=True)
    if batch is not None:
        batch.report = {**batch.report, **(report or {}), "error": problem.as_dict()}
        batch.count(batch.report)
        batch.happen(event)
    model.Session.commit()
    progress.forget(batch_id)


def _attempt(batch_id: str, work: Callable[[], T]) -> T | None:
    """Give what `work` gives; where it raises, the batch fails with a sentence for its page, and None is given."""
    try:
        return work()
    except AskedError as error:
        _wait(batch_id, error)
    except LaterError as error:
        timing.defer(batch_id, error)
    except HeldError as error:
        _fail(batch_id, error.problem, error.report, Event.HOLD)
    except BatchError as error:
        _fail(batch_id, error.problem, error.report)
    except Exception:
        # A file may make a library raise anything. A batch that stayed "being read" would tell nobody.
        reference = uuid.uuid4().hex[:8]
        log.exception("batch %s failed (reference %s)", batch_id, reference)
        _fail(batch_id, Problem("internal", {"reference": reference}))
    return None


def _wait(batch_id: str, asked: AskedError) -> None:
    """Have a batch wait for those who decide on it, who are asked in the same transaction."""
    model.Session.rollback()
    judges.hold(batch_id)
    batch = Batch.get(batch_id, lock=True)
    if batch is None:
        return
    batch.report = {**asked.report, "asked": asked.problem.as_dict()}
    batch.settings = dict(asked.settings or batch.settings)
    batch.analysis = {**batch.analysis, SEEN: asked.seen}
    batch.count(asked.report)
    batch.happen(Event.ASK)
    if not judges.ask(batch):
        # its owner asks nobody any more since it was read: it is judged again without them
        batch.happen(Event.ACCEPT)
        model.Session.commit()
        enqueue(batch_id)
        return
    model.Session.commit()
    progress.forget(batch_id)
    judges.tell(batch_id)


def analyse(batch_id: str) -> None:
    """Look at a received batch and propose how to load it; an unattended one is confirmed if nothing would be lost."""
    batch = Batch.get(batch_id, lock=True)
    if batch is None or batch.state not in (State.RECEIVED, State.ANALYSED):
        return
    if (kind := kind_of(batch)) is not None:
        _look(batch, kind)
        return
    given = batch.settings.get("given") or {}
    declared = declared_for(batch.resource_id)
    prepared = {PREPARED: declared} if declared else {}
    batch.settings = {"table": batch.settings.get("table") or {}, "given": given, **prepared}
    found = _attempt(batch_id, lambda: _analysed(batch))
    if found is None:
        return
    before = proposal.table_of(batch.resource_id)
    last = {**Batch.last_settings(batch.resource_id), **{key: given[key] for key in ("mode", "key") if given.get(key)}}
    settings, batch.analysis = proposal.propose(found, last, before)
    batch.settings = {**_with_given(settings, given), **prepared}
    if batch.unattended and (lost_key := _lost_key(last, batch.settings)):
        _fail(batch_id, Problem("lost_key", {"names": ", ".join(lost_key)}))
        return
    batch.happen(Event.ANALYSE)
    if batch.unattended:
        lost, changed = proposal.differences(batch.settings, before)
        if not (lost or changed):
            batch.happen(Event.CONFIRM)
    model.Session.commit()


def _lost_key(last: Mapping[str, Any], settings: Mapping[str, Any]) -> list[str]:
    """Give the columns that tell rows apart, and that the file to be joined by them lacks."""
    return [name for name in last.get("key", []) if name not in settings["key"]] if settings["mode"] == "upsert" else []


def _look(batch: Batch, kind: BatchKind) -> None:
    """Have a kind of its own look at a batch; nobody has to confirm it."""

    def looked() -> dict[str, Any]:
        with storage.local_file(batch) as path:
            return kind.look(piece_of(batch), path)

    found = _attempt(batch.id, looked)
    if found is None:
        return
    batch.analysis = found
    batch.happen(Event.ANALYSE)
    batch.happen(Event.CONFIRM)
    model.Session.commit()


def _analysed(batch: Batch) -> Analysis:
    with storage.local_file(batch) as path:
        if not batch.sha256:
            batch.sha256, batch.size = storage.digest_of(path), path.stat().st_size
        asked, limits = dict(batch.settings.get("table") or {}), storage.limits()
        declared = batch.settings.get(PREPARED)
        with prepared_table(Source(path, batch.name), asked, limits, declared, first=True) as table:
            return look_at_table(table, limits)


def _with_given(settings: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Give the settings with the columns that the sender described: type, label, notes, unit."""
    wanted = given.get("columns") or {}
    columns = [{**column, **wanted.get(column["name"], {})} for column in settings["columns"]]
    return {**settings, "columns": columns, "given": given}


def load(batch_id: str) -> None:
    """Load a confirmed batch. A batch found in loading was cut off: it starts again."""
    batch = Batch.get(batch_id, lock=True)
    if batch is None or batch.state not in (State.CONFIRMED, State.LOADING):
        model.Session.rollback()
        return
    if timing.put_off(batch):
        resource_id = batch.resource_id
        model.Session.commit()
        timing.look(resource_id)
        return
    waited = batch.held is not None
    batch.happen(Event.START)
    batch.report = {}
    model.Session.commit()
    if waited and (problem := _gone(batch)):
        _fail(batch_id, problem)
        return
    if (kind := kind_of(batch)) is not None:
        _integrate(batch, kind)
        return
    done = _attempt(batch_id, lambda: _published(batch))
    if done is None:
        return
    tally, report, file_modified, settings = done
    batch = Batch.get(batch_id, lock=True)
    if batch is None:
        return
    batch.report, batch.settings, batch.file_modified = report, settings, file_modified
    batch.analysis = without_seen(batch.analysis)
    batch.rows_read, batch.rows_accepted = tally.read, tally.accepted
    batch.rows_corrected, batch.rows_refused = tally.corrected, tally.refused
    batch.happen(Event.PUBLISH)
    versions.note(
        batch.resource_id,
        batch.package_id,
        settings["mode"],
        batch_id=batch_id,
        came=tally.accepted,
        rows=tally.total,
        changed=tally.changed,
    )
    model.Session.commit()
    progress.forget(batch_id)


def _gone(batch: Batch) -> Problem | None:
    """Say what went away while a batch waited to go in: its resource, or the file of it that it was."""
    resource = model.Resource.get(batch.resource_id)
    if resource is not None and (resource.state != "active" or resource.package.state == "deleted"):
        return Problem("resource_gone")
    replaced = batch.origin == "resource" and modified(batch.resource_id) != batch.file_modified
    return Problem("file_replaced") if replaced else None


def _integrate(batch: Batch, kind: BatchKind) -> None:
    """Have a kind of its own make a batch part of the data."""
    started = time.monotonic()
    batch_id = batch.id

    def integrated() -> Integrated:
        with storage.local_file(batch) as path:
            if judges.reach_of(batch) is judges.Reach.ALL:
                asked = AskedError("to_be_judged")
                asked.seen = kind.seen(piece_of(batch), path)
                raise asked
            return kind.integrate(piece_of(batch), path, progress.teller(batch_id))

    done = _attempt(batch_id, integrated)
    if done is None:
        return
    found = Batch.get(batch_id, lock=True)
    if found is None:
        return
    found.analysis = without_seen(found.analysis)
    found.report = {**done.report, "seconds": round(time.monotonic() - started, 1)}
    if done.erase_raw:
        found.report |= {"erased": now().date().isoformat()}
    found.happen(Event.PUBLISH)
    versions.note(found.resource_id, found.package_id, versions.FILES, batch_id=batch_id)
    model.Session.commit()
    progress.forget(batch_id)
    if done.erase_raw:
        storage.forget(batch_id)
        model.Session.commit()
    storage.forget_seen(batch_id)


def _published(batch: Batch) -> tuple[Tally, dict[str, Any], str | None, dict[str, Any]]:
    """Load a batch's file and publish it; give the counts, the report, the file's date, the settings it took."""
    started = time.monotonic()
    with storage.local_file(batch) as path:
        tally, report = _loaded(batch, Source(path, batch.name))
        report["seconds"] = round(time.monotonic() - started, 1)
        return tally, report, publish(batch, path), batch.settings


def _loaded(batch: Batch, source: Source) -> tuple[Tally, dict[str, Any]]:
    """Load; where nobody chose the types, columns with values that don't fit become text and all is read again."""
    try:
        tally, report = _once(batch, source)
    except BatchError as error:
        if not (wrong := _wrongly_typed(batch, error.report)):
            raise
    else:
        if not (wrong := _wrongly_typed(batch, report)):
            return tally, report
    batch.settings = proposal.as_text(batch.settings, wrong)
    return _once(batch, source)


def _wrongly_typed(batch: Batch, report: Mapping[str, Any]) -> set[str]:
    """Give the columns to be read as text, since nobody chose their type and not all values have it."""
    if not batch.unattended or batch.settings.get("given", {}).get("columns"):
        return set()
    wrong = {reason["column"] for reason in report.get("reasons", []) if reason["code"] == "bad_value"}
    before = {name for name, kind in (_types_before(batch) or {}).items() if kind != "text"}
    return set() if wrong & before else wrong


def _types_before(batch: Batch) -> dict[str, str] | None:
    last = Batch.last_settings(batch.resource_id)
    return {column["name"]: column["type"] for column in last.get("columns", [])} or None


def _once(batch: Batch, source: Source) -> tuple[Tally, dict[str, Any]]:
    settings = batch.settings
    order = Order(
        batch.id,
        batch.resource_id,
        proposal.plan_of(settings),
        Mode(settings["mode"]),
        tuple(settings["key"]),
        proposal.infos_of(settings),
        living(),
        settled,
        partial(record_integration, batch, mode=batch.settings["mode"], sha256=batch.sha256),
        checks_of(load_of(batch)),
        judges.reach_of(batch),
        tuple(settings["key"]),
        timing.only_checked(batch),
    )
    with prepared_table(source, settings["table"], storage.limits(), settings.get(PREPARED)) as table:
        loader = Loader(table, order, Watch(progress.teller(batch.id)))
        try:
            tally = loader.run()
        except BatchError as error:
            if isinstance(error, AskedError | LaterError) or loader.tally.listed or loader.tally.concluded:
                error.report = _reported(batch, table, loader.tally)
            if isinstance(error, AskedError):
                _locate(error, table, batch)
            if isinstance(error, LaterError):
                error.settings = dict(batch.settings)
            raise
        return tally, _reported(batch, table, tally)


def _reported(batch: Batch, table: Table, tally: Tally) -> dict[str, Any]:
    """Give the report of a load, and keep the list of rows at fault."""
    lines = table.locate(tally.positions())
    records = table.settings.get("kind") in RECORDS
    if tally.listed:
        # nobody's language is known here: the site's
        with force_locale(tk.config["ckan.locale_default"]):
            line = tk._("record") if records else tk._("line")
            words = {"line": line, "column": tk._("column"), "problem": tk._("problem")}
            storage.put_refused(batch.id, tally.refused_file(table.names, lines, words, tk._))
    done = table.done() if isinstance(table, Reporting) else {}
    report = tally.summary(lines, table.problems, table.names)
    report["faults"]["records"] = records
    return {**report, **done}


def _locate(asked: AskedError, table: Table, batch: Batch) -> None:
    """Say the lines of the rows shown to those who decide, and the settings they were read by."""
    rows = asked.seen["first"]["rows"]
    lines = table.locate(sorted(row["line"] for row in rows))
    for row in rows:
        row["line"] = lines.get(row["line"], row["line"])
    asked.settings = dict(batch.settings)


def record_integration(came: Batch | Piece, connection: Any, *, mode: str, sha256: str) -> None:
    """Write that a batch's rows are in, where they are and once for a batch, however often it is tried."""
    record_in(
        connection,
        "resource.integrate",
        once=came.id,
        actor=came.author or None,
        object_type="resource",
        object_id=came.resource_id,
        details={"batch": came.id, "dataset": came.package_id, "mode": mode, "sha256": sha256},
    )


def take_in(resource_id: str, file_modified: str | None, author: str) -> None:
    """Make a batch of the file that a resource was given by CKAN's own actions, if it is a table."""
    from .intake import batch_of_resource

    batch_id = batch_of_resource(resource_id, file_modified, author)
    if batch_id:
        advance(batch_id)
