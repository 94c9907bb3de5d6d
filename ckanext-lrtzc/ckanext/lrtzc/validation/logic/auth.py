"""Who says whom is asked: those who may change the dataset. Who sees what waits: those who are asked."""

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.asking import AuthResult, signed_in

__all__ = [
    "lrtzc_validation_batch_show",
    "lrtzc_validation_demand_delete",
    "lrtzc_validation_demand_list",
    "lrtzc_validation_demand_update",
]

# It answers with what is theirs to judge.
lrtzc_validation_batch_show = signed_in


def _may_change(context: Any, data_dict: Any) -> AuthResult:
    try:
        tk.check_access("package_update", tk.fresh_context(context), {"id": str(data_dict.get("id") or "")})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return {"success": False, "msg": tk._("You may not change this dataset.")}
    return {"success": True}


def lrtzc_validation_demand_list(context: Any, data_dict: Any) -> AuthResult:
    """Those who may change the dataset."""
    return _may_change(context, data_dict)


def lrtzc_validation_demand_update(context: Any, data_dict: Any) -> AuthResult:
    """Those who may change the dataset."""
    return _may_change(context, data_dict)


def lrtzc_validation_demand_delete(context: Any, data_dict: Any) -> AuthResult:
    """Those who may change the dataset."""
    return _may_change(context, data_dict)
