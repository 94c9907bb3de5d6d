"""Addresses of accounts, and what is asked of whoever is signed in before they go on."""

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint

from ckanext.lrtzc.accounts import administration, departure, pages, profile, security, signing

lrtzc_accounts = Blueprint("lrtzc_accounts", __name__)

# Where a person goes who has something to do first.
_FREE = ("lrtzc_accounts.", "static", "webassets.", "home.redirect_locale", "user.logout", "user.logged_out_page")


@lrtzc_accounts.before_app_request
def ask_first() -> Any:
    """Lead whoever has something to do first to where it is done: a better password, a second factor."""
    if (tk.request.endpoint or "").startswith(_FREE):
        return None
    tasks = signing.first()
    return tk.redirect_to(f"lrtzc_accounts.{tasks[0]}") if tasks else None


def register() -> Any:
    """Send from CKAN's page to ours."""
    return tk.redirect_to("lrtzc_accounts.sign_up")


def own_profile_or(others: Any) -> Any:
    """Give a view that sends people to their own profile, and administrators to CKAN's page of other accounts."""

    def edit(id: str | None = None) -> Any:
        if not tk.current_user.is_anonymous and id in (None, tk.current_user.id, tk.current_user.name):
            return tk.redirect_to("lrtzc_accounts.profile")
        return others(id=id)

    return edit


# Views of CKAN's that ours stand for; their addresses stay.
REPLACED = {
    "user.register": register,
    "user.request_reset": pages.request_reset,
    "user.delete": departure.close,
    "user.sysadmin": administration.administrator,
}

_BOTH = ["GET", "POST"]
lrtzc_accounts.add_url_rule("/account/new", "sign_up", pages.sign_up, methods=_BOTH)
lrtzc_accounts.add_url_rule("/account/confirm/<token>", "confirm", pages.confirm, methods=_BOTH)
lrtzc_accounts.add_url_rule("/account/reset/<token>", "reset", pages.reset, methods=_BOTH)
lrtzc_accounts.add_url_rule("/account/password", "password", pages.password, methods=_BOTH)
lrtzc_accounts.add_url_rule("/account/security", "security", security.overview, methods=_BOTH)
lrtzc_accounts.add_url_rule("/account/second-factor", "prove", security.prove, methods=_BOTH)
lrtzc_accounts.add_url_rule("/account/profile", "profile", profile.edit, methods=_BOTH)
lrtzc_accounts.add_url_rule("/account/identity", "identity", profile.identity, methods=_BOTH)
lrtzc_accounts.add_url_rule("/account/invited/<token>", "invited", pages.invited, methods=_BOTH)
lrtzc_accounts.add_url_rule("/account/address/<token>", "address", profile.address, methods=_BOTH)
lrtzc_accounts.add_url_rule("/account/workspace", "workspace", profile.workspace, methods=_BOTH)
lrtzc_accounts.add_url_rule("/account/leave", "leave", departure.leave, methods=_BOTH)
lrtzc_accounts.add_url_rule("/ckan-admin/portal", "administration", administration.overview)
lrtzc_accounts.add_url_rule("/ckan-admin/profiles", "profiles", administration.profiles, methods=_BOTH)
