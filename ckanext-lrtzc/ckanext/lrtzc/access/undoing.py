"""How what an owner decides of their data is undone."""

from collections.abc import Mapping
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.access.model import AccessGrant, AccessRestriction, now
from ckanext.lrtzc.interfaces import Undo


def held(package_id: str, resource_id: str | None) -> str | None:
    """Give the reason for which data is held back; None where it isn't."""
    return model.Session.scalar(
        sa.select(AccessRestriction.reason).where(
            AccessRestriction.package_id == package_id,
            AccessRestriction.resource_id.is_not_distinct_from(resource_id or None),
        )
    )


def _held(what: Mapping[str, Any]) -> str:
    reason = held(what["id"], what["resource_id"])
    return "open" if reason is None else f"held {reason}"


def _as_before(context: Any, what: Mapping[str, Any]) -> None:
    asked = {"id": what["id"], "resource_id": what["resource_id"]}
    if what["reason"] is None:
        tk.get_action("lrtzc_access_lift")(context, asked)
    else:
        tk.get_action("lrtzc_access_restrict")(context, {**asked, "reason": what["reason"]})


def _grant(what: Mapping[str, Any]) -> AccessGrant:
    grant = AccessGrant.get(what["grant"])
    if grant is None:
        raise tk.ObjectNotFound
    return grant


def _standing(what: Mapping[str, Any]) -> str:
    """Say whether a grant holds, and which was made last to the same people."""
    grant = _grant(what)
    last = sa.select(sa.func.max(AccessGrant.created)).where(
        AccessGrant.package_id == grant.package_id,
        AccessGrant.audience == grant.audience,
        AccessGrant.audience_id.is_not_distinct_from(grant.audience_id),
    )
    return f"{grant.withdrawn} {model.Session.scalar(last)}"


def _withdraw(context: Any, what: Mapping[str, Any]) -> None:
    tk.get_action("lrtzc_access_withdraw")(context, {"id": what["grant"]})


def _open_again(context: Any, what: Mapping[str, Any]) -> None:
    """Open the same to the same people: a withdrawn grant stays as it is, since it tells what held until when."""
    grant = _grant(what)
    same = ("resource_id", "audience", "audience_id", "columns", "masks", "purpose", "ends")
    rows = [{name: row[name] for name in ("column", "operator", "values")} for row in grant.rows]
    asked = {name: getattr(grant, name) for name in same}
    starts = grant.starts if grant.starts > now() else None
    tk.get_action("lrtzc_access_grant")(context, {"id": grant.package_id, **asked, "rows": rows, "starts": starts})


def _page(what: Mapping[str, Any]) -> str:
    package = model.Package.get(what["id"])
    return tk.h.url_for("lrtzc_access.owner", id=package.name) if package else tk.h.url_for("dashboard.datasets")


UNDOS = {
    "access.restrict": Undo(_held, _as_before, _page),
    "access.open": Undo(_held, _as_before, _page),
    "access.grant": Undo(_standing, _withdraw, _page),
    "access.withdraw": Undo(_standing, _open_again, _page),
}
