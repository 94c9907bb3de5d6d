"""Puts messages on their way in the transaction that makes a version: there is one where there is the other."""

from typing import Any

import ckan.model as model
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ckanext.lrtzc.batches.api import last_version
from ckanext.lrtzc.diffusion.domain.signing import new_message_id
from ckanext.lrtzc.diffusion.model import Delivery, Passage, Subscription, now

_FIELDS = ("subscription_id", "message_id", "resource_id", "number", "state", "attempts", "created", "due")


def version_came(resource_id: str, *, package_id: str, number: int, **_: Any) -> None:
    """Queue a message for each subscriber of a dataset. Called by the signal `lrtzc:version`; commits nothing."""
    session: Any = model.Session
    moment = now()
    identifier = sa.func.concat("msg_", sa.func.replace(sa.cast(sa.func.gen_random_uuid(), sa.Text), "-", ""))
    values = (sa.literal(resource_id), sa.literal(number), sa.literal(Passage.WAITING.value), sa.literal(0))
    rows = sa.select(Subscription.id, identifier, *values, sa.literal(moment), sa.literal(moment))
    statement = insert(Delivery).from_select(_FIELDS, rows.where(Subscription.package_id == package_id))
    session.execute(statement.on_conflict_do_nothing(constraint="lrtzc_diffusion_delivery_once"))


def queue_last(subscription: Subscription) -> int:
    """Queue the last version of each file that wasn't yet, in the caller's transaction; count them."""
    resource = model.Resource
    query = sa.select(resource.id).where(resource.package_id == subscription.package_id, resource.state == "active")
    places = {(each, last_version(each)) for each in model.Session.scalars(query)}
    rows = [
        {"subscription_id": subscription.id, "message_id": new_message_id(), "resource_id": each, "number": number}
        for each, number in places
        if number
    ]
    if not rows:
        return 0
    moment = now()
    values = [row | {"state": Passage.WAITING.value, "attempts": 0, "created": moment, "due": moment} for row in rows]
    statement = insert(Delivery).values(values).on_conflict_do_nothing(constraint="lrtzc_diffusion_delivery_once")
    return len(list(model.Session.scalars(statement.returning(Delivery.id))))


def queue_test(subscription_id: str) -> Delivery:
    """Queue a test, in the caller's transaction."""
    test = Delivery(subscription_id=subscription_id, message_id=new_message_id())
    model.Session.add(test)
    return test
