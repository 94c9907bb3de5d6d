"""The resource of a batch: made or brought up to date once its rows are in."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from ckan.types import Context

from .antivirus import Looked
from .domain.detect import FORMATS, MIMETYPES, detect
from .model import Batch
from .storage import safe_name


def context_of(batch: Batch) -> Context:
    """Give the context in which the batch's author changes the dataset; rights were checked when it was confirmed."""
    user = model.User.get(batch.author)
    context: Any = {
        "model": model,
        "session": model.Session,
        "user": user.name if user else "",
        "ignore_auth": True,
        "lrtzc_batch": batch.id,
    }
    return context


def _title(name: str) -> str:
    stem = name.rpartition(".")[0] or name
    return stem.replace("_", " ").strip() or name


def _fields(batch: Batch, path: Path) -> dict[str, Any]:
    kind = detect(path, batch.name)
    return {
        "format": FORMATS[kind],
        "mimetype": MIMETYPES[kind],
        "size": batch.size,
        "hash": f"sha256:{batch.sha256}",
        "datastore_active": True,
    }


def publish(batch: Batch, path: Path) -> str | None:
    """Make the resource show what was loaded; give the time of its file, see `modified`.

    Raises ValidationError where the dataset refuses it.
    """
    resource = model.Resource.get(batch.resource_id)
    given = dict(batch.settings.get("given", {}).get("resource") or {})
    fields: dict[str, Any] = {**given, **_fields(batch, path)}
    context = context_of(batch)
    if batch.origin == "resource":
        tk.get_action("resource_patch")(context, {"id": batch.resource_id, **fields})
    elif batch.settings["mode"] != "replace" and resource is not None and resource.state == "active":
        # the file holds only what was added: what one downloads is the whole table
        tk.get_action("resource_patch")(context, {"id": batch.resource_id, **rows_only()})
    else:
        with path.open("rb") as file:
            fields |= {"url": safe_name(batch.name), "url_type": "upload"}
            fields["upload"] = Looked(file, filename=safe_name(batch.name), content_type=fields["mimetype"])
            if resource is not None and resource.state == "active":
                tk.get_action("resource_patch")(context, {"id": batch.resource_id, **fields})
            else:
                fields = {"name": _title(batch.name), **fields}
                fields |= {"id": batch.resource_id, "package_id": batch.package_id}
                tk.get_action("resource_create")(context, fields)
    return modified(batch.resource_id)


def rows_only() -> dict[str, Any]:
    """Give the fields of a resource whose rows have changed now, and that has no file but what is made of them."""
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None).isoformat()
    fields = {"url_type": "datastore", "url": "_datastore_only_resource", "last_modified": now}
    return fields | {"datastore_active": True, "hash": "", "size": None, "format": "CSV", "mimetype": "text/csv"}


def publish_rows(resource_id: str, **more: Any) -> None:
    """Make the resource show that its rows changed; `more` are other fields of it. One that isn't there isn't made."""
    resource = model.Resource.get(resource_id)
    if resource is None or resource.state != "active":
        return
    # of many who sent rows, none changed the dataset: the portal did
    site = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    context: Any = {"model": model, "session": model.Session, "user": site, "ignore_auth": True, "lrtzc_batch": "-"}
    tk.get_action("resource_patch")(context, {"id": resource_id, **rows_only(), **more})


def modified(resource_id: str) -> str | None:
    """Give the time of a resource's file, as it is compared: ISO 8601, or None."""
    resource = model.Resource.get(resource_id)
    time: dt.datetime | None = resource.last_modified if resource else None
    return time.isoformat() if time else None
