"""Files into which rows come as batches only: what was said of all that comes in, CKAN's own actions would pass by."""

from __future__ import annotations

from typing import Any

import ckan.model as model
import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.plugins.interfaces import Interface

from . import timing
from .domain.timing import Way


class IBatchesOnly(Interface):
    """Say which files take rows by batches only."""

    def get_batches_only(self, package_id: str, resource_id: str) -> str:
        """Say what all that comes into a file undergoes, as a sentence for people; nothing where nothing does.

        :param resource_id: empty for a file that is only to be made
        """
        return ""


def batches_only(package_id: str, resource_id: str) -> str:
    """Give the first reason for which rows come into a file by batches only; nothing where there is none."""
    said = (room.get_batches_only(package_id, resource_id) for room in p.PluginImplementations(IBatchesOnly))
    if reason := next(filter(None, said), ""):
        return reason
    if resource_id and timing.when_of(resource_id).way is not Way.ARRIVAL:
        return tk._("Its owner has said when what comes into this file goes in.")
    return ""


def refuse_rows(action: str, context: Any, data_dict: Any) -> None:
    """Refuse rows that an action of CKAN's would write beside the batches.

    Rows that are deleted bring nothing in, and pass. Raises ValidationError; NotAuthorized where one may not write
    these rows anyway, so that strangers aren't told how a file is kept.
    """
    if not isinstance(data_dict, dict) or not data_dict.get("records"):
        return
    # CKAN takes `id` for `resource_id` too
    named = [str(data_dict[name]) for name in ("id", "resource_id") if data_dict.get(name)]
    resources = [resource for each in named if (resource := model.Resource.get(each)) is not None]
    places = [(str(resource.package_id), str(resource.id)) for resource in resources]
    given = data_dict.get("resource")
    if not named and isinstance(given, dict) and (package := model.Package.get(str(given.get("package_id") or ""))):
        places = [(str(package.id), "")]
    for package_id, resource_id in places:
        if reason := batches_only(package_id, resource_id):
            asked = {**data_dict, "resource_id": resource_id} if resource_id else dict(data_dict)
            tk.check_access(action, tk.fresh_context(context), asked)
            how = tk._("Send the rows as a batch, by the action batch_create.")
            raise tk.ValidationError({"records": [f"{reason} {how}"]})
