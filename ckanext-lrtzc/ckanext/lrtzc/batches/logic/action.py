"""What can be done with batches."""

from __future__ import annotations

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from ckan.logic import validate
from ckan.model.types import make_uuid
from ckan.types import Context, DataDict
from werkzeug.datastructures import FileStorage

from .. import jobs, progress, storage
from ..confirmation import check, merged
from ..dictionary import update_dictionary
from ..domain.problems import BatchError, Problem
from ..domain.states import Event, State, TransitionError, possible
from ..model import Batch
from ..proposal import table_of
from . import schema

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


def _shown(batch: Batch) -> dict[str, Any]:
    shown = batch.as_dict()
    shown["possible"] = sorted(possible(State(batch.state)))
    if batch.state in (State.RECEIVED, State.CONFIRMED, State.LOADING):
        shown["progress"] = progress.read(batch.id)
    if error := batch.report.get("error"):
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
    :param table: how to read it where that can't be guessed: `encoding`, `delimiter`, `header_line`, `sheet`, `path`,
        `entry`, `crs`
    :returns: the batch, see `batch_show`
    :raises ValidationError: where the file can't be kept (too large, empty, refused by the antivirus)
    """
    tk.check_access("batch_create", context, data_dict)
    package = model.Package.get(data_dict["package_id"])
    upload = data_dict["upload"]
    if package is None or not isinstance(upload, FileStorage) or not upload.filename:
        raise tk.ValidationError({"upload": [tk._("Choose a file.")]})
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
        `error`, a sentence, where it failed
    """
    tk.check_access("batch_show", context, data_dict)
    return _shown(_batch(data_dict["id"]))


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


@validate(schema.batch_reread)
def batch_reread(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Read a batch again in another way: another sheet, delimiter, encoding, list of records, header line.

    :param id: the batch's id
    :param table: as for `batch_create`; what is absent is guessed
    """
    tk.check_access("batch_reread", context, data_dict)
    batch = _batch(data_dict["id"], lock=True)
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
    """Withdraw a batch that isn't integrated: its file is erased.

    :param id: the batch's id
    """
    tk.check_access("batch_withdraw", context, data_dict)
    batch = _batch(data_dict["id"], lock=True)
    _happen(batch, Event.WITHDRAW)
    model.Session.commit()
    storage.forget(batch.id)
    progress.forget(batch.id)
    return _shown(batch)


@validate(schema.batch_retry)
def batch_retry(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Try again a batch that failed, from its file.

    :param id: the batch's id
    """
    tk.check_access("batch_retry", context, data_dict)
    batch = _batch(data_dict["id"], lock=True)
    _happen(batch, Event.RETRY)
    batch.report = {}
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
