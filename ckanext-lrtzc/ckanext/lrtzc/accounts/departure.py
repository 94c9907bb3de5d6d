"""Pages of leaving: what would become of each thing first, and goodbye after."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.accounts import leaving, pages, signing
from ckanext.lrtzc.accounts.security import me

_FIELD = "thing-"


def leave() -> Any:
    """Show what leaving does, and do it."""
    if tk.current_user.is_anonymous:
        return tk.redirect_to("user.login", came_from=tk.h.url_for("lrtzc_accounts.leave"))
    user, errors = me(), {}
    given = _choices()
    if tk.request.method == "POST":
        made, errors = pages.call(
            "lrtzc_account_leave",
            password=tk.request.form.get("password", "")[:1000],
            sure=tk.request.form.get("sure", ""),
            choices=given,
        )
        if made:
            signing.end()
            tk.logout_user()
            return pages.private(tk.render("accounts/left.html", {}))
    extra = {
        "errors": errors,
        "given": given,
        "things": leaving.things(user),
        "organisations": leaving.organisations(user),
        "alone": leaving.left_alone(user),
        "last": leaving.is_last_administrator(user),
    }
    return pages.private(tk.render("accounts/leave.html", extra), 400 if errors else 200)


def close(id: str) -> Any:
    """Show an administrator what closing somebody's account does, and do it, in the place of CKAN's page."""
    try:
        tk.check_access("user_delete", pages.context(), {"id": id})
    except tk.NotAuthorized as refused:
        tk.abort(403, str(refused))
    user, errors, given = model.User.get(id), {}, _choices()
    if user is None or user.state == "deleted":
        tk.abort(404, tk._("There is no such account."))
    if tk.request.method == "POST":
        if not tk.request.form.get("sure"):
            errors = {"sure": [tk._("Say that you have understood.")]}
        else:
            _, errors = pages.call("user_delete", id=user.id, choices=given)
        if not errors:
            tk.h.flash_success(tk._("The account is closed."))
            return tk.redirect_to("user.index")
    extra = {
        "account": user,
        "errors": errors,
        "given": given,
        "things": leaving.things(user),
        "organisations": leaving.organisations(user) if user.state == "active" else [],
        "alone": leaving.left_alone(user),
        "last": leaving.is_last_administrator(user),
    }
    return pages.private(tk.render("accounts/close.html", extra), 400 if errors else 200)


def _choices() -> dict[str, str]:
    """Give what a form chooses for each thing."""
    return {name.removeprefix(_FIELD): value for name, value in tk.request.form.items() if name.startswith(_FIELD)}
