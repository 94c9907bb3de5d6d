"""Pages of signing up, signing in, and passwords."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from flask import Response

from ckanext.lrtzc.accounts import jobs, second, signing
from ckanext.lrtzc.accounts.domain import passwords
from ckanext.lrtzc.accounts.logic import invitations
from ckanext.lrtzc.accounts.logic.validators import TITLES, words_of
from ckanext.lrtzc.personal.api import StoreAway, requests

# How an answer says to `delivery` that it is for whoever asked now, and not to be given to others later.
_NOT_SHARED = "lrtzc.delivery.personal"
# Letters that a password may have at most are read; what is longer was not typed by a person.
_LONGEST = 1000


def context() -> Any:
    """Give CKAN's context of whoever asks."""
    return {"user": tk.current_user.name, "auth_user_obj": tk.current_user}


def call(action: str, **data: Any) -> tuple[Any, dict[str, Any]]:
    """Call an action for a form; give its answer, and what is wrong by field."""
    try:
        return tk.get_action(action)(context(), data), {}
    except tk.ValidationError as error:
        return None, error.error_dict
    except tk.NotAuthorized as refused:
        tk.abort(403, str(refused))


def private(body: str, status: int = 200) -> Response:
    """Answer with a page that no cache and no other site learns the address of: it may carry a token."""
    tk.request.environ[_NOT_SHARED] = True
    answer = Response(body, status)
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def typed(*fields: str) -> dict[str, str]:
    """Give fields of the form as text."""
    return {name: tk.request.form.get(name, "")[:_LONGEST] for name in fields}


def sign_up() -> Any:
    """Ask who somebody is; the same answer follows whether or not their address is known."""
    if tk.current_user.is_authenticated:
        return tk.redirect_to("lrtzc_accounts.workspace")
    try:
        tk.check_access("lrtzc_account_sign_up", context(), {})
    except tk.NotAuthorized as refused:
        tk.abort(403, str(refused))
    given, errors = {}, {}
    if tk.request.method == "POST":
        given = typed("title", "last_name", "first_name", "birth_date", "email")
        _, errors = call("lrtzc_account_sign_up", **given)
        if not errors:
            lead = tk._("We have sent you a link. Open it to confirm your address and to choose a password.")
            return private(tk.render("accounts/sent.html", {"lead": lead}))
    return _form("accounts/sign_up.html", {"given": given, "errors": errors, "titles": titles()})


def titles() -> list[tuple[str, str]]:
    """Give the forms of address, as value and words."""
    names = {"": tk._("No form of address"), "Mme": tk._("Ms"), "M.": tk._("Mr"), "Mx": tk._("Mx")}
    return [(value, names[value]) for value in TITLES]


def invited(token: str) -> Any:
    """Let somebody who is invited say who they are and choose a password, and sign them in."""
    try:
        found = invitations.invited(token)
    except StoreAway:
        tk.abort(503, tk._("Accounts can't be changed at the moment. Try again later."))
    if found is None:
        return private(tk.render("accounts/over.html", {"again": tk.h.url_for("lrtzc_accounts.sign_up")}), 410)
    given, errors = {}, {}
    if tk.request.method == "POST":
        given = typed("title", "last_name", "first_name", "birth_date", "user_name", "password")
        made, errors = call("lrtzc_account_invitation_accept", token=token, **given)
        if made:
            signing.begin(model.User.get(made["id"]))
            tk.h.flash_success(tk._("Welcome! Your account is ready."))
            return tk.redirect_to("lrtzc_accounts.workspace")
    extra = {"given": given, "errors": errors, "token": token, "email": found[1], "titles": titles()}
    return _form("accounts/invited.html", extra)


def confirm(token: str) -> Any:
    """Let somebody choose a user name and a password, and sign them in."""
    asked = _asked(jobs.SIGN_UP, token)
    if asked is None:
        return private(tk.render("accounts/over.html", {"again": tk.h.url_for("lrtzc_accounts.sign_up")}), 410)
    given, errors = {}, {}
    if tk.request.method == "POST":
        given = typed("user_name", "password")
        made, errors = call("lrtzc_account_confirm", token=token, **given)
        if made:
            user = model.User.get(made["id"])
            signing.begin(user)
            tk.h.flash_success(tk._("Welcome! Your account is ready."))
            return tk.redirect_to("lrtzc_accounts.workspace")
    extra = {"given": given, "errors": errors, "token": token, "email": asked.content["email"]}
    return _form("accounts/confirm.html", extra)


def reset(token: str) -> Any:
    """Let somebody who forgot theirs choose a new password."""
    if _asked(jobs.RESET, token) is None:
        return private(tk.render("accounts/over.html", {"again": tk.h.url_for("user.request_reset")}), 410)
    errors: dict[str, Any] = {}
    if tk.request.method == "POST":
        made, errors = call("lrtzc_account_reset", token=token, **typed("password"))
        if made:
            tk.h.flash_success(tk._("Your password is changed: sign in with it."))
            return tk.redirect_to("user.login")
    return _form("accounts/reset.html", {"errors": errors, "token": token})


def request_reset() -> Any:
    """Send a link to choose a new password, in the place of CKAN's page."""
    if tk.request.method == "POST" and tk.request.form.get("user"):
        _, errors = call("lrtzc_account_reset_request", login=tk.request.form["user"][:_LONGEST])
        if not errors:
            lead = tk._("If there is such an account, we have sent a link to its address to choose a new password.")
            return private(tk.render("accounts/sent.html", {"lead": lead}))
        for texts in errors.values():
            tk.h.flash_error(" ".join(texts))
    return tk.render("user/request_reset.html", {})


def password() -> Any:
    """Change one's own password."""
    if tk.current_user.is_anonymous:
        return tk.redirect_to("user.login", came_from=tk.h.url_for("lrtzc_accounts.password"))
    errors: dict[str, Any] = {}
    if tk.request.method == "POST":
        made, errors = call("lrtzc_account_password", **typed("old_password", "password"))
        if made:
            user = model.User.get(made["name"])
            signing.renew(user)
            tk.h.flash_success(tk._("Your password is changed; your other sessions are ended."))
            return tk.redirect_to("lrtzc_accounts.workspace")
    return _form("accounts/password.html", {"errors": errors, "must": "password" in signing.first()})


def sign_in() -> Any:
    """Ask for name and password, in the place of CKAN's page."""
    if tk.current_user.is_authenticated:
        return tk.redirect_to("lrtzc_accounts.workspace")
    if tk.request.method == "POST":
        given = typed("login", "password")
        user = signing.authenticate(given["login"], given["password"])
        if user is not None:
            return _enter(user, given["password"])
        tk.signals.failed_login.send(given["login"])
        tk.h.flash_error(tk._("Login failed. Bad username or password."))
    return tk.render("user/login.html", {})


def _enter(user: model.User, given: str) -> Any:
    """Begin the session of who gave the right password, or ask for their second factor first."""
    try:
        means = second.of(user)
    except StoreAway:
        # Whether more is asked of them isn't known now.
        tk.abort(503, tk._("Accounts can't be changed at the moment. Try again later."))
    poor = bool(passwords.faults(given, words_of(user), administrator=user.sysadmin))
    tasks = second.tasks_of(user, poor_password=poor, has_factor=bool(means))
    target = tk.request.args.get("next", tk.request.args.get("came_from"))
    remember = bool(tk.request.form.get("remember"))
    if means:
        signing.wait(user, remember=remember, target=target, tasks=tasks)
        return tk.redirect_to("lrtzc_accounts.prove")
    signing.begin(user, remember=remember, tasks=tasks)
    return signing.next_page(user, target)


def _asked(kind: str, token: str) -> Any:
    try:
        return requests.by_token(kind, token)
    except StoreAway:
        tk.abort(503, tk._("Accounts can't be changed at the moment. Try again later."))


def _form(template: str, extra: dict[str, Any]) -> Response:
    return private(tk.render(template, extra), 400 if extra["errors"] else 200)
