"""The room's door: how other rooms send files, and what they may ask of the data they became."""

from __future__ import annotations

from typing import Any, BinaryIO

import ckan.model as model
import ckan.plugins.toolkit as tk
from werkzeug.datastructures import FileStorage

from . import jobs

__all__ = ["submit_file"]


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
