"""What can be done with batches."""

from __future__ import annotations

import datetime as dt
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from ckan.logic import validate
from ckan.model.types import make_uuid
from ckan.types import Context, DataDict
from werkzeug.datastructures import FileStorage

from ckanext.lrtzc.asking import asker
from ckanext.lrtzc.clock import midnight
from ckanext.lrtzc.ledger.api import record

from .. import jobs, judges, listing, progress, storage, timing
from ..checks import RELEASED
from ..confirmation import check, merged
from ..dictionary import update_dictionary
from ..domain.problems import BatchError, Problem
from ..domain.states import Event, State, TransitionError, possible
from ..governing import refuse_rows
from ..kinds import KIND, refusal_of_rows
from ..model import Batch
from ..proposal import table_of
from . import schema
from .timing import batch_timing_show, batch_timing_update, batch_waiting_integrate

__all__ = [
    "batch_confirm",
    "batch_create",
    "batch_dictionary_update",
    "batch_list",
    "batch_release",
    "batch_reread",
    "batch_retry",
    "batch_search",
    "batch_show",
    "batch_timing_show",
    "batch_timing_update",
    "batch_waiting_integrate",
    "batch_withdraw",
    "datastore_create",
    "datastore_upsert",
]

# files up to this size are looked at while the person waits; larger ones by a worker
INLINE_BYTES = 20 << 20


def _batch(batch_id: str, *, lock: bool = False) -> Batch:
    batch = Batch.get(batch_id, lock=lock)
    if batch is None:
        raise tk.ObjectNotFound(tk._("There is no such batch."))
    return batch


def _happen(batch: Batch, event: Event) -> None:
    try:
        batch.happen(event)
    except TransitionError as error:
        model.Session.rollback()
        raise tk.ValidationError({"state": [tk._("This can't be done with this batch now.")]}) from error


def _of_rows(batch: Batch) -> None:
    """Refuse for batches of another kind what only rows have: columns, a way to be read."""
    if batch.settings.get(KIND):
        model.Session.rollback()
        raise tk.ValidationError({"state": [tk._("This can't be done with this batch now.")]})


def _shown(batch: Batch) -> dict[str, Any]:
    shown = batch.as_dict()
    # What those decide who are asked, nobody else does.
    events = possible(State(batch.state)) - {Event.ACCEPT, Event.REJECT, Event.ASK, Event.REVOKE}
    if batch.report.get("erased"):
        events -= {Event.RETRY, Event.RELEASE}
    shown["possible"] = sorted(events)
    if batch.state == State.CONFIRMED and batch.held is not None and batch.going is None:
        shown["waits"] = {"since": batch.held.isoformat()}
    elif batch.state in (State.RECEIVED, State.CONFIRMED, State.LOADING):
        shown["progress"] = progress.read(batch.id)
    if (error := batch.report.get("error") or batch.report.get("asked")) and batch.state != State.INTEGRATED:
        shown["error"] = Problem.from_dict(error).sentence(tk._)
    return shown


def _author(context: Context) -> str:
    user = model.User.get(context.get("user") or "")
    return user.id if user else ""


@validate(schema.batch_create)
def batch_create(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Send a file to a dataset.

    :param package_id: the dataset's id or name
    :param upload: the file
    :param resource_id: the resource that the file's rows are for; a new one if absent
    :param name: the file's name, if it is not the upload's own
    :param unattended: load at once with the types that are inferred, unless columns would be lost or change type
    :param table: how to read it where that can't be guessed: `encoding`, `delimiter`, `header_line`, `sheet` (also the
        layer of a Shapefile or GeoPackage, the table of a SIARD archive), `path`, `entry`, `crs` (EPSG code)
    :returns: the batch, see `batch_show`
    :raises ValidationError: where the file can't be kept (too large, empty, refused by the antivirus), or the dataset
        holds no rows but files of another kind
    """
    tk.check_access("batch_create", context, data_dict)
    package = model.Package.get(data_dict["package_id"])
    upload = data_dict["upload"]
    if package is None or not isinstance(upload, FileStorage) or not upload.filename:
        raise tk.ValidationError({"upload": [tk._("Choose a file.")]})
    if reason := refusal_of_rows(str(package.id)):
        raise tk.ValidationError({"upload": [reason]})
    resource_id = data_dict.get("resource_id")
    if resource_id:
        resource = model.Resource.get(resource_id)
        if resource is None or resource.package_id != package.id:
            raise tk.ValidationError({"resource_id": [tk._("This dataset has no such resource.")]})
    batch = Batch(
        id=make_uuid(),
        package_id=package.id,
        resource_id=resource_id or make_uuid(),
        author=_author(context),
        origin="upload",
        name=storage.safe_name(data_dict.get("name") or upload.filename),
        unattended=data_dict["unattended"],
        # what other rooms decide for a file they send comes with the context, never from outside
        settings={"table": data_dict.get("table") or {}, "given": context.get("lrtzc_given") or {}},
    )
    try:
        kept = storage.receive(upload.stream, batch.id, batch.name)
    except BatchError as error:
        raise tk.ValidationError({"upload": [f"{batch.name}: {error.problem.sentence(tk._)}"]}) from error
    batch.location, batch.size, batch.sha256 = kept.location, kept.size, kept.sha256
    model.Session.add(batch)
    model.Session.commit()
    if batch.size <= INLINE_BYTES:
        jobs.analyse(batch.id)
        batch = _batch(batch.id)
    if batch.state in (State.RECEIVED, State.CONFIRMED) and not context.get("lrtzc_now"):
        jobs.enqueue(batch.id)
    return _shown(batch)


@tk.side_effect_free
@validate(schema.batch_show)
def batch_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Show a batch.

    :param id: the batch's id
    :returns: its state, what may happen to it (`possible`), how it will be loaded (`settings`), what was found in it
        (`analysis`), what loading gave (`report`, counts of rows), `progress` (percent) while it is worked on, and
        `error`, a sentence, where it failed, was put aside or waits for moderators; where it was checked and waits for
        the hour or the number of its resource, `waits`: `since` when, `at` what moment it goes in (none where that
        depends on others), how many `count` wait with it, and of which `number` (0 where none is waited for)
    """
    tk.check_access("batch_show", context, data_dict)
    batch = _batch(data_dict["id"])
    shown = _shown(batch)
    if "waits" in shown and (found := timing.waiting(batch.resource_id)):
        at = found[0].goes_at(batch)
        shown["waits"] |= {"at": at.isoformat() if at else None, "count": found[0].count, "number": found[0].number}
    return shown


@tk.side_effect_free
@validate(schema.batch_list)
def batch_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """List the batches of a dataset, the newest first, without their analysis.

    :param package_id: the dataset's id or name
    :param limit: how many, 50 unless told, 200 at most
    :param offset: how many to pass over
    """
    tk.check_access("batch_list", context, data_dict)
    package = model.Package.get(data_dict["package_id"])
    if package is None:
        raise tk.ObjectNotFound(tk._("There is no such dataset."))
    found = Batch.of_package(package.id, min(data_dict["limit"], 200), data_dict["offset"])
    return [{k: v for k, v in _shown(batch).items() if k not in ("analysis", "settings")} for batch in found]


@tk.side_effect_free
@validate(schema.batch_search)
def batch_search(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """List the batches of all datasets that one may change, the newest first; administrators have those of all.

    :param state: only those in a state, such as `waiting`
    :param package_id: only those for a dataset, by its id or name
    :param author: only those that a person sent, by the id or name of their account
    :param since: only those that came on this day or later, such as `2024-12-31`, in the portal's time zone
    :param until: only those that came on this day or before
    :param limit: how many, 50 unless told, 200 at most
    :param offset: how many to pass over
    :returns: `count`, `states` (how many in each, whatever `state` says) and `results`: of each what is said of it,
        nothing of its rows, with `dataset` (`name`, `title`)
    """
    tk.check_access("batch_search", context, data_dict)
    user, package_id, author = asker(context), data_dict.get("package_id", ""), data_dict.get("author", "")
    if package_id:
        package = model.Package.get(package_id)
        # none other is found by what stands for nothing
        package_id = str(package.id) if package else package_id
    if author:
        sender = model.User.get(author)
        author = str(sender.id) if sender else author
    since, until = data_dict.get("since"), data_dict.get("until")
    wanted = listing.Wanted(
        data_dict.get("state", ""),
        package_id,
        author,
        midnight(since) if since else None,
        midnight(until + dt.timedelta(days=1)) if until and until < dt.date.max else None,
    )
    return listing.page(user, wanted, min(data_dict["limit"], 200), data_dict["offset"])


@validate(schema.batch_reread)
def batch_reread(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Read a batch again in another way: another sheet, layer, delimiter, encoding, header line, path, coordinates.

    :param id: the batch's id
    :param table: as for `batch_create`; what is absent is guessed
    """
    tk.check_access("batch_reread", context, data_dict)
    batch = _batch(data_dict["id"], lock=True)
    _of_rows(batch)
    _happen(batch, Event.ANALYSE)
    batch.settings = {"table": data_dict["table"], "given": batch.settings.get("given") or {}}
    model.Session.commit()
    jobs.analyse(batch.id)
    return _shown(_batch(batch.id))


@validate(schema.batch_confirm)
def batch_confirm(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Accept how a batch will be loaded, and have it loaded.

    :param id: the batch's id
    :param columns: what to change of the columns proposed: list of {name, type, keep, label, notes, unit}
    :param mode: `replace` (default), `append` or `upsert`
    :param key: names of the columns that tell rows apart (upsert)
    :param empty_bad_cells: empty the cells that don't fit rather than refuse their rows
    :param use_geometry: make a geometry where one was recognised (default true)
    :param accept_changes: accept that columns are lost or change type
    :raises ValidationError: `accept_changes` names what would be lost or change, where that isn't accepted
    """
    tk.check_access("batch_confirm", context, data_dict)
    batch = _batch(data_dict["id"], lock=True)
    _of_rows(batch)
    if Event.CONFIRM not in possible(State(batch.state)):
        _happen(batch, Event.CONFIRM)
    settings = merged(batch.settings, data_dict)
    try:
        check(settings, table_of(batch.resource_id), accepted=data_dict["accept_changes"])
    except tk.ValidationError:
        model.Session.rollback()
        raise
    batch.settings = settings
    batch.unattended = False
    _happen(batch, Event.CONFIRM)
    model.Session.commit()
    progress.forget(batch.id)
    if not context.get("lrtzc_now"):
        jobs.enqueue(batch.id)
    return _shown(batch)


@validate(schema.batch_withdraw)
def batch_withdraw(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Withdraw a batch that isn't integrated: its file is erased, and nobody is asked about it any more.

    :param id: the batch's id
    """
    tk.check_access("batch_withdraw", context, data_dict)
    judges.hold(data_dict["id"])
    batch = _batch(data_dict["id"], lock=True)
    _happen(batch, Event.WITHDRAW)
    judges.ask_no_more(batch.id)
    # Both hold values of the rows.
    batch.report, batch.analysis = {}, {}
    model.Session.commit()
    storage.forget(batch.id)
    model.Session.commit()
    progress.forget(batch.id)
    # others of its resource may have been to go in after it
    timing.start(batch.resource_id)
    return _shown(batch)


@validate(schema.batch_retry)
def batch_retry(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Try again a batch that failed, from its file.

    :param id: the batch's id
    """
    tk.check_access("batch_retry", context, data_dict)
    batch = _batch(data_dict["id"], lock=True)
    if batch.report.get("erased"):
        model.Session.rollback()
        raise tk.ValidationError({"state": [Problem("file_gone").sentence(tk._)]})
    _happen(batch, Event.RETRY)
    batch.report = {}
    model.Session.commit()
    jobs.enqueue(batch.id)
    return _shown(batch)


@validate(schema.batch_release)
def batch_release(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Have a batch that was put aside go in although too much of it breaks the rules of quality.

    Rows that single rules refuse stay out; what the rules say of the batch stays in its report.

    :param id: the batch's id
    """
    tk.check_access("batch_release", context, data_dict)
    batch = _batch(data_dict["id"], lock=True)
    if batch.report.get("erased"):
        model.Session.rollback()
        raise tk.ValidationError({"state": [Problem("file_gone").sentence(tk._)]})
    _happen(batch, Event.RELEASE)
    batch.settings = {**batch.settings, RELEASED: True}
    details = {"batch": batch.id, "dataset": batch.package_id}
    record("resource.release", object_type="resource", object_id=batch.resource_id, details=details)
    model.Session.commit()
    jobs.enqueue(batch.id)
    return _shown(batch)


@validate(schema.batch_dictionary_update)
def batch_dictionary_update(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Change the dictionary of a resource's columns: label, notes, unit. It is kept when the data is loaded again.

    :param resource_id: the resource's id
    :param columns: list of {name, label, notes, unit}; other columns stay as they are
    """
    tk.check_access("batch_dictionary_update", context, data_dict)
    if not update_dictionary(data_dict["resource_id"], data_dict["columns"]):
        raise tk.ObjectNotFound(tk._("This resource holds no rows."))
    return tk.get_action("datastore_info")(tk.fresh_context(context), {"id": data_dict["resource_id"]})


@tk.chained_action
def datastore_create(original: Any, context: Context, data_dict: Any) -> Any:
    """Refuse rows for a file that takes them by batches only."""
    refuse_rows("datastore_create", context, data_dict)
    return original(context, data_dict)


@tk.chained_action
def datastore_upsert(original: Any, context: Context, data_dict: Any) -> Any:
    """Refuse rows for a file that takes them by batches only."""
    refuse_rows("datastore_upsert", context, data_dict)
    return original(context, data_dict)
