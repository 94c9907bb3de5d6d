"""Who may link objects: who may change what says it, and sees what it is said of."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.links.model import Link

AuthResult = dict[str, Any]


def _may_change(context: Any, package_id: str) -> AuthResult:
    tk.check_access("package_update", context, {"id": package_id})
    return {"success": True}


def lrtzc_link_create(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Allow who may change the source and see the target."""
    tk.check_access("package_show", context, {"id": tk.get_or_bust(data_dict, "target_id")})
    return _may_change(context, tk.get_or_bust(data_dict, "source_id"))


def lrtzc_link_delete(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Allow who may change the source."""
    link = model.Session.get(Link, str(tk.get_or_bust(data_dict, "id")))
    if link is None:
        raise tk.ObjectNotFound(tk._("There is no such link."))
    return _may_change(context, link.source_id)


@tk.auth_allow_anonymous_access
def lrtzc_link_list(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Allow who may see the object; the list holds what they may see."""
    tk.check_access("package_show", context, {"id": tk.get_or_bust(data_dict, "id")})
    return {"success": True}


def lrtzc_link_breakage(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Allow who may change the object."""
    return _may_change(context, tk.get_or_bust(data_dict, "id"))


def lrtzc_object_duplicate(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Allow who sees the model and may create objects for that owner."""
    tk.check_access("package_show", context, {"id": tk.get_or_bust(data_dict, "id")})
    owner = data_dict.get("owner_org")
    tk.check_access("package_create", context, {"owner_org": owner} if owner else {})
    return {"success": True}
