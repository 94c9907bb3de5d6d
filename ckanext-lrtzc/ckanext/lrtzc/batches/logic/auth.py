"""Who may do what with batches: those who may change the dataset they are for."""

from __future__ import annotations

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context, DataDict

from ckanext.lrtzc.access.api import Action, Decision, decide, decide_many, say
from ckanext.lrtzc.asking import signed_in

from ..model import Batch


def _may_change(context: Context, package_id: str | None) -> AuthResult:
    if not package_id:
        return {"success": False}
    try:
        tk.check_access("package_update", tk.fresh_context(context), {"id": package_id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return {"success": False, "msg": tk._("You may not change this dataset.")}
    return {"success": True}


def _all_of_it(decision: Decision) -> AuthResult:
    """Refuse the rows of a batch, as they were sent, to those from whom a rule holds some back."""
    return {"success": True} if decision.whole else {"success": False, "msg": " ".join(say(decision))}


def _of_batch(context: Context, data_dict: DataDict) -> AuthResult:
    batch = Batch.get(str(data_dict.get("id") or ""))
    allowed = _may_change(context, batch.package_id if batch else None)
    if not allowed["success"] or batch is None:
        return allowed
    return _all_of_it(decide(context, batch.package_id, batch.resource_id, Action.TAKE))


def batch_create(context: Context, data_dict: DataDict) -> AuthResult:
    """Those who may change the dataset."""
    return _may_change(context, data_dict.get("package_id"))


def batch_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Those who may change the dataset, and from whom nothing of it is held back."""
    package = model.Package.get(str(data_dict.get("package_id") or ""))
    allowed = _may_change(context, package.id if package else None)
    if not allowed["success"] or package is None:
        return allowed
    decisions = decide_many(context, [package.id], Action.TAKE).values()
    return next((_all_of_it(each) for each in decisions if not each.whole), allowed)


@tk.auth_allow_anonymous_access
def batch_search(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever is signed in: they are given those of datasets that they may change."""
    return signed_in(context, data_dict)


def batch_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Those who may change the dataset, and from whom nothing of it is held back: a batch shows rows as they came."""
    return _of_batch(context, data_dict)


def batch_confirm(context: Context, data_dict: DataDict) -> AuthResult:
    """Those who may see the batch."""
    return _of_batch(context, data_dict)


def batch_reread(context: Context, data_dict: DataDict) -> AuthResult:
    """Those who may see the batch."""
    return _of_batch(context, data_dict)


def batch_withdraw(context: Context, data_dict: DataDict) -> AuthResult:
    """Those who may see the batch."""
    return _of_batch(context, data_dict)


def batch_retry(context: Context, data_dict: DataDict) -> AuthResult:
    """Those who may see the batch."""
    return _of_batch(context, data_dict)


def batch_release(context: Context, data_dict: DataDict) -> AuthResult:
    """Those who may see the batch."""
    return _of_batch(context, data_dict)


def batch_dictionary_update(context: Context, data_dict: DataDict) -> AuthResult:
    """Those who may change the resource."""
    found: Any = {"id": data_dict.get("resource_id")}
    try:
        tk.check_access("resource_update", tk.fresh_context(context), found)
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return {"success": False, "msg": tk._("You may not change this resource.")}
    return {"success": True}


def _of_resource(context: Context, data_dict: DataDict) -> AuthResult:
    resource = model.Resource.get(str(data_dict.get("resource_id") or ""))
    return _may_change(context, resource.package_id if resource is not None and resource.state == "active" else None)


def batch_timing_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Those who may change the dataset: nothing of the rows is shown."""
    return _of_resource(context, data_dict)


def batch_timing_update(context: Context, data_dict: DataDict) -> AuthResult:
    """Those who may change the dataset."""
    return _of_resource(context, data_dict)


def batch_waiting_integrate(context: Context, data_dict: DataDict) -> AuthResult:
    """Those who may change the dataset: what waits has passed its checks, and those who are asked accepted it."""
    return _of_resource(context, data_dict)
