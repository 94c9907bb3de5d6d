"""Who may ask and change what: owners decide on their data, everybody may ask what they may do."""

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.access.model import AccessGrant

__all__ = [
    "lrtzc_access_decide",
    "lrtzc_access_faults",
    "lrtzc_access_faults_forget",
    "lrtzc_access_grant",
    "lrtzc_access_lift",
    "lrtzc_access_mine",
    "lrtzc_access_restrict",
    "lrtzc_access_show",
    "lrtzc_access_withdraw",
]

AuthResult = dict[str, Any]


def _owner(context: Any, dataset_id: Any) -> AuthResult:
    try:
        tk.check_access("package_update", tk.fresh_context(context), {"id": str(dataset_id or "")})
    except (tk.NotAuthorized, tk.ObjectNotFound, tk.ValidationError):
        return {"success": False, "msg": tk._("You may not decide on this dataset.")}
    return {"success": True}


def lrtzc_access_show(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Those who may change the dataset."""
    return _owner(context, data_dict.get("id"))


def lrtzc_access_restrict(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Those who may change the dataset."""
    return _owner(context, data_dict.get("id"))


def lrtzc_access_lift(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Those who may change the dataset."""
    return _owner(context, data_dict.get("id"))


def lrtzc_access_grant(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Those who may change the dataset."""
    return _owner(context, data_dict.get("id"))


def lrtzc_access_withdraw(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Those who may change the dataset that the grant opens."""
    grant = AccessGrant.get(str(data_dict.get("id") or ""))
    return _owner(context, grant.package_id if grant else None)


def lrtzc_access_mine(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Whoever is signed in reads what was opened to them."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def lrtzc_access_decide(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Everybody asks for themselves; that a dataset exists is told to those only who may find it."""
    tk.check_access("package_show", tk.fresh_context(context), {"id": str(data_dict.get("id") or "")})
    return {"success": True}


def lrtzc_access_faults(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Administrators only, whom CKAN lets pass before it asks here."""
    return {"success": False, "msg": tk._("Only administrators see the faults of access rules.")}


def lrtzc_access_faults_forget(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Administrators only, whom CKAN lets pass before it asks here."""
    return {"success": False, "msg": tk._("Only administrators see the faults of access rules.")}
