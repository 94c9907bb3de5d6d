"""Who may what with partner portals: administrators all, editors those of their organisations."""

from typing import Any

import ckan.authz as authz
import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.lrtzc.partners.model import Run

Context = Any
PERMISSION = "create_dataset"


def editable_organizations(user: str) -> list[str]:
    """Give the identities of the organisations whose partners `user` may see and change."""
    context: Any = {"model": model, "session": model.Session, "user": user}
    found = tk.get_action("organization_list_for_user")(context, {"permission": PERMISSION})
    return [organization["id"] for organization in found]


def _answer(allowed: bool) -> dict[str, Any]:
    if allowed:
        return {"success": True}
    return {"success": False, "msg": tk._("Only editors of the organisation may do this with its partner portals.")}


def _of_partner(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    package = model.Package.get(data_dict.get("id"))
    if package is None or package.type != "harvest":
        raise tk.ObjectNotFound(tk._("There is no such partner portal."))
    return _answer(
        bool(package.owner_org)
        and authz.has_user_permission_for_group_or_org(package.owner_org, context.get("user"), PERMISSION)
    )


def partner_create(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Editors of the organisation given; without one, of any."""
    user, owner = context.get("user"), (data_dict or {}).get("owner_org")
    if owner:
        return _answer(authz.has_user_permission_for_group_or_org(owner, user, PERMISSION))
    return _answer(bool(user) and authz.has_user_permission_for_some_org(user, PERMISSION))


def partner_list(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Whoever may edit for some organisation; the list holds those of their organisations."""
    return partner_create(context, {})


def partner_show(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Editors of the partner's organisation."""
    return _of_partner(context, data_dict)


def partner_update(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Editors of the partner's organisation."""
    return _of_partner(context, data_dict)


def partner_delete(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Editors of the partner's organisation."""
    return _of_partner(context, data_dict)


def partner_run(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Editors of the partner's organisation."""
    return _of_partner(context, data_dict)


def partner_run_list(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Editors of the partner's organisation."""
    return _of_partner(context, data_dict)


def partner_preview(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Editors of the partner's organisation, or those who might declare it."""
    return _of_partner(context, data_dict) if data_dict.get("id") else partner_create(context, data_dict)


def partner_report_show(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Editors of the organisation of the run's partner."""
    run = model.Session.get(Run, data_dict.get("id") or "")
    if run is None:
        raise tk.ObjectNotFound(tk._("There is no such report."))
    return _of_partner(context, {"id": run.source_id})


@tk.chained_auth_function
def harvest_object_show(up: Any, context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Administrators only: the record as its partner sent it may tell what isn't shown here."""
    return {"success": False, "msg": tk._("Only administrators read records as partners sent them.")}


@tk.chained_auth_function
def harvest_object_list(up: Any, context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Administrators only, as for one record."""
    return harvest_object_show(up, context, data_dict)
