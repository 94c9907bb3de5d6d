"""Who may do what with automatic opening."""

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.asking import AuthResult

__all__ = ["lrtzc_opening_choose", "lrtzc_opening_show", "lrtzc_opening_switch"]


def lrtzc_opening_show(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Those who may change the dataset."""
    try:
        tk.check_access("package_update", tk.fresh_context(context), {"id": data_dict.get("id")})
    except (tk.NotAuthorized, tk.ObjectNotFound, tk.ValidationError):
        return {"success": False, "msg": tk._("You may not change this dataset.")}
    return {"success": True}


lrtzc_opening_choose = lrtzc_opening_show


def lrtzc_opening_switch(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Those who administer the organisation."""
    try:
        tk.check_access("organization_update", tk.fresh_context(context), {"id": data_dict.get("id")})
    except (tk.NotAuthorized, tk.ObjectNotFound, tk.ValidationError):
        return {"success": False, "msg": tk._("Only those who administer the organisation decide this.")}
    return {"success": True}
