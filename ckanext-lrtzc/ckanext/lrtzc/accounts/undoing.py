"""How rights that were given or taken, and places in an organisation, are given back or taken back."""

from collections.abc import Mapping
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.accounts.model import Holder
from ckanext.lrtzc.interfaces import Undo


def given(profile: str, person: str) -> str:
    """Give since when a person holds a profile; nothing where they don't."""
    moment = sa.select(Holder.given).where(Holder.profile_id == profile, Holder.account_id == person)
    return str(model.Session.scalar(moment) or "")


def _given(what: Mapping[str, Any]) -> str:
    return given(what["id"], what["person"])


def _take(context: Any, what: Mapping[str, Any]) -> None:
    tk.get_action("lrtzc_profile_take")(context, {"id": what["id"], "person": what["person"]})


def _give(context: Any, what: Mapping[str, Any]) -> None:
    user = model.User.get(what["person"])
    if user is None or user.state != "active":
        raise tk.ObjectNotFound
    tk.get_action("lrtzc_profile_give")(context, {"id": what["id"], "email": user.email})


def _profiles(_what: Mapping[str, Any]) -> str:
    return tk.h.url_for("lrtzc_accounts.profiles")


def role(group: str, person: str) -> str:
    """Give the role of a person in an organisation or group, by identifiers; nothing where they aren't of it."""
    member = model.Member
    held = sa.select(member.capacity).where(
        member.group_id == group, member.table_id == person, member.table_name == "user", member.state == "active"
    )
    return model.Session.scalar(held) or ""


def _role(what: Mapping[str, Any]) -> str:
    return role(what["group"], what["person"])


def _put_back(context: Any, what: Mapping[str, Any]) -> None:
    user, group = model.User.get(what["person"]), model.Group.get(what["group"])
    if user is None or user.state != "active" or group is None or group.state != "active":
        raise tk.ObjectNotFound
    kind = "organization" if group.is_organization else "group"
    tk.get_action(f"{kind}_member_create")(context, {"id": group.id, "username": user.name, "role": what["role"]})


def _members(what: Mapping[str, Any]) -> str:
    group = model.Group.get(what["group"])
    if group is None:
        return tk.h.url_for("dashboard.datasets")
    kind = "organization" if group.is_organization else "group"
    return tk.h.url_for(f"{kind}.manage_members", id=group.name)


def _administrator(what: Mapping[str, Any]) -> str:
    return str(model.Session.scalar(sa.select(model.User.sysadmin).where(model.User.id == what["person"])))


def _as_before(context: Any, what: Mapping[str, Any]) -> None:
    tk.get_action("user_patch")(context, {"id": what["person"], "sysadmin": what["before"]})


def _administrators(_what: Mapping[str, Any]) -> str:
    return tk.h.url_for("admin.index")


UNDOS = {
    "right.give": Undo(_given, _take, _profiles),
    "right.take": Undo(_given, _give, _profiles),
    "right.administrator": Undo(_administrator, _as_before, _administrators),
    "member.delete": Undo(_role, _put_back, _members),
}
