"""The resource of a collection: made or brought up to date with its files, in the same commit."""

from __future__ import annotations

import datetime as dt
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.model.types import make_uuid
from flask_babel import force_locale

from ckanext.lrtzc.batches.api import Piece
from ckanext.lrtzc.collection.model import Collection, File, now
from ckanext.lrtzc.collection.wording import kind_words

URL_TYPE = "lrtzc_collection"
"""What the resource of a collection says of its address; its key of the same name holds the kind."""


def figures(resource_id: str) -> tuple[int, int]:
    """Give how many files a collection has, and their size in bytes."""
    query = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(File.size), 0))
    count, size = model.Session.execute(query.where(File.collection_id == resource_id)).one()
    return int(count), int(size)


def publish(collection: Collection, piece: Piece | None = None, *, user: str = "") -> None:
    """Have the resource say what its collection holds now; commits, the session's pending changes with it.

    Raises ValidationError where the dataset refuses it.
    """
    collection.changed = now()
    model.Session.flush()
    count, size = figures(collection.resource_id)
    author = model.User.get(piece.author) if piece else model.User.get(user)
    context: Any = {
        "model": model,
        "session": model.Session,
        "user": author.name if author else "",
        "ignore_auth": True,
        "lrtzc_batch": piece.id if piece else make_uuid(),
    }
    fields: dict[str, Any] = {
        URL_TYPE: collection.kind,
        "lrtzc_files": count,
        "url": address(collection.package_id),
        "url_type": URL_TYPE,
        "format": "ZIP",
        "mimetype": "application/zip",
        "size": size,
        "hash": "",
        "last_modified": dt.datetime.now(dt.UTC).replace(tzinfo=None).isoformat(),
    }
    resource = model.Resource.get(collection.resource_id)
    if resource is not None and resource.state == "active":
        tk.get_action("resource_patch")(context, {"id": collection.resource_id, **fields})
        return
    # nobody's language is known to a worker: the site's
    with force_locale(tk.config["ckan.locale_default"]):
        name = kind_words(collection.kind).many
    fields |= {"id": collection.resource_id, "package_id": collection.package_id, "name": name}
    tk.get_action("resource_create")(context, fields)


def address(package_id: str) -> str:
    """Give the address at which all files are had together, in full; by the identifier, which stays."""
    root = str(tk.config.get("ckan.root_path") or "").replace("/{{LANG}}", "").rstrip("/")
    return f"{str(tk.config['ckan.site_url']).rstrip('/')}{root}/dataset/{package_id}/collection/files.zip"
