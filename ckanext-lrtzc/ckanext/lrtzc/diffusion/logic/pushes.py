"""Actions of places that a dataset's data is sent to, which those who may change the dataset declare."""

import io
from typing import Any
from urllib.parse import urlsplit

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.asking import asker, validated
from ckanext.lrtzc.diffusion import declaring, jobs
from ckanext.lrtzc.diffusion.domain import naming
from ckanext.lrtzc.diffusion.listing import described
from ckanext.lrtzc.diffusion.logic import schema
from ckanext.lrtzc.diffusion.model import WEBHOOK, Subscription
from ckanext.lrtzc.diffusion.queueing import queue_last
from ckanext.lrtzc.diffusion.secrets import credentials_of, keep_credentials
from ckanext.lrtzc.sources.api import Fault, bound_of, leave, publish, sentence, settings_of, takes_messages

__all__ = ["lrtzc_push_create", "lrtzc_push_send", "lrtzc_push_update"]

# Seconds that a trial may take, while somebody waits.
_TRIAL = 25.0
# Places that can be tried without somebody taking it for data.
_TRIED = ("sftp", "s3", "webdav", "mqtt")
_PLAN = ("format", "delta", "audience", "naming")


def _try(kind: str, address: str, options: dict[str, str], secrets: dict[str, str]) -> None:
    """Leave a small file at a place before it is kept, or only sign in where somebody would take it for data.

    :raises ValidationError: what a push would fail of
    """
    content = naming.TEST.encode()
    try:
        if takes_messages(kind):
            publish(kind, address, options, secrets, (), _TRIAL)
        else:
            leave(kind, address, options, secrets, io.BytesIO(content), naming.TEST_NAME, len(content), _TRIAL)
    except Fault as fault:
        raise tk.ValidationError({fault.field or "address": [sentence(fault.sentence, fault.params)]}) from None


def _server(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.hostname or ''}"


def lrtzc_push_create(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Have a dataset's data sent to a place after each of its versions.

    :param id: identifier or name of a dataset that one may change
    :param kind: `sftp`, `s3`, `webdav`, `http` or `mqtt`
    :param address: where the place is, without credentials
    :param settings: what the place asks for, credentials too, by the names that its form has
    :param title: what it is for, in the owner's words
    :param format: `csv` (default), `json` or `parquet`, of files; messages are JSON
    :param delta: whether to send only what came or changed, where that is known
    :param audience: `everybody` (default): what is open to all; `account`: what one's own account may read
    :param naming: of files: `numbered` (default) by version, or `same`: each file takes the place of the one before
    :param check: whether a small file is left there before it is kept (true unless told; never at a web address); to a
        broker one only signs in
    :returns: the subscription, as `lrtzc_subscription_list` gives it
    :raises ValidationError: also where the place can't be reached as it is described
    """
    tk.check_access("lrtzc_push_create", context, data_dict)
    data = validated(data_dict, schema.pushing(), context)
    package, user = declaring.seen(context, data["id"]), asker(context)
    options, secrets = settings_of(data["kind"], data["settings"])
    if data["check"] and data["kind"] in _TRIED:
        _try(data["kind"], data["address"], options, secrets)
    declaring.check_room(user.id)
    subscription = Subscription(
        id=model.types.make_uuid(),
        account_id=user.id,
        package_id=package.id,
        kind=data["kind"],
        address=data["address"],
        title=data["title"],
        options=options,
        plan={name: data[name] for name in _PLAN},
    )
    keep_credentials(subscription, secrets)
    model.Session.add(subscription)
    model.Session.flush()
    declaring.trace("create", subscription, user.id, kind=subscription.kind, server=_server(subscription.address))
    model.Session.commit()
    return described([subscription])[0]


def lrtzc_push_update(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Change a place that data is sent to. Takes what `lrtzc_push_create` takes, but the kind.

    Credentials stay as they are where they aren't given; where they would go elsewhere (another address), they must be
    given again.

    :param id: the subscription's identifier
    """
    tk.check_access("lrtzc_push_update", context, data_dict)
    data = validated(data_dict, schema.repushing(), context)
    before = declaring.own(context, data["id"])
    if before.kind == WEBHOOK:
        model.Session.rollback()
        raise tk.ObjectNotFound(tk._("You have no such subscription."))
    kind, former = before.kind, dict(before.options)
    kept = credentials_of(before) or {}
    options, typed = settings_of(kind, data["settings"])
    moved = data["address"] != before.address or any(options.get(each) != former.get(each) for each in bound_of(kind))
    secrets = typed if moved else {**kept, **typed}
    # nobody else waits while the network is
    model.Session.rollback()
    if data["check"] and kind in _TRIED:
        _try(kind, data["address"], options, secrets)
    subscription = declaring.own(context, data["id"])
    subscription.address, subscription.title, subscription.options = data["address"], data["title"], options
    subscription.plan = {name: data[name] for name in _PLAN}
    keep_credentials(subscription, secrets)
    declaring.trace("change", subscription, asker(context).id, server=_server(subscription.address))
    model.Session.commit()
    return described([subscription])[0]


def lrtzc_push_send(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Have the data as it is now sent to one of one's own places.

    :param id: the subscription's identifier
    :returns: `count` of the files that will be
    """
    tk.check_access("lrtzc_push_send", context, data_dict)
    data = validated(data_dict, schema.of_one(), context)
    subscription = declaring.own(context, data["id"])
    if subscription.kind == WEBHOOK:
        model.Session.rollback()
        raise tk.ObjectNotFound(tk._("You have no such subscription."))
    count = queue_last(subscription)
    declaring.trace("send", subscription, asker(context).id)
    model.Session.commit()
    jobs.push_soon()
    return {"count": count}
