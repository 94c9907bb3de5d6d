"""Inviting somebody into an organisation: a link that works once and for a time, in the place of CKAN's endless key.

Who is invited again, by the same organisation or another, keeps the account that waits for them: its last letter's link
is the one that works.
"""

import hashlib
import secrets
import time
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.lib.dictization.model_dictize import user_dictize
from sqlalchemy.exc import IntegrityError

from ckanext.lrtzc.accounts import jobs, letters, signing
from ckanext.lrtzc.accounts.logic import schema
from ckanext.lrtzc.accounts.logic.naming import free_name
from ckanext.lrtzc.accounts.logic.validators import check_password
from ckanext.lrtzc.ledger.api import record
from ckanext.lrtzc.personal.api import Identity, StoreAway, identities, requests

__all__ = ["lrtzc_account_invitation_accept", "user_invite"]

_IDENTITY = ("title", "first_name", "last_name", "birth_date")
# Which letter's link works, and when letters went, in an account's `plugin_extras`.
_KEPT = "lrtzc_invitation"
MOST_A_DAY = 3
"""Invitations that may be sent to one address in a day."""
_DAY = 86_400


@tk.chained_action
def user_invite(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """Invite a person by their own e-mail address; the letter's link works once, for seven days.

    Whoever is invited already is invited again, three times a day at most: the links of earlier letters end.
    """
    tk.check_access("user_invite", context, data_dict)
    if not letters.can_be_sent():
        raise tk.ValidationError({"email": [tk._("This portal knows no mail server yet: nobody can be invited.")]})
    address = data_dict.get("email")
    if isinstance(address, str) and address:
        try:
            tk.get_validator("lrtzc_accounts_address")(address)
        except tk.Invalid as error:
            raise tk.ValidationError({"email": [error.error]}) from error
        invited_already = _waiting(address)
        if invited_already is not None:
            return _again(context, data_dict, invited_already)
    return up(context, data_dict)


def _waiting(address: str) -> model.User | None:
    """Give the account that waits for the person of an address; of two who invite at once, one comes second."""
    digest = hashlib.sha256(f"lrtzc invitation {address.lower()}".encode()).digest()
    lock = sa.func.pg_advisory_xact_lock(int.from_bytes(digest[:8], signed=True))
    model.Session.execute(sa.select(lock))
    same = (sa.func.lower(model.User.email) == address.lower(), model.User.state == "pending")
    return model.Session.scalars(sa.select(model.User).where(*same).order_by(model.User.created).limit(1)).first()


def _again(context: Any, data_dict: dict[str, Any], user: model.User) -> dict[str, Any]:
    """Invite who is invited already, with the answer of a first invitation."""
    needed = tk.get_validator("not_empty")
    asked = {"group_id": [needed], "role": [needed], "__extras": [tk.get_validator("ignore")]}
    data, errors = tk.navl_validate(data_dict, asked, context)
    if errors:
        raise tk.ValidationError(errors)
    group = model.Group.get(data["group_id"])
    if group is None:
        raise tk.ObjectNotFound(tk._("There is no such organisation or group."))
    _sent_today(user)
    kind = "organization" if group.is_organization else "group"
    place = {"username": user.id, "id": group.id, "role": data["role"]}
    tk.get_action(f"{kind}_member_create")({**context}, place)
    send(user, {"title": group.title, "name": group.name})
    return user_dictize(user, context)


def _sent_today(user: model.User) -> list[int]:
    """Give when invitations went to somebody within a day.

    :raises ckan.plugins.toolkit.ValidationError: where no more may go
    """
    since = int(time.time()) - _DAY
    sent = [each for each in (user.plugin_extras or {}).get(_KEPT, {}).get("sent", []) if each > since]
    if len(sent) >= MOST_A_DAY:
        said = tk._("This person was invited {most} times within a day: they have your letter. Try again tomorrow.")
        raise tk.ValidationError({"email": [said.format(most=MOST_A_DAY)]})
    return sent


def send(user: model.User, group: dict[str, Any]) -> None:
    """Have the letter of an invitation written; the links of earlier ones end.

    :raises ckan.plugins.toolkit.ValidationError: where the store that keeps it doesn't answer.
    """
    number, sent = secrets.token_hex(8), _sent_today(user)
    asked = {"account": user.id, "email": user.email or "", "group": group.get("title") or group["name"]}
    try:
        jobs.ask(jobs.INVITATION, {**asked, "number": number})
    except StoreAway as error:
        said = tk._("Accounts can't be changed at the moment. Try again later.")
        raise tk.ValidationError({"message": [said]}) from error
    user.plugin_extras = {**(user.plugin_extras or {}), _KEPT: {"number": number, "sent": [*sent, int(time.time())]}}
    model.Session.commit()


def invited(token: str) -> tuple[model.User, str] | None:
    """Give the account that an invitation's token opens, and its address; None where it is over or was taken up.

    :raises ckanext.lrtzc.personal.api.StoreAway: where the store doesn't answer.
    """
    asked = requests.by_token(jobs.INVITATION, token)
    user = model.Session.get(model.User, asked.content["account"], populate_existing=True) if asked else None
    if asked is None or user is None or user.state != "pending" or user.email != asked.content["email"]:
        return None
    if (user.plugin_extras or {}).get(_KEPT, {}).get("number") != asked.content.get("number"):
        return None
    return user, asked.content["email"]


@tk.validate_action_data(schema.lrtzc_account_invitation_accept)
def lrtzc_account_invitation_accept(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Take up an invitation, by the link of its letter: say who one is, and choose a password.

    :param token: the end of the link
    :param title: `Mme`, `M.`, `Mx`, or nothing
    :param first_name: first name, at most 100 characters
    :param last_name: last name, at most 100 characters
    :param birth_date: day of birth, YYYY-MM-DD
    :param user_name: how others see the person; any characters, 2 to 100
    :param password: the password
    :returns: `id` and `name` of the account, `user_name`
    """
    tk.check_access("lrtzc_account_invitation_accept", context, data_dict)
    over = tk.ValidationError({"token": [tk._("This link is over, or was used already. Ask for a new one.")]})
    shown, person = data_dict["user_name"], Identity(**{name: data_dict[name] for name in _IDENTITY})
    try:
        found = invited(data_dict["token"])
        if found is None:
            raise over
        user, address = found
        if signing.find(shown) is not None:
            raise tk.ValidationError({"user_name": [tk._("Somebody has this user name already: choose another one.")]})
        words = (shown, address, person.first_name, person.last_name, person.birth_date)
        check_password(data_dict["password"], user, *words)
        if requests.use(jobs.INVITATION, data_dict["token"]) is None:
            raise over
        # CKAN named the account after the address, which is nobody else's business
        user.name, user.fullname, user.password = free_name(shown), shown, data_dict["password"]
        user.reset_key, user.state = None, "active"
        user.plugin_extras = {key: each for key, each in (user.plugin_extras or {}).items() if key != _KEPT}
        record("account.sign_up", actor=user.id, object_type="account", object_id=user.id, details={"by": "invitation"})
        identities.keep(user.id, person, by=user.id)
        model.Session.commit()
    except IntegrityError as error:
        model.Session.rollback()
        raise over from error
    except StoreAway as error:
        model.Session.rollback()
        said = tk._("Accounts can't be changed at the moment. Try again later.")
        raise tk.ValidationError({"message": [said]}) from error
    return {"id": user.id, "name": user.name, "user_name": user.fullname}
