"""What workers do with batches. Each job takes ids, can be run again, and leaves the data whole if it is killed."""

from __future__ import annotations

import logging
import time
import uuid
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from flask_babel import force_locale

from . import progress, proposal, storage
from .domain.analysis import analyse as analyse_file
from .domain.opening import open_table
from .domain.problems import BatchError, Problem
from .domain.report import Tally
from .domain.states import Event, State
from .domain.tables import Source
from .loading.loader import Loader, Mode, Order, Watch
from .model import Batch
from .publication import publish

log = logging.getLogger(__name__)


def enqueue(batch_id: str) -> None:
    """Have a worker take a batch as far as it can go. Call after the transaction is committed."""
    tk.enqueue_job(
        advance,
        [batch_id],
        title=f"batch {batch_id}",
        queue=tk.config["ckanext.lrtzc.batches.queue"],
        rq_kwargs={"timeout": int(tk.config["ckanext.lrtzc.batches.job_timeout"])},
    )


def advance(batch_id: str) -> None:
    """Analyse a batch that was received, confirm it if nobody is awaited, and load it once confirmed."""
    batch = Batch.get(batch_id)
    if batch is None:
        return
    if batch.state == State.RECEIVED:
        analyse(batch_id)
        batch = Batch.get(batch_id)
    if batch is not None and batch.state in (State.CONFIRMED, State.LOADING):
        load(batch_id)


def _fail(batch_id: str, problem: Problem) -> None:
    model.Session.rollback()
    batch = Batch.get(batch_id, lock=True)
    if batch is not None:
        batch.report = {**batch.report, "error": problem.as_dict()}
        batch.happen(Event.FAIL)
    model.Session.commit()
    progress.forget(batch_id)


def _unexpected(batch_id: str) -> Problem:
    reference = uuid.uuid4().hex[:8]
    log.exception("batch %s failed (reference %s)", batch_id, reference)
    return Problem("internal", {"reference": reference})


def analyse(batch_id: str) -> None:
    """Look at a received batch and propose how to load it; an unattended one is confirmed if nothing would be lost."""
    batch = Batch.get(batch_id, lock=True)
    if batch is None or batch.state not in (State.RECEIVED, State.ANALYSED):
        return
    try:
        with storage.local_file(batch) as path:
            if not batch.sha256:
                batch.sha256, batch.size = storage.digest_of(path), path.stat().st_size
            asked = dict(batch.settings.get("table") or {})
            given = batch.settings.get("given") or {}
            found = analyse_file(Source(path, batch.name), asked, storage.limits())
    except BatchError as error:
        _fail(batch_id, error.problem)
        return
    except Exception:
        _fail(batch_id, _unexpected(batch_id))
        return
    before = proposal.table_of(batch.resource_id)
    last = {**Batch.last_settings(batch.resource_id), **{key: given[key] for key in ("mode", "key") if given.get(key)}}
    settings, batch.analysis = proposal.propose(found, last, before)
    batch.settings = _with_given(settings, given)
    batch.happen(Event.ANALYSE)
    if batch.unattended:
        lost, changed = proposal.differences(batch.settings, before)
        if not (lost or changed):
            batch.happen(Event.CONFIRM)
    model.Session.commit()


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
    batch.happen(Event.START)
    batch.report = {}
    model.Session.commit()
    started = time.monotonic()
    try:
        with storage.local_file(batch) as path:
            tally, report = _loaded(batch, Source(path, batch.name))
            report["seconds"] = round(time.monotonic() - started, 1)
            file_modified, settings = publish(batch, path), batch.settings
    except BatchError as error:
        _fail(batch_id, error.problem)
        return
    except tk.ValidationError as error:
        log.warning("batch %s: the resource was refused: %s", batch_id, error.error_summary)
        _fail(batch_id, _unexpected(batch_id))
        return
    except Exception:
        _fail(batch_id, _unexpected(batch_id))
        return
    batch = Batch.get(batch_id, lock=True)
    if batch is None:
        return
    batch.report, batch.settings, batch.file_modified = report, settings, file_modified
    batch.rows_read, batch.rows_accepted = tally.read, tally.accepted
    batch.rows_corrected, batch.rows_refused = tally.corrected, tally.refused
    batch.happen(Event.PUBLISH)
    model.Session.commit()
    progress.forget(batch_id)


def _living() -> set[str]:
    query = sa.select(Batch.id).where(Batch.state == State.LOADING.value)
    return set(model.Session.scalars(query))


def _loaded(batch: Batch, source: Source) -> tuple[Tally, dict[str, Any]]:
    """Load; where nobody chose the types, columns with values that don't fit become text and all is read again."""
    tally, report = _once(batch, source)
    if batch.unattended and not batch.settings.get("given", {}).get("columns"):
        wrong = {column for code, column in tally.reasons if code == "bad_value"}
        before = {name for name, kind in (_types_before(batch) or {}).items() if kind != "text"}
        if wrong and not wrong & before:
            batch.settings = proposal.as_text(batch.settings, wrong)
            tally, report = _once(batch, source)
    return tally, report


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
        _living(),
    )
    with open_table(source, settings["table"], storage.limits()) as table:
        tally = Loader(table, order, Watch(progress.teller(batch.id))).run()
        lines = table.locate(tally.positions())
        report = tally.summary(lines, table.problems)
        if tally.listed:
            # nobody's language is known here: the site's
            with force_locale(tk.config["ckan.locale_default"]):
                words = {"line": tk._("line"), "column": tk._("column"), "problem": tk._("problem")}
                storage.put_refused(batch.id, tally.refused_file(table.names, lines, words, tk._))
    return tally, report


def take_in(resource_id: str, file_modified: str | None, author: str) -> None:
    """Make a batch of the file that a resource was given by CKAN's own actions, if it is a table."""
    from .intake import batch_of_resource

    batch_id = batch_of_resource(resource_id, file_modified, author)
    if batch_id:
        advance(batch_id)
