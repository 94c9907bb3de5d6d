"""Actions of accounts: signing up, and passwords. None of them says whether an e-mail address is known."""

import logging
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import FileStorage

from ckanext.lrtzc.accounts import jobs, leaving, letters, signing
from ckanext.lrtzc.accounts.logic import schema
from ckanext.lrtzc.accounts.logic.naming import free_name
from ckanext.lrtzc.accounts.logic.validators import check_password
from ckanext.lrtzc.ledger.api import record
from ckanext.lrtzc.personal.api import Identity, Request, StoreAway, identities, requests

__all__ = [
    "lrtzc_account_address_confirm",
    "lrtzc_account_confirm",
    "lrtzc_account_leave",
    "lrtzc_account_password",
    "lrtzc_account_profile_update",
    "lrtzc_account_reset",
    "lrtzc_account_reset_request",
    "lrtzc_account_sign_up",
    "lrtzc_account_workspace_update",
]

log = logging.getLogger(__name__)

_IDENTITY = ("title", "first_name", "last_name", "birth_date")


def _away(error: StoreAway) -> tk.ValidationError:
    return tk.ValidationError({"message": [tk._("Accounts can't be changed at the moment. Try again later.")]})


def _over() -> tk.ValidationError:
    return tk.ValidationError({"token": [tk._("This link is over, or was used already. Ask for a new one.")]})


def _asked(kind: str, token: str) -> Request:
    """Give the request that a token opens.

    :raises ckan.plugins.toolkit.ValidationError: where it opens none.
    """
    try:
        found = requests.by_token(kind, token)
    except StoreAway as error:
        raise _away(error) from error
    if found is None:
        raise _over()
    return found


@tk.validate_action_data(schema.lrtzc_account_sign_up)
def lrtzc_account_sign_up(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Begin to create an account: a letter with a link is sent to the address. Nothing is created yet.

    :param title: `Mme`, `M.`, `Mx`, or nothing
    :param first_name: first name, at most 100 characters
    :param last_name: last name, at most 100 characters
    :param birth_date: day of birth, YYYY-MM-DD
    :param email: a person's e-mail address
    :returns: `sent`: true, whether or not the address is known
    """
    tk.check_access("lrtzc_account_sign_up", context, data_dict)
    try:
        jobs.ask(jobs.SIGN_UP, {name: data_dict[name] for name in (*_IDENTITY, "email")})
    except StoreAway as error:
        raise _away(error) from error
    return {"sent": True}


@tk.validate_action_data(schema.lrtzc_account_confirm)
def lrtzc_account_confirm(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Create the account that was asked for, by the link of the letter.

    :param token: the end of the link
    :param user_name: how others see the person; any characters, 2 to 100
    :param password: the password
    :returns: `id` and `name` of the account, `user_name`
    """
    tk.check_access("lrtzc_account_confirm", context, data_dict)
    asked = _asked(jobs.SIGN_UP, data_dict["token"])
    person = Identity(**{name: asked.content[name] for name in _IDENTITY})
    shown, address = data_dict["user_name"], asked.content["email"]
    if signing.find(shown) is not None:
        raise tk.ValidationError({"user_name": [tk._("Somebody has this user name already: choose another one.")]})
    words = (shown, address, person.first_name, person.last_name, person.birth_date)
    check_password(data_dict["password"], None, *words)
    if requests.use(jobs.SIGN_UP, data_dict["token"]) is None:
        raise _over()
    user = _create(shown, address, data_dict["password"], person)
    return {"id": user.id, "name": user.name, "user_name": user.fullname}


def _create(shown: str, address: str, password: str, person: Identity) -> model.User:
    values = {"name": free_name(shown), "fullname": shown, "email": address, "password": password}
    context: Any = {"ignore_auth": True, "user": "", "defer_commit": True}
    made = ""
    try:
        made = tk.get_action("user_create")(context, values)["id"]
        user = model.User.get(made)
        # Who is signed in now isn't somebody yet: the person does it themselves.
        record("account.sign_up", actor=made, object_type="account", object_id=made)
        identities.keep(made, person, by=made)
        model.Session.commit()
    except (IntegrityError, tk.ValidationError) as error:
        model.Session.rollback()
        identities.erase(made)
        said = tk._("This account can't be created any more: the address or the name was taken meanwhile.")
        raise tk.ValidationError({"message": [said]}) from error
    except StoreAway as error:
        model.Session.rollback()
        raise _away(error) from error
    return user


@tk.validate_action_data(schema.lrtzc_account_reset_request)
def lrtzc_account_reset_request(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Ask for a new password: a letter with a link goes to the account's address, if there is one.

    :param login: account name, user name or e-mail address
    :returns: `sent`: true, whether or not there is such an account
    """
    tk.check_access("lrtzc_account_reset_request", context, data_dict)
    try:
        jobs.ask(jobs.RESET, {"login": data_dict["login"][:300]})
    except StoreAway as error:
        raise _away(error) from error
    return {"sent": True}


@tk.validate_action_data(schema.lrtzc_account_reset)
def lrtzc_account_reset(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Choose a new password, by the link of the letter; all sessions of the account end.

    :param token: the end of the link
    :param password: the new password
    :returns: `name` of the account
    """
    tk.check_access("lrtzc_account_reset", context, data_dict)
    user = signing.find(_asked(jobs.RESET, data_dict["token"]).content["login"])
    if user is None:
        raise _over()
    check_password(data_dict["password"], user)
    if requests.use(jobs.RESET, data_dict["token"]) is None:
        raise _over()
    _change(user, data_dict["password"], "link")
    return {"name": user.name}


@tk.validate_action_data(schema.lrtzc_account_password)
def lrtzc_account_password(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Change one's own password; the other sessions end, and a letter says so.

    :param old_password: the password until now
    :param password: the new one
    :returns: `name` of the account
    """
    tk.check_access("lrtzc_account_password", context, data_dict)
    user = _oneself(context)
    if not signing.is_password_of(user, data_dict["old_password"]):
        raise tk.ValidationError({"old_password": [tk._("This isn't your password.")]})
    check_password(data_dict["password"], user)
    _change(user, data_dict["password"], "page")
    return {"name": user.name}


def _change(user: model.User, password: str, how: str) -> None:
    user.password = password
    record("account.password", actor=user.id, object_type="account", object_id=user.id, details={"by": how})
    model.Session.commit()
    tk.enqueue_job(jobs.password_changed, [user.id, letters.language()], title="Letter about a password")


@tk.validate_action_data(schema.lrtzc_account_profile_update)
def lrtzc_account_profile_update(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Change one's own profile. A new e-mail address serves once it is confirmed by a link sent there.

    :param user_name: how others see the person
    :param about: a presentation, without addresses of pages
    :param language: code of a language of the portal, or nothing
    :param notifications: how often to be told by e-mail what is new in what one follows: `at_once`, `daily`, `never`
    :param email: an e-mail address; with `password`, one's password, where it is a new one
    :returns: `name` of the account, `asked`: whether a letter was sent to a new address
    """
    tk.check_access("lrtzc_account_profile_update", context, data_dict)
    user = _oneself(context)
    shown = data_dict.get("user_name") or user.fullname or user.name
    found = signing.find(shown)
    if found is not None and found.id != user.id:
        raise tk.ValidationError({"user_name": [tk._("Somebody has this user name already: choose another one.")]})
    new = data_dict.get("email") or user.email or ""
    asked = new.lower() != (user.email or "").lower()
    if asked and not signing.is_password_of(user, data_dict.get("password") or ""):
        raise tk.ValidationError({"password": [tk._("This isn't your password.")]})
    values: dict[str, Any] = {"id": user.id, "fullname": shown, "about": data_dict.get("about") or ""}
    photo = data_dict.get("photo")
    if photo == "remove":
        values |= {"image_url": "", "clear_upload": "true"}
    elif isinstance(photo, FileStorage):
        values["image_upload"] = photo
    tk.get_action("user_patch")({**context}, values)
    _keep(user.id, {name: data_dict[name] for name in ("language", "notifications")})
    model.Session.commit()
    if asked:
        try:
            jobs.ask(jobs.ADDRESS, {"email": new, "account": user.id})
        except StoreAway as error:
            raise _away(error) from error
    return {"name": user.name, "asked": asked}


def _keep(user_id: str, chosen: dict[str, Any]) -> None:
    """Keep what a person chose beside what they chose before, and what others noted of the account meanwhile."""
    user = model.Session.get(model.User, user_id, with_for_update=True, populate_existing=True)
    if user is None or user.state != "active":
        return
    extras = user.plugin_extras or {}
    user.plugin_extras = {**extras, "lrtzc_accounts": {**extras.get("lrtzc_accounts", {}), **chosen}}


@tk.validate_action_data(schema.lrtzc_account_workspace_update)
def lrtzc_account_workspace_update(context: Any, data_dict: dict[str, Any]) -> dict[str, list[str]]:
    """Choose which blocks one's own workspace shows, and in which order.

    :param order: names of blocks, for instance `waiting`, `objects`, `contributions`; those left out come last
    :param hidden: names of those not to show
    :returns: `order`, `hidden`
    """
    tk.check_access("lrtzc_account_workspace_update", context, data_dict)
    chosen = {"order": data_dict["order"], "hidden": data_dict["hidden"]}
    _keep(_oneself(context).id, chosen)
    model.Session.commit()
    return chosen


@tk.validate_action_data(schema.lrtzc_account_address_confirm)
def lrtzc_account_address_confirm(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Take a new e-mail address for the account that asked for it, by the link sent there; the former one is told.

    :param token: the end of the link
    :returns: `name` of the account
    """
    tk.check_access("lrtzc_account_address_confirm", context, data_dict)
    asked = _asked(jobs.ADDRESS, data_dict["token"]).content
    user = model.Session.get(model.User, asked["account"])
    if user is None or user.state != "active" or requests.use(jobs.ADDRESS, data_dict["token"]) is None:
        raise _over()
    before, user.email = user.email, asked["email"]
    record("account.address", actor=user.id, object_type="account", object_id=user.id)
    try:
        model.Session.commit()
    except IntegrityError as error:
        model.Session.rollback()
        raise _over() from error
    if before and before.lower() != asked["email"].lower():
        try:
            jobs.ask(jobs.ADDRESS_CHANGED, {"email": before})
        except StoreAway:
            log.exception("A person could not be told at their former address that it was changed")
    return {"name": user.name}


def _oneself(context: Any) -> model.User:
    user = model.User.get(context.get("user") or "")
    if user is None or user.state != "active":
        raise tk.NotAuthorized(tk._("Sign in first."))
    return user


@tk.validate_action_data(schema.lrtzc_account_leave)
def lrtzc_account_leave(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Close one's own account for good: settle what is one's own, then erase who one was.

    :param password: one's password
    :param sure: true
    :param choices: by identifier of an object, `keep` (without a name), `withdraw`, or the identifier of an
        organisation that takes it over; what isn't named is kept where its licence is open, and withdrawn otherwise
    :returns: `closed`: true
    """
    tk.check_access("lrtzc_account_leave", context, data_dict)
    user = _oneself(context)
    if not signing.is_password_of(user, data_dict["password"]):
        raise tk.ValidationError({"password": [tk._("This isn't your password.")]})
    if not data_dict["sure"]:
        raise tk.ValidationError({"sure": [tk._("Say that you have understood.")]})
    if leaving.is_last_administrator(user):
        raise tk.ValidationError({"message": [tk._("The portal needs an administrator: name another one first.")]})
    try:
        chosen = leaving.settled(user, data_dict["choices"])
    except ValueError as error:
        raise tk.ValidationError({"choices": [tk._("One of these choices can't be. Look at them again.")]}) from error
    try:
        with leaving.alone(user):
            leaving.leave(user, chosen)
    except RuntimeError as error:
        if isinstance(error, StoreAway):
            raise _away(error) from error
        raise tk.ValidationError({"message": [tk._("This account is being closed already.")]}) from error
    return {"closed": True}
