"""Who decides how long data is kept: those who may change the dataset; all rules are the administrators' to read."""

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.asking import AuthResult
from ckanext.lrtzc.retention.model import Rule

__all__ = [
    "lrtzc_retention_declare",
    "lrtzc_retention_hold",
    "lrtzc_retention_list",
    "lrtzc_retention_overview",
    "lrtzc_retention_preview",
    "lrtzc_retention_release",
    "lrtzc_retention_remove",
]


def _owner(context: Any, dataset_id: Any, right: str = "package_update") -> AuthResult:
    try:
        tk.check_access(right, tk.fresh_context(context), {"id": str(dataset_id or "")})
    except (tk.NotAuthorized, tk.ObjectNotFound, tk.ValidationError):
        return {"success": False, "msg": tk._("You may not decide how long this dataset is kept.")}
    return {"success": True}


def _of_dataset(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    return _owner(context, data_dict.get("id"))


def _of_rule(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    number = data_dict.get("id")
    rule = Rule.get(number) if isinstance(number, str) and "\x00" not in number else None
    return _owner(context, rule.package_id if rule is not None else None)


def lrtzc_retention_declare(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Those who may delete the dataset: a rule may destroy it."""
    return _owner(context, data_dict.get("id"), "package_delete")


lrtzc_retention_list = lrtzc_retention_preview = _of_dataset
lrtzc_retention_hold = lrtzc_retention_release = lrtzc_retention_remove = _of_rule


def lrtzc_retention_overview(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Administrators only, whom CKAN lets pass before it asks here."""
    return {"success": False, "msg": tk._("Only administrators see all rules of retention.")}
