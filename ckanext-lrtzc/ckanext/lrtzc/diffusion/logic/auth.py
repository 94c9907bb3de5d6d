"""Who may subscribe: whoever is signed in, to what they may see. Each subscription is for who made it."""

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.asking import AuthResult, signed_in

__all__ = [
    "lrtzc_push_create",
    "lrtzc_push_send",
    "lrtzc_push_update",
    "lrtzc_subscription_create",
    "lrtzc_subscription_delete",
    "lrtzc_subscription_list",
    "lrtzc_subscription_overview",
    "lrtzc_subscription_pause",
    "lrtzc_subscription_renew_secret",
    "lrtzc_subscription_show",
    "lrtzc_subscription_test",
]

# The actions ask whose subscription it is, and whether the dataset may be seen.
lrtzc_subscription_create = lrtzc_subscription_list = signed_in
lrtzc_subscription_show = lrtzc_subscription_pause = lrtzc_subscription_delete = signed_in
lrtzc_subscription_renew_secret = lrtzc_subscription_test = signed_in


# It is asked whose it is; when a file is sent, whether its owner may still change the dataset.
lrtzc_push_send = lrtzc_push_update = signed_in


def lrtzc_push_create(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Those who may change the dataset."""
    try:
        tk.check_access("package_update", tk.fresh_context(context), {"id": data_dict.get("id")})
    except (tk.NotAuthorized, tk.ObjectNotFound, tk.ValidationError):
        return {"success": False, "msg": tk._("Only those who may change this data have it sent to a place.")}
    return {"success": True}


def lrtzc_subscription_overview(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Administrators only, whom CKAN lets pass before it asks here."""
    return {"success": False, "msg": tk._("Only administrators see all subscriptions.")}
