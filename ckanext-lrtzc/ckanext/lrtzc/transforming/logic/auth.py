"""Who may do what with transformations: those who may change the dataset, and from whom nothing of it is held back."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.access.api import Action, decide, say
from ckanext.lrtzc.batches.api import package_of


def _sees_all(context: Any, data_dict: Any) -> dict[str, Any]:
    """Refuse those from whom rows or columns are held back: what steps do shows rows as they came."""
    resource_id = str(data_dict.get("resource_id") or "")
    package_id = package_of(resource_id)
    if package_id is None:
        return {"success": False, "msg": tk._("There is no such file, or you may not change it.")}
    try:
        tk.check_access("package_update", tk.fresh_context(context), {"id": package_id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return {"success": False, "msg": tk._("There is no such file, or you may not change it.")}
    decision = decide(context, package_id, resource_id, Action.TAKE)
    return {"success": True} if decision.whole else {"success": False, "msg": " ".join(say(decision))}


def lrtzc_steps_show(context: Any, data_dict: Any) -> dict[str, Any]:
    """Those who may change the file, and see all of it."""
    return _sees_all(context, data_dict)


def lrtzc_steps_update(context: Any, data_dict: Any) -> dict[str, Any]:
    """Those who may change the file, and see all of it."""
    return _sees_all(context, data_dict)


def lrtzc_steps_try(context: Any, data_dict: Any) -> dict[str, Any]:
    """Those who may change the file, and see all of it: rows are shown."""
    return _sees_all(context, data_dict)
