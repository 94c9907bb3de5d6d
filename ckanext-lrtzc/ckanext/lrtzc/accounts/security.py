"""Pages of the second factor: what I sign in with, and proving it at sign-in."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.accounts import second, signing
from ckanext.lrtzc.accounts.pages import private, typed
from ckanext.lrtzc.personal.api import StoreAway

_LONGEST_ANSWER = 20_000


def me() -> model.User:
    """Give whoever is signed in, or send a stranger to sign in."""
    user = None if tk.current_user.is_anonymous else model.User.get(tk.current_user.id)
    if user is None:
        tk.abort(403, tk._("Sign in first."))
    return user


def away() -> Any:
    """Say that the personal store doesn't answer."""
    tk.abort(503, tk._("Accounts can't be changed at the moment. Try again later."))


def overview() -> Any:
    """Show what a person signs in with; add a generator, a passkey, new recovery codes; take one away."""
    if tk.current_user.is_anonymous:
        return tk.redirect_to("user.login", came_from=tk.h.url_for("lrtzc_accounts.security"))
    user, errors, shown = me(), {}, []
    try:
        if tk.request.method == "POST":
            errors, shown = _change(user)
            if not errors and not shown:
                return tk.redirect_to("lrtzc_accounts.security")
        extra = {
            "errors": errors,
            "recovery_codes": shown,
            "means": second.of(user),
            "left": second.recovery_left(user),
            "must": "security" in signing.first(),
            "compulsory": second.is_compulsory(user),
            "generator": second.offer_generator(user),
            "passkey": second.offer_passkey(user),
        }
    except StoreAway:
        return away()
    return private(tk.render("accounts/security.html", extra), 400 if errors else 200)


def _change(user: model.User) -> tuple[dict[str, list[str]], list[str]]:
    """Do what a form asks; give what is wrong by field, and recovery codes to show."""
    given = typed("go", "password", "code", "handed", "title", "factor")
    if not signing.is_password_of(user, given["password"]):
        return {"password": [tk._("This isn't your password.")]}, []
    had = bool(second.of(user))
    match given["go"]:
        case "generator":
            if not second.add_generator(user, given["handed"], given["code"]):
                return {"code": [tk._("This code isn't right. Scan the new picture and try again.")]}, []
        case "passkey":
            answer = tk.request.form.get("credential", "")[:_LONGEST_ANSWER]
            if not second.add_passkey(user, given["handed"], answer, given["title"].strip()):
                return {"credential": [tk._("The passkey could not be added. Try again.")]}, []
        case "recovery":
            return {}, second.new_recovery_codes(user) if had else []
        case "remove":
            if second.is_compulsory(user) and len(second.of(user)) == 1:
                return {"factor": [tk._("You need one: add another before you take this one away.")]}, []
            if second.remove(user, given["factor"]):
                signing.end_others(user)
                tk.h.flash_success(tk._("It is taken away."))
            return {}, []
        case _:
            return {}, []
    signing.done("security")
    signing.end_others(user)
    tk.h.flash_success(tk._("From now on you sign in with it, after your password; your other sessions are ended."))
    return {}, [] if had else second.new_recovery_codes(user)


def prove() -> Any:
    """Ask for the second factor of who gave the right password; only then a session begins."""
    waiting = signing.waiting()
    user = model.User.get(waiting["user"]) if waiting else None
    if waiting is None or user is None or user.state != "active":
        return tk.redirect_to("user.login")
    wrong = False
    try:
        if tk.request.method == "POST":
            given = typed("code", "handed")
            answer = tk.request.form.get("credential", "")[:_LONGEST_ANSWER]
            proved = (
                second.proves_by_passkey(user, given["handed"], answer)
                if answer
                else second.proves_by_code(user, given["code"])
            )
            if proved:
                return signing.go_on(user, waiting)
            wrong = True
            tk.signals.failed_login.send(user.name)
        extra = {"wrong": wrong, "passkey": second.challenge(user), "kinds": {each.kind for each in second.of(user)}}
    except StoreAway:
        return away()
    return private(tk.render("accounts/prove.html", extra), 400 if wrong else 200)
