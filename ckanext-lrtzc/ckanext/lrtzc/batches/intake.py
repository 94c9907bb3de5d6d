"""Take in what reaches a dataset by CKAN's own actions, so that there is no second way in."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from werkzeug.datastructures import FileStorage

from . import versions
from .antivirus import Looked, configured, look_at
from .domain.detect import detect
from .domain.problems import BatchError
from .domain.states import State
from .erasing import rows_number
from .model import Batch
from .publication import modified
from .storage import digest_of, local_file, safe_name

log = logging.getLogger(__name__)


def check_upload(resource: dict[str, Any]) -> None:
    """Have the antivirus look at the file that a resource is given, whatever action gives it, before it is kept.

    Raises ValidationError where it is refused.
    """
    upload = resource.get("upload")
    if not isinstance(upload, FileStorage) or isinstance(upload, Looked) or not configured():
        return
    with NamedTemporaryFile(prefix="lrtzc-batch-") as copy:
        shutil.copyfileobj(upload.stream, copy)
        copy.flush()
        upload.stream.seek(0)
        try:
            look_at(Path(copy.name))
        except BatchError as error:
            named = safe_name(upload.filename or "")
            raise tk.ValidationError({"upload": [f"{named}: {error.problem.sentence(tk._)}"]}) from error


def package_saved(_action: str, **sent: Any) -> None:
    """Have workers look at the files of a dataset that are not yet batches. Called after a dataset is saved."""
    context, result = sent.get("context") or {}, sent.get("result")
    if context.get("lrtzc_batch") or context.get("defer_commit"):
        return
    package_id = str(result["id"] if isinstance(result, dict) else result)
    query = model.Session.query(model.Resource).filter_by(package_id=package_id, state="active", url_type="upload")
    resources = query.all()
    if not resources:
        return
    known = Batch.known_files(package_id)
    user = model.User.get(context.get("user") or "")
    author = user.id if user else ""
    for resource in resources:
        time = modified(resource.id)
        if (resource.id, time) not in known:
            from .jobs import take_in

            tk.enqueue_job(
                take_in,
                [resource.id, time, author],
                title=f"file of resource {resource.id}",
                queue=tk.config["ckanext.lrtzc.batches.queue"],
                rq_kwargs={"timeout": int(tk.config["ckanext.lrtzc.batches.job_timeout"])},
            )


RECORD_ACTIONS = ("datastore_create", "datastore_upsert", "datastore_delete")
"""CKAN's actions by which developers change rows; `datastore_records_delete` asks the last."""


def records_changed(action: str, **sent: Any) -> None:
    """Note the batch of records that a developer sent, or took away, by CKAN's own actions: a version of the data."""
    context, asked = sent.get("context") or {}, sent.get("data_dict") or {}
    result = sent.get("result") or {}
    resource = model.Resource.get(result.get("resource_id") or asked.get("resource_id") or "")
    if resource is None or context.get("lrtzc_batch") or asked.get("dry_run"):
        return
    user = model.User.get(context.get("user") or "")
    batch = Batch(
        package_id=resource.package_id,
        resource_id=resource.id,
        author=user.id if user else "",
        origin="datastore",
        state=State.INTEGRATED.value,
        name=action,
        location="datastore:",
        file_modified=modified(resource.id),
    )
    model.Session.add(batch)
    model.Session.flush()
    versions.note(
        batch.resource_id,
        batch.package_id,
        versions.RECORDS,
        batch_id=batch.id,
        came=len(asked.get("records") or ()),
        rows=rows_number(batch.resource_id) or 0,
    )
    model.Session.commit()


def batch_of_resource(resource_id: str, file_modified: str | None, author: str) -> str | None:
    """Make an unattended batch of a resource's file; None where it is no table, or already known."""
    resource = model.Resource.get(resource_id)
    if resource is None or resource.state != "active" or modified(resource_id) != file_modified:
        return None
    if (resource_id, file_modified) in Batch.known_files(str(resource.package_id)):
        return None
    batch = Batch(
        package_id=resource.package_id,
        resource_id=resource_id,
        author=author,
        origin="resource",
        name=safe_name((resource.url or "").rpartition("/")[2] or "fichier"),
        location=f"resource:{resource_id}",
        unattended=True,
        file_modified=file_modified,
    )
    try:
        with local_file(batch) as path:
            detect(path, batch.name)
            batch.sha256, batch.size = digest_of(path), path.stat().st_size
    except BatchError as error:
        if error.problem.code in ("not_a_table", "unknown_format", "not_csv", "file_gone"):
            return None
    model.Session.add(batch)
    model.Session.commit()
    return batch.id
