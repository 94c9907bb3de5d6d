"""Actions of profiles of rights: administrators make them, and give them to people found by e-mail."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from ckanext.lrtzc.accounts import functions
from ckanext.lrtzc.accounts.domain import names
from ckanext.lrtzc.accounts.logic import schema
from ckanext.lrtzc.accounts.logic.validators import GENERIC
from ckanext.lrtzc.accounts.model import Holder, Profile, now
from ckanext.lrtzc.ledger.api import record

__all__ = [
    "lrtzc_profile_delete",
    "lrtzc_profile_give",
    "lrtzc_profile_list",
    "lrtzc_profile_take",
    "lrtzc_profile_update",
]


@tk.side_effect_free
def lrtzc_profile_list(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """List the profiles of rights, and the functions that there are.

    :returns: `profiles`, by title: `id`, `title`, `functions` (codes), `people` (`id`, `name`, `title`); `functions`,
        their titles by code
    """
    tk.check_access("lrtzc_profile_list", context, data_dict)
    people: dict[str, list[dict[str, str]]] = {}
    query = sa.select(Holder.profile_id, model.User).join(model.User, model.User.id == Holder.account_id)
    for profile_id, user in model.Session.execute(query.where(model.User.state == "active").order_by(model.User.name)):
        people.setdefault(profile_id, []).append({"id": user.id, "name": user.name, "title": user.display_name})
    profiles = [
        {"id": each.id, "title": each.title, "functions": each.functions, "people": people.get(each.id, [])}
        for each in model.Session.scalars(sa.select(Profile).order_by(sa.func.lower(Profile.title)))
    ]
    return {"profiles": profiles, "functions": {code: each.title() for code, each in functions.known().items()}}


@tk.validate_action_data(schema.lrtzc_profile_update)
def lrtzc_profile_update(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Make a profile, or change one.

    :param id: identifier of the profile; a new one is made without it
    :param title: its name, at most 100 characters; no other profile has it
    :param functions: codes of the functions it holds rights on
    :returns: `id`, `title`, `functions`
    """
    tk.check_access("lrtzc_profile_update", context, data_dict)
    profile = _profile(data_dict["id"]) if data_dict.get("id") else Profile()
    profile.title, profile.functions = data_dict["title"], data_dict["functions"]
    model.Session.add(profile)
    try:
        model.Session.flush()
        record(
            "right.profile",
            object_type="profile",
            object_id=profile.id,
            details={"title": profile.title, "functions": profile.functions},
        )
        model.Session.commit()
    except IntegrityError as error:
        model.Session.rollback()
        raise tk.ValidationError({"title": [tk._("Another profile has this name.")]}) from error
    return {"id": profile.id, "title": profile.title, "functions": profile.functions}


@tk.validate_action_data(schema.lrtzc_profile_delete)
def lrtzc_profile_delete(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Delete a profile; who held it loses its rights at once.

    :param id: identifier of the profile
    :returns: `id`
    """
    tk.check_access("lrtzc_profile_delete", context, data_dict)
    profile = _profile(data_dict["id"])
    record("right.profile_delete", object_type="profile", object_id=profile.id, details={"title": profile.title})
    model.Session.execute(sa.delete(Holder).where(Holder.profile_id == profile.id))
    model.Session.delete(profile)
    model.Session.commit()
    return {"id": data_dict["id"]}


@tk.validate_action_data(schema.lrtzc_profile_give)
def lrtzc_profile_give(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Give a profile to a person found by their e-mail address.

    :param id: identifier of the profile
    :param email: the address of their account
    :returns: `id` of the profile, `person`: identifier of the account, `given`: whether they didn't hold it already
    """
    tk.check_access("lrtzc_profile_give", context, data_dict)
    profile = _profile(data_dict["id"])
    address = data_dict["email"].strip().lower()
    user = model.Session.scalar(
        sa.select(model.User).where(sa.func.lower(model.User.email) == address, model.User.state == "active")
    )
    if user is None:
        raise tk.ValidationError({"email": [tk._("No account has this e-mail address.")]})
    generic = tk.aslist(tk.config[GENERIC])
    if names.is_generic(user.fullname or user.name, generic) or names.is_generic(address.partition("@")[0], generic):
        raise tk.ValidationError({"email": [tk._("Rights are given to persons: this is a function's account.")]})
    values = {"profile_id": profile.id, "account_id": user.id, "given": now(), "given_by": _who(context)}
    made = model.Session.execute(insert(Holder).values(values).on_conflict_do_nothing())
    record("right.give", object_type="account", object_id=user.id, details={"profile": profile.id})
    model.Session.commit()
    return {"id": profile.id, "person": user.id, "given": bool(made.rowcount)}


@tk.validate_action_data(schema.lrtzc_profile_take)
def lrtzc_profile_take(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Take a profile back from a person: its rights end at once.

    :param id: identifier of the profile
    :param person: identifier of the account
    :returns: `id` of the profile, `taken`: whether they held it
    """
    tk.check_access("lrtzc_profile_take", context, data_dict)
    profile, person = _profile(data_dict["id"]), data_dict["person"]
    done = model.Session.execute(sa.delete(Holder).where(Holder.profile_id == profile.id, Holder.account_id == person))
    if done.rowcount:
        record("right.take", object_type="account", object_id=person, details={"profile": profile.id})
    model.Session.commit()
    return {"id": profile.id, "taken": bool(done.rowcount)}


def _profile(number: str) -> Profile:
    found = model.Session.get(Profile, number)
    if found is None:
        raise tk.ObjectNotFound(tk._("There is no such profile."))
    return found


def _who(context: Any) -> str:
    user = model.User.get(context.get("user") or "")
    return user.id if user is not None else ""
