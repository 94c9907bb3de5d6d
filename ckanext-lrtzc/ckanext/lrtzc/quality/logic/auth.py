"""Who may do what with rules: those who may change the file, and from whom nothing of it is held back."""

from __future__ import annotations

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.access.api import Action, decide, say
from ckanext.lrtzc.quality.model import Kept


def _may_change(context: Any, resource_id: Any) -> dict[str, Any]:
    try:
        tk.check_access("resource_update", tk.fresh_context(context), {"id": str(resource_id or "")})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return {"success": False, "msg": tk._("You may not change this resource.")}
    return {"success": True}


def _sees_all(context: Any, resource_id: Any) -> dict[str, Any]:
    """Refuse those from whom rows or columns are held back: rules on them, and their shares, would tell of them."""
    allowed = _may_change(context, resource_id)
    resource = model.Session.get(model.Resource, str(resource_id or ""))
    if not allowed["success"] or resource is None:
        return allowed
    decision = decide(context, str(resource.package_id), str(resource.id), Action.TAKE)
    return {"success": True} if decision.whole else {"success": False, "msg": " ".join(say(decision))}


def _of_rule(context: Any, data_dict: Any) -> dict[str, Any]:
    kept = model.Session.get(Kept, str(data_dict.get("id") or ""))
    return _sees_all(context, kept.resource_id if kept else None)


def lrtzc_quality_rule_list(context: Any, data_dict: Any) -> dict[str, Any]:
    """Those who may change the file, and see all of it."""
    return _sees_all(context, data_dict.get("resource_id"))


def lrtzc_quality_rule_create(context: Any, data_dict: Any) -> dict[str, Any]:
    """Those who may change the file, and see all of it."""
    return _sees_all(context, data_dict.get("resource_id"))


def lrtzc_quality_rule_update(context: Any, data_dict: Any) -> dict[str, Any]:
    """Those who may change the file, and see all of it."""
    return _of_rule(context, data_dict)


def lrtzc_quality_rule_delete(context: Any, data_dict: Any) -> dict[str, Any]:
    """Those who may change the file, and see all of it."""
    return _of_rule(context, data_dict)


def lrtzc_quality_threshold_update(context: Any, data_dict: Any) -> dict[str, Any]:
    """Those who may change the file, and see all of it."""
    return _sees_all(context, data_dict.get("resource_id"))


def lrtzc_quality_schema_show(context: Any, data_dict: Any) -> dict[str, Any]:
    """Those who may change the file, and see all of it."""
    return _sees_all(context, data_dict.get("resource_id"))


def lrtzc_quality_schema_import(context: Any, data_dict: Any) -> dict[str, Any]:
    """Those who may change the file, and see all of it."""
    return _sees_all(context, data_dict.get("resource_id"))


def lrtzc_quality_history(context: Any, data_dict: Any) -> dict[str, Any]:
    """Those who may change the file, and see all of it."""
    return _sees_all(context, data_dict.get("resource_id"))


def lrtzc_quality_try(context: Any, data_dict: Any) -> dict[str, Any]:
    """Those who may change the file, and see all of it: cells at fault are shown."""
    return _sees_all(context, data_dict.get("resource_id"))


def lrtzc_quality_suggest(context: Any, data_dict: Any) -> dict[str, Any]:
    """Those who may change the file, and see all of it: what is offered tells of its values."""
    return _sees_all(context, data_dict.get("resource_id"))


def lrtzc_quality_overview(context: Any, data_dict: Any) -> dict[str, Any]:
    """Whoever is signed in: each sees the files they may change."""
    return {"success": True}


def lrtzc_quality_schema_list(context: Any, data_dict: Any) -> dict[str, Any]:
    """Whoever is signed in."""
    return {"success": True}
