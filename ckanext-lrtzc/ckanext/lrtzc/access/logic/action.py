"""Actions of access: what isn't open to all, what is opened to whom, and what one may do.

The guards of CKAN's own actions are in `access.addresses`, `access.datastore` and `access.history`.
"""

from dataclasses import asdict
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ckanext.lrtzc.access import api, faults, granting
from ckanext.lrtzc.access.logic import schema
from ckanext.lrtzc.access.model import AccessGrant, AccessRestriction, now
from ckanext.lrtzc.ledger.api import record

__all__ = [
    "lrtzc_access_decide",
    "lrtzc_access_faults",
    "lrtzc_access_faults_forget",
    "lrtzc_access_grant",
    "lrtzc_access_lift",
    "lrtzc_access_mine",
    "lrtzc_access_restrict",
    "lrtzc_access_show",
    "lrtzc_access_withdraw",
]

PAGE_SIZE = 50


def _package(name: str, resource_id: str | None = None) -> model.Package:
    package = model.Package.get(name)
    if package is None:
        raise tk.ObjectNotFound(tk._("There is no such dataset."))
    if resource_id:
        resource = model.Resource.get(resource_id)
        if resource is None or resource.package_id != package.id or resource.state != "active":
            raise tk.ValidationError({"resource_id": [tk._("This dataset has no such resource.")]})
    return package


def _restriction(package_id: str, resource_id: str | None) -> AccessRestriction | None:
    of_resource = AccessRestriction.resource_id.is_not_distinct_from(resource_id or None)
    return model.Session.scalar(
        sa.select(AccessRestriction).where(AccessRestriction.package_id == package_id, of_resource).with_for_update()
    )


@tk.side_effect_free
@tk.validate_action_data(schema.lrtzc_access_show)
def lrtzc_access_show(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Show what an owner decided on a dataset.

    :param id: identifier or name of the dataset
    :param page: page of the grants, from 1; those in force come first, 50 a page
    :returns: `restrictions` (resource_id, reason, created, created_by), `grants` (see `lrtzc_access_grant`; with
        `state`: waiting, standing, ended or withdrawn, `audience_title`, `created_by_title`), `count` of all grants
    """
    tk.check_access("lrtzc_access_show", context, data_dict)
    package = _package(data_dict["id"])
    held = model.Session.scalars(sa.select(AccessRestriction).where(AccessRestriction.package_id == package.id))
    number = max(1, data_dict["page"])
    grants = AccessGrant.of_package(package.id, PAGE_SIZE, (number - 1) * PAGE_SIZE)
    count = model.Session.scalar(
        sa.select(sa.func.count()).select_from(AccessGrant).where(AccessGrant.package_id == package.id)
    )
    return {
        "restrictions": [
            {
                "resource_id": each.resource_id,
                "reason": each.reason,
                "created": each.created.isoformat(),
                "created_by": each.created_by,
            }
            for each in held
        ],
        "grants": granting.described(grants),
        "count": count,
    }


@tk.validate_action_data(schema.lrtzc_access_restrict)
def lrtzc_access_restrict(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Hold back the data of a dataset, or of one of its resources: what is said of it stays to be found.

    :param id: identifier or name of the dataset
    :param resource_id: one of its resources; all of them by default
    :param reason: why, in words that people will read; at most 1,000 characters
    :returns: `package_id`, `resource_id`, `reason`
    """
    tk.check_access("lrtzc_access_restrict", context, data_dict)
    resource_id = data_dict.get("resource_id") or None
    package = _package(data_dict["id"], resource_id)
    held = _restriction(package.id, resource_id)
    if held is None:
        held = AccessRestriction(package_id=package.id, resource_id=resource_id, created_by=_who(context))
        model.Session.add(held)
    held.reason = data_dict["reason"]
    kind, name = ("resource", resource_id) if resource_id else (package.type, package.id)
    record("access.restrict", object_type=kind, object_id=name, details={"reason": held.reason})
    try:
        model.Session.commit()
    except IntegrityError:
        model.Session.rollback()
        raise tk.ValidationError({"id": [tk._("Somebody has just done the same. Look at it again.")]}) from None
    granting.reindex(package.id)
    return {"package_id": package.id, "resource_id": resource_id, "reason": data_dict["reason"]}


@tk.validate_action_data(schema.lrtzc_access_lift)
def lrtzc_access_lift(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Open to all the data of a dataset, or of one of its resources, that was held back.

    :param id: identifier or name of the dataset
    :param resource_id: the resource that was held back by itself, if one was
    :returns: `package_id`, `resource_id`, and `lifted`: whether something was held back
    """
    tk.check_access("lrtzc_access_lift", context, data_dict)
    resource_id = data_dict.get("resource_id") or None
    package = _package(data_dict["id"])
    held = _restriction(package.id, resource_id)
    if held is not None:
        model.Session.delete(held)
        kind, name = ("resource", resource_id) if resource_id else (package.type, package.id)
        record("access.open", object_type=kind, object_id=name)
        model.Session.commit()
        granting.reindex(package.id)
    return {"package_id": package.id, "resource_id": resource_id, "lifted": held is not None}


@tk.validate_action_data(schema.lrtzc_access_grant)
def lrtzc_access_grant(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Open a part of a dataset to somebody, until a date. It holds at the next call, and so does its withdrawal.

    :param id: identifier or name of the dataset
    :param resource_id: one of its resources; all of them, whole, by default
    :param audience: everyone, person, organization or group
    :param audience_id: identifier or name of the organisation or group; identifier, name or e-mail of the person
    :param columns: names of columns; all by default. `_geometry` is the position on the map
    :param rows: conditions that all hold, a list of {column, operator, values}: `is`, `not`, `contains`, `in`, `min`,
        `max`, `from`, `to`, `empty`, with values as one types them; a period is a `from` and a `to` on a date
    :param masks: columns shown less exactly, a list of {column, coarser, size}: `start` (that many characters),
        `step` (multiples of that many units), `month`, `year`
    :param purpose: what it is for, in words that this person will read; at most 300 characters
    :param starts: day or moment from which it holds; now by default
    :param ends: day or moment until which it holds, not included; for good by default
    :returns: the grant
    """
    tk.check_access("lrtzc_access_grant", context, data_dict)
    resource_id = data_dict.get("resource_id") or None
    package = _package(data_dict["id"], resource_id)
    grant = AccessGrant(
        package_id=package.id,
        resource_id=resource_id,
        audience=data_dict["audience"],
        audience_id=granting.audience_of(data_dict["audience"], data_dict.get("audience_id")),
        purpose=data_dict["purpose"],
        starts=data_dict["starts"] or now(),
        ends=data_dict["ends"],
        created_by=_who(context),
        **granting.perimeter_of(resource_id, data_dict),
    )
    granting.check_dates(grant.starts, grant.ends)
    granting.check_room(grant)
    model.Session.add(grant)
    model.Session.flush()
    record("access.grant", object_type=package.type, object_id=package.id, details=granting.told(grant))
    model.Session.commit()
    return granting.described([grant])[0]


@tk.validate_action_data(schema.lrtzc_access_withdraw)
def lrtzc_access_withdraw(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Take back a grant: it ends with this call.

    :param id: identifier of the grant
    :returns: the grant
    """
    tk.check_access("lrtzc_access_withdraw", context, data_dict)
    grant = AccessGrant.get(data_dict["id"], lock=True)
    if grant is None:
        raise tk.ObjectNotFound(tk._("There is no such grant."))
    if grant.withdrawn is None:
        grant.withdrawn, grant.withdrawn_by = now(), _who(context)
        package = _package(grant.package_id)
        record("access.withdraw", object_type=package.type, object_id=package.id, details={"grant": grant.id})
    model.Session.commit()
    return granting.described([grant])[0]


def _who(context: Any) -> str:
    user = model.User.get(context.get("user") or "")
    return user.id if user else ""


@tk.side_effect_free
@tk.validate_action_data(schema.lrtzc_access_mine)
def lrtzc_access_mine(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """List what others opened to whoever asks: to them by name, or to a group of theirs; what is in force now.

    :param limit: how many at most, 50 by default, up to 500
    :param offset: how many to pass over first
    :returns: `grants`, the first to end first: those of `lrtzc_access_grant`, with `dataset` (name, title) and
        `resource` (name) as people call them; `count` of all
    """
    tk.check_access("lrtzc_access_mine", context, data_dict)
    person = api.person_of(context)
    if person.is_stranger:
        raise tk.NotAuthorized(tk._("Sign in to see what was opened to you."))
    grants, count = granting.opened_to(person, data_dict["limit"], data_dict["offset"])
    return {"grants": grants, "count": count}


@tk.side_effect_free
@tk.validate_action_data(schema.lrtzc_access_decide)
def lrtzc_access_decide(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Say what whoever asks may do, how much of it, why, and what they can do about it.

    :param id: identifier or name of the dataset
    :param resource_id: one of its resources; the dataset as a whole by default
    :param action: see, read (the default) or take
    :param purpose: what for
    :returns: `permitted`; `whole`: whether nothing is held back; `until` (ISO 8601); `reasons`, each with a stable
        `code`, `why` and `remedy` in the language of the request
    """
    tk.check_access("lrtzc_access_decide", context, data_dict)
    resource_id = data_dict.get("resource_id") or None
    package = _package(data_dict["id"], resource_id)
    found = api.decide(context, package.id, resource_id, api.Action(data_dict["action"]), data_dict["purpose"])
    return {
        "permitted": found.permitted,
        "whole": found.whole,
        "until": found.until and found.until.isoformat(),
        "reasons": api.told(found),
    }


@tk.side_effect_free
def lrtzc_access_faults(context: Any, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """List the faults of access rules: which rule failed or was slow, when last, and how often.

    :returns: `rule`, `kind` (failed or slow), `words`, `moment` (ISO 8601, UTC), `count`; the latest first
    """
    tk.check_access("lrtzc_access_faults", context, data_dict)
    return [asdict(fault) for fault in faults.listed()]


def lrtzc_access_faults_forget(context: Any, data_dict: dict[str, Any]) -> None:
    """Empty the list of faults, once they were seen to."""
    tk.check_access("lrtzc_access_faults_forget", context, data_dict)
    faults.forget()
