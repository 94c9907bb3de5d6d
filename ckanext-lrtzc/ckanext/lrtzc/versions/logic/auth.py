"""Who may do what with versions: what is said of them is for whoever sees the dataset; rows by the access decision."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.asking import AuthResult

__all__ = ["lrtzc_version_compare", "lrtzc_version_erase", "lrtzc_version_list", "lrtzc_version_show"]


@tk.auth_allow_anonymous_access
def lrtzc_version_list(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Whoever may see the resource; the actions ask what of its rows."""
    try:
        tk.check_access("resource_show", tk.fresh_context(context), {"id": data_dict.get("id")})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return {"success": False, "msg": tk._("There is no such file, or you may not see it.")}
    return {"success": True}


lrtzc_version_show = lrtzc_version_compare = lrtzc_version_list


def lrtzc_version_erase(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Those who may change the dataset."""
    resource = model.Resource.get(str(data_dict.get("id") or ""))
    try:
        if resource is None:
            raise tk.NotAuthorized
        tk.check_access("package_update", tk.fresh_context(context), {"id": resource.package_id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return {"success": False, "msg": tk._("You may not change this dataset.")}
    return {"success": True}
