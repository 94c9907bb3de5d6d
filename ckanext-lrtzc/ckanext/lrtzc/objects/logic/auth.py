"""Rights on objects: what CKAN says for those of organisations, and that a person's own are theirs alone (OBJ-2)."""

from typing import Any

import ckan.authz as authz
import ckan.logic.auth as logic_auth
import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.objects.domain.kinds import Type, is_object

AuthResult = dict[str, Any]


def _as(name: str, context: Any, data_dict: dict[str, Any]) -> AuthResult:
    tk.check_access(name, context, data_dict)
    return {"success": True}


def _person(context: Any) -> Any:
    """Give the account that asks; nobody where there is none or it isn't active."""
    user = model.User.get(context.get("user")) if context.get("user") else None
    return user if user is not None and user.state == "active" else None


def _groups_allowed(person: Any, groups: Any, present: frozenset[str] = frozenset()) -> bool:
    """Say whether a person may put their object in these groups, besides those it is in."""
    named = [str(each.get("id") or each.get("name") or "") for each in groups or () if isinstance(each, dict)]
    return all(
        name in present or authz.has_user_permission_for_group_or_org(name, person.name, "manage_group")
        for name in named
    )


@tk.chained_auth_function
@tk.auth_allow_anonymous_access
def package_create(next_auth: Any, context: Any, data_dict: Any = None) -> AuthResult:
    """Let any person create objects of their own; for an organisation, as CKAN says."""
    given = data_dict or {}
    person = _person(context)
    own = not given.get("owner_org") and is_object(given.get("type") or Type.DATASET)
    if person is not None and own and _groups_allowed(person, given.get("groups")):
        return {"success": True}
    return next_auth(context, data_dict)


@tk.chained_auth_function
@tk.auth_allow_anonymous_access
def package_update(next_auth: Any, context: Any, data_dict: Any) -> AuthResult:
    """Let a person change objects of their own, and nobody else; those of an organisation, as CKAN says."""
    package = logic_auth.get_package_object(context, data_dict)
    if package.owner_org or not is_object(package.type):
        return next_auth(context, data_dict)
    person = _person(context)
    present = frozenset(name for group in package.get_groups() for name in (group.id, group.name))
    if person is not None and person.id == package.creator_user_id:
        if _groups_allowed(person, (data_dict or {}).get("groups"), present):
            return {"success": True}
        return {"success": False, "msg": tk._("You may not put it in these groups.")}
    return {"success": False, "msg": tk._("Only its owner may change this object.")}


def lrtzc_objects_draft_create(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Allow who may create objects."""
    return _as("package_create", context, {})


def lrtzc_objects_draft_list(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Allow who may create objects: the list is their own."""
    return _as("package_create", context, {})


def lrtzc_objects_check(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Allow who may edit the dataset."""
    return _as("package_update", context, {"id": tk.get_or_bust(data_dict, "id")})


def lrtzc_objects_publish(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Allow who may edit the dataset."""
    return _as("package_update", context, {"id": tk.get_or_bust(data_dict, "id")})


def lrtzc_objects_withhold(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Allow who may edit the dataset."""
    return _as("package_update", context, {"id": tk.get_or_bust(data_dict, "id")})


def lrtzc_objects_revision_read(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Allow who may change the resource."""
    return _as("resource_update", context, {"id": tk.get_or_bust(data_dict, "id")})
