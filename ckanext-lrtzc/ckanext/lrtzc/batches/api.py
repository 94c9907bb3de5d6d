"""The room's door: how other rooms send files, and what they may ask of the data they became."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any, BinaryIO

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.model.types import make_uuid
from sqlalchemy.dialects.postgresql import ARRAY
from werkzeug.datastructures import FileStorage

from . import jobs, judges, storage
from .antivirus import Looked, look_at
from .asked import (
    asked_about,
    last_states,
    load_of_small,
    packages_of_batches,
    raw_form,
    rows_of_small,
    sender_of,
    waiting_of,
)
from .checks import IBatchChecks, load_of
from .copies import GONE, KEY, copy_of, forget_copies, forget_copy, keep_copy
from .domain.archives import BROKEN_ENTRY, check_archive
from .domain.checking import BatchCheck, Conclusion, Judged, Load, Then
from .domain.coltypes import ColumnType
from .domain.detect import FORMATS, detect
from .domain.limits import Limits, readable_size
from .domain.problems import BatchError, Problem
from .domain.report import without_formula
from .domain.states import Event, State
from .domain.tables import Frame, Source, Table
from .erasing import Aged, columns_of, count_older, erase_file, erase_older, erase_raw, rows_number, without_file
from .governing import IBatchesOnly
from .judges import ACCEPTED, IBatchJudges, Reach
from .kinds import KIND, BatchKind, IBatchKinds, Integrated, Piece, refusal_of_rows
from .lying import lying_beside, overlapped, rows_replaced
from .model import Batch
from .preparing import IBatchPreparing
from .publication import rows_only
from .reported import last_reports, reports_of, stopped_since
from .rowtable import RowColumn, RowTable, prepare_table
from .storage import put_seen, read_seen, safe_name
from .stored import (
    Stored,
    as_written,
    cast,
    last_batch,
    look_again,
    missing,
    names_in_row,
    numbers_of,
    package_of,
    readable,
    resource_of_batch,
    rows_in,
    rows_of_batch,
    stored,
    table_of_batch,
    values_in,
)
from .takingback import content_of, reason_of, revoke, supersede
from .together import RowBatches, submit_small, wake
from .versions import (
    DESTROY,
    RECORDS,
    Told,
    Version,
    changed_since,
    history,
    key_of,
    keys_hold,
    last_version,
    under_way,
    version_told,
    versions_at,
)
from .versions import FILES as FILES_MODE
from .versions import SIGNAL as VERSION_SIGNAL
from .versions import note as note_version

__all__ = [
    "BROKEN_ENTRY",
    "DESTROY",
    "FILES_MODE",
    "GONE",
    "KEY",
    "RECORDS",
    "VERSION_SIGNAL",
    "Aged",
    "BatchCheck",
    "BatchError",
    "BatchKind",
    "ColumnType",
    "Conclusion",
    "Frame",
    "IBatchChecks",
    "IBatchJudges",
    "IBatchKinds",
    "IBatchPreparing",
    "IBatchesOnly",
    "Integrated",
    "Judged",
    "Limits",
    "Load",
    "Looked",
    "Piece",
    "Problem",
    "Reach",
    "RowBatches",
    "RowColumn",
    "RowTable",
    "Source",
    "Stored",
    "Table",
    "Then",
    "Told",
    "Version",
    "as_written",
    "asked_about",
    "cast",
    "changed_since",
    "check_archive",
    "columns_of",
    "content_of",
    "copy_of",
    "count_older",
    "erase_file",
    "erase_older",
    "erase_raw",
    "forget_copies",
    "forget_copy",
    "format_of",
    "formats",
    "go_on",
    "history",
    "judged_by_people",
    "keep_copy",
    "keep_out",
    "key_of",
    "keys_hold",
    "largest_file",
    "last_batch",
    "last_reports",
    "last_states",
    "last_version",
    "let_in",
    "load_of_batch",
    "load_of_small",
    "look_again",
    "look_at",
    "lying_beside",
    "missing",
    "names_in_row",
    "note_version",
    "numbers_of",
    "overlapped",
    "package_of",
    "packages_of_batches",
    "prepare_table",
    "published_reports",
    "put_seen",
    "raw_form",
    "read_seen",
    "readable",
    "readable_size",
    "reason_of",
    "refusal_of_rows",
    "reports_of",
    "resource_of_batch",
    "revoke",
    "rows_in",
    "rows_number",
    "rows_of_batch",
    "rows_of_small",
    "rows_only",
    "rows_replaced",
    "safe_name",
    "sender_of",
    "states_of",
    "stopped_since",
    "stored",
    "submit_file",
    "submit_kind",
    "submit_small",
    "submitted_by",
    "supersede",
    "table_of_batch",
    "under_way",
    "values_in",
    "version_told",
    "versions_at",
    "waiting_of",
    "wake",
    "without_file",
    "without_formula",
]


def submit_kind(
    kind: str,
    package_id: str,
    resource_id: str,
    stream: BinaryIO,
    name: str,
    author: str,
    *,
    given: dict[str, Any] | None = None,
    wait: bool = False,
) -> dict[str, Any]:
    """Send a batch of a kind of its own (see `IBatchKinds`); the caller has checked the right to.

    :param package_id: the dataset's identifier
    :param resource_id: that of the resource it is for, which may have to be made yet
    :param author: name or id of the user it is sent for
    :param given: what the kind is told beside
    :param wait: integrate it now, in this process, rather than by a worker
    :returns: the batch as `batch_show` gives it
    :raises ValidationError: where it can't be kept (too large, empty, refused by the antivirus)
    """
    user = model.User.get(author)
    batch = Batch(
        id=make_uuid(),
        package_id=package_id,
        resource_id=resource_id,
        author=user.id if user else "",
        origin="upload",
        name=safe_name(name),
        unattended=True,
        settings={KIND: kind, "given": given or {}},
    )
    try:
        kept = storage.receive(stream, batch.id, batch.name)
    except BatchError as error:
        told = tk._("{name}: {sentence}").format(name=batch.name, sentence=error.problem.sentence(tk._))
        raise tk.ValidationError({"upload": [told]}) from error
    batch.location, batch.size, batch.sha256 = kept.location, kept.size, kept.sha256
    model.Session.add(batch)
    model.Session.commit()
    if wait:
        jobs.advance(batch.id)
    else:
        jobs.enqueue(batch.id)
    return tk.get_action("batch_show")({"user": "", "ignore_auth": True}, {"id": batch.id})


def submit_file(
    package_id: str,
    stream: BinaryIO,
    name: str,
    author: str,
    *,
    resource: dict[str, Any] | None = None,
    resource_id: str | None = None,
    columns: dict[str, dict[str, Any]] | None = None,
    table: dict[str, Any] | None = None,
    mode: str = "replace",
    key: tuple[str, ...] = (),
    wait: bool = False,
) -> dict[str, Any]:
    """Send a file without a person: the types inferred are accepted, but for those given.

    :param package_id: the dataset's id or name
    :param stream: the file's bytes
    :param name: its name
    :param author: name or id of the user it is sent for
    :param resource: fields of the resource made for it (`name`, `description`, `license`…)
    :param resource_id: the resource to load into; a new one if absent
    :param columns: by column name, what to decide instead of inferring: `type`, `label`, `notes`, `unit`, `keep`
    :param table: how to read it, as for the action `batch_create`
    :param mode: `replace`, `append` or `upsert` (then `key` names the columns that tell rows apart)
    :param wait: load now, in this process, rather than by a worker
    :returns: the batch as `batch_show` gives it; its `state` is `integrated` where it was loaded, `analysed` where a
        person must confirm since columns would be lost or change type, `failed` with `error` where it can't be loaded
    :raises ValidationError: where the file can't be kept
    """
    user = model.User.get(author)
    given = {"resource": resource or {}, "columns": columns or {}, "mode": mode, "key": list(key)}
    context: Any = {
        "user": user.name if user else "",
        "ignore_auth": True,
        "lrtzc_now": wait,
        "lrtzc_given": given,
    }
    asked: dict[str, Any] = {
        "package_id": package_id,
        "upload": FileStorage(stream, filename=name),
        "unattended": True,
        "resource_id": resource_id,
        "table": table or {},
    }
    batch = tk.get_action("batch_create")(context, asked)
    if wait:
        jobs.advance(batch["id"])
        batch = tk.get_action("batch_show")({"user": "", "ignore_auth": True}, {"id": batch["id"]})
    return batch


def submitted_by(user_id: str, limit: int) -> list[dict[str, Any]]:
    """Give the files a person sent last.

    :returns: `id`, `name` of the file, `created`, `state`, `waits`: whether the person has to confirm it, `dataset` and
        `title` of its dataset; those of deleted datasets are left out
    """
    query = (
        sa.select(Batch.id, Batch.name, Batch.created, Batch.state, model.Package.name, model.Package.title)
        .join(model.Package, model.Package.id == Batch.package_id)
        .where(Batch.author == user_id, model.Package.state != "deleted", Batch.unattended.is_(False))
        .order_by(Batch.created.desc())
        .limit(limit)
    )
    return [
        {
            "id": number,
            "name": name,
            "created": created,
            "state": state,
            "waits": state == State.ANALYSED,
            "dataset": dataset,
            "title": title or dataset,
        }
        for number, name, created, state, dataset, title in model.Session.execute(query)
    ]


def published_reports(resource_ids: Collection[str], name: str) -> dict[str, dict[str, Any]]:
    """Give what a check said of the last batch of each resource that was published, by resource, in one statement.

    A resource whose last batch wasn't checked isn't in it: what was said of data before says nothing of it.

    :param name: the check's
    :returns: `changed`, when it was published, and `report`
    """
    asked = sa.select(sa.func.unnest(sa.cast(list(resource_ids), ARRAY(sa.Text))).label("resource_id")).subquery()
    latest = (
        sa.select(Batch.changed, Batch.report[name].label("report"))
        .where(Batch.resource_id == asked.c.resource_id, Batch.state == State.INTEGRATED.value)
        .order_by(Batch.created.desc())
        .limit(1)
        .lateral()
    )
    query = sa.select(asked.c.resource_id, latest).select_from(asked.join(latest, sa.true()))
    found = model.Session.execute(query.where(latest.c.report.is_not(None)))
    return {row.resource_id: {"changed": row.changed, "report": row.report} for row in found}


def load_of_batch(batch_id: str) -> Load | None:
    """Give what checks are told of a batch as it would be loaded now; None where it isn't one of rows, or not read."""
    batch = Batch.get(batch_id)
    return load_of(batch) if batch is not None and "columns" in batch.settings else None


def judged_by_people(package_id: str, resource_id: str) -> Reach:
    """Say which batches of a resource people decide on."""
    return judges.reach(package_id, resource_id)


def let_in(batch_id: str) -> None:
    """Have a batch that waits for those who decide go in, in the session's transaction; call `go_on` once committed."""
    batch = _waiting(batch_id)
    if batch is not None:
        batch.settings = {**batch.settings, ACCEPTED: True}
        batch.happen(Event.ACCEPT)


def keep_out(batch_id: str, reasons: str) -> None:
    """Reject a batch that waits for those who decide, in the session's transaction; its author reads the reasons."""
    batch = _waiting(batch_id)
    if batch is not None:
        batch.report = {**batch.report, "rejected": reasons}
        batch.analysis = jobs.without_seen(batch.analysis)
        batch.happen(Event.REJECT)


def _waiting(batch_id: str) -> Batch | None:
    batch = Batch.get(batch_id, lock=True)
    return batch if batch is not None and batch.state == State.WAITING else None


def go_on(batch_id: str) -> None:
    """Have a worker load a batch that was let in; where this is never called, the scheduler does it a minute later."""
    jobs.enqueue(batch_id)


def largest_file() -> int:
    """Give the size of the largest file that is accepted, in bytes."""
    return storage.max_size()


def formats() -> list[str]:
    """Give the formats that can be read, as they are written for people."""
    return sorted(FORMATS.values(), key=str.casefold)


def format_of(path: Path, name: str) -> str:
    """Say what the file at `path`, called `name`, is from its bytes, in the words of `formats`.

    :raises BatchError: it is none of these.
    """
    return FORMATS[detect(path, name)]


def states_of(batch_ids: Collection[str]) -> dict[str, str]:
    """Give where batches stand, by identifier, in one statement; those that are gone are left out."""
    query = sa.select(Batch.id, Batch.state).where(Batch.id.in_(batch_ids))
    return dict(model.Session.execute(query).tuples().all())
