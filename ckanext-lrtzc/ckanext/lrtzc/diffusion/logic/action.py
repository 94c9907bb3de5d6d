"""Actions of subscriptions: each person's own."""

import datetime as dt
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.asking import asker, validated
from ckanext.lrtzc.diffusion import declaring, jobs
from ckanext.lrtzc.diffusion.listing import described, messages_of
from ckanext.lrtzc.diffusion.logic import schema
from ckanext.lrtzc.diffusion.logic.pushes import lrtzc_push_create, lrtzc_push_send, lrtzc_push_update
from ckanext.lrtzc.diffusion.model import WEBHOOK, Delivery, Passage, State, Subscription, now
from ckanext.lrtzc.diffusion.queueing import queue_test
from ckanext.lrtzc.diffusion.secrets import give_secret

__all__ = [
    "lrtzc_push_create",
    "lrtzc_push_send",
    "lrtzc_push_update",
    "lrtzc_subscription_create",
    "lrtzc_subscription_delete",
    "lrtzc_subscription_list",
    "lrtzc_subscription_overview",
    "lrtzc_subscription_pause",
    "lrtzc_subscription_renew_secret",
    "lrtzc_subscription_show",
    "lrtzc_subscription_test",
]

TESTS = 5
"""Tests of one subscription within a minute."""


_seen, _own, _record = declaring.seen, declaring.own, declaring.trace


def _described(subscription: Subscription) -> dict[str, Any]:
    return described([subscription])[0]


def lrtzc_subscription_create(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Have a program told of a dataset's new versions, by signed calls (Standard Webhooks).

    :param id: identifier or name of a dataset that one may see
    :param address: where the program listens: http or https, without a name and password
    :param title: what it is for, in the owner's words
    :returns: the subscription, with `secret`, which is given now and never again
    """
    tk.check_access("lrtzc_subscription_create", context, data_dict)
    data = validated(data_dict, schema.subscribing(), context)
    package, user = _seen(context, data["id"]), asker(context)
    declaring.check_room(user.id)
    subscription = Subscription(
        id=model.types.make_uuid(),
        account_id=user.id,
        package_id=package.id,
        address=data["address"],
        title=data["title"],
    )
    secret = give_secret(subscription)
    model.Session.add(subscription)
    model.Session.flush()
    _record("create", subscription, user.id)
    model.Session.commit()
    return {**_described(subscription), "secret": secret}


@tk.side_effect_free
def lrtzc_subscription_list(context: Any, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """List one's own subscriptions, the newest first.

    :param id: identifier or name of a dataset: only those of it
    """
    tk.check_access("lrtzc_subscription_list", context, data_dict)
    data = validated(data_dict, schema.listing(), context)
    query = sa.select(Subscription).where(Subscription.account_id == asker(context).id)
    if data.get("id"):
        query = query.where(Subscription.package_id == _seen(context, data["id"]).id)
    return described(list(model.Session.scalars(query.order_by(Subscription.created.desc(), Subscription.id))))


@tk.side_effect_free
def lrtzc_subscription_show(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Give one of one's own subscriptions, and its messages, the newest first.

    :param id: the subscription's identifier
    :param limit: how many messages, 200 at most; `offset`: after how many
    :returns: as in `lrtzc_subscription_list`, with `count` and `messages`: each with `message_id`, `resource_id`,
        `number` of the version, `state` (waiting, delivered, withheld, given_up), `attempts`, `status`, `problem`,
        `created`, `due`, `tried`
    """
    tk.check_access("lrtzc_subscription_show", context, data_dict)
    data = validated(data_dict, schema.shown(), context)
    subscription = _own(context, data["id"], administrators=True)
    shown = described([subscription], addresses=subscription.account_id == asker(context).id)[0]
    count, messages = messages_of(subscription.id, data["limit"], data["offset"])
    model.Session.commit()
    return {**shown, "count": count, "messages": messages}


def lrtzc_subscription_pause(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Pause a subscription, or resume it; what came meanwhile is sent then.

    :param id: the subscription's identifier
    :param paused: true to pause, false to resume, also after the portal stopped it
    """
    tk.check_access("lrtzc_subscription_pause", context, data_dict)
    data = validated(data_dict, schema.pausing(), context)
    subscription = _own(context, data["id"], administrators=True)
    subscription.state = (State.PAUSED if data["paused"] else State.ACTIVE).value
    subscription.letter_due = False
    if not data["paused"]:
        _begin_anew(subscription)
    _record("pause" if data["paused"] else "resume", subscription, asker(context).id)
    model.Session.commit()
    if not data["paused"]:
        jobs.wake(subscription)
    return {"id": subscription.id, "state": subscription.state}


def _begin_anew(subscription: Subscription) -> None:
    """Count the failures from now on; what was given up last is sent again, as all that waits."""
    subscription.failures = 0
    mine = sa.and_(Delivery.subscription_id == subscription.id, Delivery.resource_id.is_not(None))
    unsent = Delivery.state.in_((Passage.WAITING.value, Passage.GIVEN_UP.value))
    values = {"state": Passage.WAITING.value, "first_tried": None, "attempts": 0, "due": now()}
    statement = sa.update(Delivery).where(mine, unsent).values(values)
    model.Session.execute(statement, execution_options={"synchronize_session": False})


def lrtzc_subscription_test(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Have a test sent to one of one's own programs, also where it is paused; what came of it is in its messages.

    :param id: the subscription's identifier
    :returns: `message_id` of the test
    """
    tk.check_access("lrtzc_subscription_test", context, data_dict)
    data = validated(data_dict, schema.of_one(), context)
    subscription = _own(context, data["id"])
    lately = Delivery.created > now() - dt.timedelta(minutes=1)
    tests = sa.select(sa.func.count()).select_from(Delivery).where(Delivery.resource_id.is_(None), lately)
    if (model.Session.scalar(tests.where(Delivery.subscription_id == subscription.id)) or 0) >= TESTS:
        model.Session.rollback()
        raise tk.ValidationError({"id": [tk._("Several tests have just been sent: wait a minute.")]})
    test = queue_test(subscription.id)
    model.Session.commit()
    jobs.wake(subscription)
    return {"message_id": test.message_id}


def lrtzc_subscription_renew_secret(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Replace the secret of one of one's own subscriptions; the former one signs too for 24 hours.

    :param id: the subscription's identifier
    :returns: `id`, and `secret`, which is given now and never again
    """
    tk.check_access("lrtzc_subscription_renew_secret", context, data_dict)
    data = validated(data_dict, schema.of_one(), context)
    subscription = _own(context, data["id"])
    if subscription.kind != WEBHOOK:
        model.Session.rollback()
        raise tk.ValidationError({"id": [tk._("Files that are left at a place aren't signed: it has no secret.")]})
    secret = give_secret(subscription)
    _record("secret", subscription, asker(context).id)
    model.Session.commit()
    return {"id": subscription.id, "secret": secret}


def lrtzc_subscription_delete(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Delete a subscription, with the messages that wait.

    :param id: the subscription's identifier
    """
    tk.check_access("lrtzc_subscription_delete", context, data_dict)
    data = validated(data_dict, schema.of_one(), context)
    subscription = _own(context, data["id"], administrators=True)
    _record("delete", subscription, asker(context).id)
    model.Session.delete(subscription)
    model.Session.commit()
    return {"id": data["id"]}


@tk.side_effect_free
def lrtzc_subscription_overview(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """List all subscriptions, those that fail first; administrators only.

    :param limit: how many, 200 at most; `offset`: after how many
    :returns: `count`, and `results` as in `lrtzc_subscription_list`, with the receiver's host instead of its address
    """
    tk.check_access("lrtzc_subscription_overview", context, data_dict)
    data = validated(data_dict, schema.overview(), context)
    count = model.Session.scalar(sa.select(sa.func.count()).select_from(Subscription)) or 0
    healthy = sa.and_(Subscription.state == State.ACTIVE, Subscription.failures == 0)
    query = sa.select(Subscription).order_by(healthy, Subscription.created.desc(), Subscription.id)
    rows = list(model.Session.scalars(query.limit(data["limit"]).offset(data["offset"])))
    return {"count": count, "results": described(rows, addresses=False)}
