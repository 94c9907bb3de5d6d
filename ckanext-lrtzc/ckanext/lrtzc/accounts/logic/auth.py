"""Rights on accounts: strangers sign up and ask for a password; the rest is for oneself."""

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.accounts import letters

SIGN_UP = "ckanext.lrtzc.accounts.sign_up"


@tk.auth_allow_anonymous_access
def lrtzc_account_sign_up(context: Any, data_dict: Any) -> Any:
    """Let anybody, unless the portal's administrators closed it or it has no way to write to people."""
    if not tk.asbool(tk.config[SIGN_UP]):
        return {"success": False, "msg": tk._("This portal opens no accounts by itself: write to its team.")}
    if not letters.can_be_sent():
        said = tk._("This portal knows no mail server yet, so it can't open accounts: write to its team.")
        return {"success": False, "msg": said}
    return {"success": True}


@tk.auth_allow_anonymous_access
def lrtzc_account_confirm(context: Any, data_dict: Any) -> Any:
    """Let the bearer of a link."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def lrtzc_account_reset_request(context: Any, data_dict: Any) -> Any:
    """Let anybody."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def lrtzc_account_reset(context: Any, data_dict: Any) -> Any:
    """Let the bearer of a link."""
    return {"success": True}


def lrtzc_account_password(context: Any, data_dict: Any) -> Any:
    """Let whoever is signed in: the action takes no other account than theirs."""
    return {"success": True}


def lrtzc_account_profile_update(context: Any, data_dict: Any) -> Any:
    """Let whoever is signed in: the action takes no other account than theirs."""
    return {"success": True}


def lrtzc_account_workspace_update(context: Any, data_dict: Any) -> Any:
    """Let whoever is signed in: the action takes no other account than theirs."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def lrtzc_account_address_confirm(context: Any, data_dict: Any) -> Any:
    """Let the bearer of a link."""
    return {"success": True}


def lrtzc_account_identity_update(context: Any, data_dict: Any) -> Any:
    """Let whoever is signed in: the action takes no other account than theirs."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def lrtzc_account_invitation_accept(context: Any, data_dict: Any) -> Any:
    """Let the bearer of a link."""
    return {"success": True}


def lrtzc_account_leave(context: Any, data_dict: Any) -> Any:
    """Let whoever is signed in: the action takes no other account than theirs."""
    return {"success": True}


def _administrators(context: Any, data_dict: Any) -> Any:
    """Let administrators only, whom CKAN lets through: who gives rights could give them to themselves."""
    return {"success": False, "msg": tk._("Only administrators give rights.")}


lrtzc_profile_list = lrtzc_profile_update = lrtzc_profile_delete = _administrators
lrtzc_profile_give = lrtzc_profile_take = _administrators
