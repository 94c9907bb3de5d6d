"""Who may do what with batches: those who may change the dataset they are for."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context, DataDict

from ..model import Batch


def _may_change(context: Context, package_id: str | None) -> AuthResult:
    if not package_id:
        return {"success": False}
    try:
        tk.check_access("package_update", tk.fresh_context(context), {"id": package_id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return {"success": False, "msg": tk._("You may not change this dataset.")}
    return {"success": True}


def _of_batch(context: Context, data_dict: DataDict) -> AuthResult:
    batch = Batch.get(str(data_dict.get("id") or ""))
    return _may_change(context, batch.package_id if batch else None)


def batch_create(context: Context, data_dict: DataDict) -> AuthResult:
    """Those who may change the dataset."""
    return _may_change(context, data_dict.get("package_id"))


def batch_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Those who may change the dataset."""
    return _may_change(context, data_dict.get("package_id"))


def batch_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Those who may change the dataset: a batch shows rows that are not published."""
    return _of_batch(context, data_dict)


def batch_confirm(context: Context, data_dict: DataDict) -> AuthResult:
    """Those who may change the dataset."""
    return _of_batch(context, data_dict)


def batch_reread(context: Context, data_dict: DataDict) -> AuthResult:
    """Those who may change the dataset."""
    return _of_batch(context, data_dict)


def batch_withdraw(context: Context, data_dict: DataDict) -> AuthResult:
    """Those who may change the dataset."""
    return _of_batch(context, data_dict)


def batch_retry(context: Context, data_dict: DataDict) -> AuthResult:
    """Those who may change the dataset."""
    return _of_batch(context, data_dict)


def batch_dictionary_update(context: Context, data_dict: DataDict) -> AuthResult:
    """Those who may change the resource."""
    found: Any = {"id": data_dict.get("resource_id")}
    try:
        tk.check_access("resource_update", tk.fresh_context(context), found)
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return {"success": False, "msg": tk._("You may not change this resource.")}
    return {"success": True}
