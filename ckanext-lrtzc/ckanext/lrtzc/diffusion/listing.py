"""Subscriptions and messages as pages and programs read them, by a constant number of statements."""

from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

import ckan.model as model
import sqlalchemy as sa

from ckanext.lrtzc.diffusion.model import Delivery, Passage, Subscription
from ckanext.lrtzc.people import public_names


def described(subscriptions: Collection[Subscription], *, addresses: bool = True) -> list[dict[str, Any]]:
    """Give subscriptions with their dataset and how many messages wait; secrets never.

    :param addresses: whether to give the whole address, which may hold a secret of the receiver's; else its host
    """
    ids = [each.id for each in subscriptions]
    waiting = sa.select(Delivery.subscription_id, sa.func.count()).where(
        Delivery.subscription_id.in_(ids), Delivery.state == Passage.WAITING
    )
    counts: dict[str, int] = {}
    for number, count in model.Session.execute(waiting.group_by(Delivery.subscription_id)):
        counts[number] = count
    package = model.Package
    query = sa.select(package.id, package.name, package.title, package.type, package.state)
    found = {
        row.id: row
        for row in model.Session.execute(query.where(package.id.in_([each.package_id for each in subscriptions])))
    }
    names = public_names([each.account_id for each in subscriptions])
    return [
        {
            "id": each.id,
            "title": each.title,
            "kind": each.kind,
            "options": dict(each.options) if addresses else {},
            "plan": dict(each.plan),
            "address": each.address if addresses else "",
            "host": urlsplit(each.address).hostname or "",
            "state": each.state,
            "failures": each.failures,
            "waiting": counts.get(each.id, 0),
            "created": each.created.isoformat(),
            "succeeded": each.succeeded and each.succeeded.isoformat(),
            "account": each.account_id,
            "account_name": names[each.account_id],
            "dataset": _dataset(found.get(each.package_id), each.package_id),
        }
        for each in subscriptions
    ]


def _dataset(row: Any, number: str) -> dict[str, Any]:
    if row is None or row.state != "active":
        return {"id": number, "name": "", "title": "", "type": ""}
    return {"id": row.id, "name": row.name, "title": row.title or row.name, "type": row.type}


def messages_of(subscription_id: str, limit: int, offset: int) -> tuple[int, list[dict[str, Any]]]:
    """Give how many messages a subscription has, and some of them, the newest first."""
    mine = Delivery.subscription_id == subscription_id
    count = model.Session.scalar(sa.select(sa.func.count()).select_from(Delivery).where(mine)) or 0
    resource = model.Resource
    query = (
        sa.select(Delivery, resource.name)
        .outerjoin(resource, resource.id == Delivery.resource_id)
        .where(mine)
        .order_by(Delivery.id.desc())
        .limit(limit)
        .offset(offset)
        .execution_options(populate_existing=True)
    )
    keys = ("message_id", "resource_id", "number", "state", "attempts", "status", "problem", "told")
    times = ("created", "due", "tried")
    return count, [
        {key: getattr(row, key) for key in keys}
        | {key: getattr(row, key) and getattr(row, key).isoformat() for key in times}
        | {"resource_name": name or ""}
        for row, name in model.Session.execute(query)
    ]
