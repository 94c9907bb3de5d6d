"""Validators of who owns an object, where it stands, and what it needs to be published."""

import datetime as dt
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.objects.domain.kinds import needs_legal_ground
from ckanext.lrtzc.objects.logic.validators.cleaning import STATES, Data, Errors, Key, absent, state_of


def lrtzc_publishable(key: Key, data: Data, errors: Errors, context: Any) -> None:
    """Refuse an empty value, but in a draft, in what another catalogue gave, or where nothing is changed."""
    value = data.get(key)
    if not absent(data, key) and (not isinstance(value, str) or value.strip()):
        return
    if state_of(data, context) == "draft" or context.get("ignore_auth"):
        if absent(data, key):
            data.pop(key, None)
            raise tk.StopOnError
        return
    errors[key].append(tk._("This field is missing."))
    raise tk.StopOnError


def lrtzc_chosen_id(key: Key, data: Data, errors: Errors, context: Any) -> None:
    """Let this room's form choose an identifier, so that a form sent twice makes one dataset; else as CKAN does."""
    if not context.get("lrtzc_objects_draft"):
        empty: Any = tk.get_validator("empty_if_not_sysadmin")
        empty(key, data, errors, context)


def lrtzc_title_or_name(key: Key, data: Data, errors: Errors, context: Any) -> None:
    """Give an untitled object of another catalogue its name for a title, as CKAN does."""
    if not data.get(key) and state_of(data, context) != "draft" and data.get(("name",)):
        data[key] = data[("name",)]


def lrtzc_issued(key: Key, data: Data, errors: Errors, context: Any) -> None:
    """Date the first publication of an object, unless a date is given."""
    package = context.get("package")
    if absent(data, key) or not data.get(key):
        becomes_public = package is None or package.state == "draft"
        if becomes_public and state_of(data, context) == "active":
            data[key] = dt.datetime.now(dt.UTC).date().isoformat()


def lrtzc_state(key: Key, data: Data, errors: Errors, context: Any) -> None:
    """Let who may edit an object make it a draft or publish it; only who may delete it, delete it."""
    if absent(data, key) or data[key] == "":
        data.pop(key, None)
        raise tk.StopOnError
    value = data[key]
    if value not in STATES:
        errors[key].append(tk._("The state is draft, active or deleted."))
        return
    if value != "deleted" or context.get("ignore_auth"):
        return
    package = context.get("package")
    if package is not None and package.state == "deleted":
        return
    try:
        if package is None:
            raise tk.NotAuthorized
        tk.check_access("package_delete", {"user": context.get("user")}, {"id": package.id})
    except tk.NotAuthorized:
        errors[key].append(tk._("You may not delete this object."))


def lrtzc_legal_ground_stated(key: Key, data: Data, errors: Errors, context: Any) -> None:
    """Refuse to publish an algorithm of an organisation that names no legal ground (OBJ-13)."""
    if state_of(data, context) == "draft" or context.get("ignore_auth"):
        return
    ground, owner = data.get(("legal_ground",)), data.get(("owner_org",))
    if ground is tk.missing or not ground:
        # extras hold what scheming has converted already
        ground = next((data.get((*field[:2], "value")) for field in _extras(data, "legal_ground")), None)
    owner = None if owner is tk.missing else owner
    if not ground and needs_legal_ground("algorithm", owner):
        errors.setdefault(("legal_ground",), []).append(tk._("This field is missing."))


def _extras(data: Data, name: str) -> list[Key]:
    return [field for field in data if field[0] == "extras" and field[-1] == "key" and data[field] == name]


def lrtzc_owner(key: Key, data: Data, errors: Errors, context: Any) -> None:
    """Read the organisation that owns an object; none leaves it to the person who made it (OBJ-2).

    Programs of ours name the organisation of what they create.
    """
    value, package = data.get(key), context.get("package")
    if value is tk.missing or value in (None, ""):
        personal = not context.get("ignore_auth") if package is None else _may_be_personal(package, context)
        if not personal:
            errors[key].append(tk._("Say which organisation owns it."))
        data[key] = None
        raise tk.StopOnError
    of_organisation: Any = tk.get_validator("owner_org_validator")
    of_organisation(key, data, errors, context)


def _may_be_personal(package: Any, context: Any) -> bool:
    """Say whether an object may be without organisation: it is, or who made it takes their draft to themselves."""
    if not package.owner_org:
        return True
    person = model.User.get(context.get("user"))
    return package.state == "draft" and person is not None and person.id == package.creator_user_id


def datasets_with_no_organization_cannot_be_private(key: Key, data: Data, errors: Errors, context: Any) -> None:
    """Let a person withhold what is theirs, in place of CKAN's rule, which knows organisations only (OBJ-7)."""
