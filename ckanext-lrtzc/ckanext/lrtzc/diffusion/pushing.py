"""Sends data to places: a file, or messages, made as the declared audience would get it, then left there one by one."""

import datetime as dt
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.access.api import Action, record_use
from ckanext.lrtzc.batches.api import last_version, versions_at
from ckanext.lrtzc.diffusion.domain import message, naming, packing, retrying
from ckanext.lrtzc.diffusion.messages import test_message, version_facts
from ckanext.lrtzc.diffusion.model import WEBHOOK, Delivery, Passage, Subscription
from ckanext.lrtzc.diffusion.secrets import credentials_of
from ckanext.lrtzc.diffusion.sending import INTERNAL, due_now, settle, taken, withhold
from ckanext.lrtzc.explore.api import ReadingFailed, Selection, select, written
from ckanext.lrtzc.sources.api import Fault, leave, publish, takes_messages
from ckanext.lrtzc.translation import speaking

log = logging.getLogger(__name__)

# Seconds after which a run takes no more; the next look goes on.
PATIENCE = 300.0
# Seconds that messages may take on their way, all together: they are few and small.
_PUBLISHING = 60.0
EVERYBODY, ACCOUNT = "everybody", "account"
_FAILED = retrying.Answer(0)


class _TooLarge(Exception):
    """The file is larger than is sent."""


@dataclass(frozen=True)
class _Order:
    """A file to be made: of which resource, for whom, after which version, and its number."""

    package: Any
    resource: Any
    audience: dict[str, str]
    number: int
    since: int


def seconds() -> float:
    """Give how long one file may take on its way."""
    return float(tk.config["ckanext.lrtzc.diffusion.push_seconds"])


def push_due(patience: float = PATIENCE) -> int:
    """Send what is due; give how many were tried. Safe to run at the same time as another."""
    end, tried = time.monotonic() + patience, 0
    lease = dt.timedelta(seconds=seconds() * 2 + 60)
    while time.monotonic() < end:
        rows = taken(due_now().where(Subscription.kind != WEBHOOK).limit(1), lease)
        if not rows:
            break
        tried += 1
        delivery, subscription, account = rows[0]
        ids = delivery.id, subscription.id
        try:
            _push(delivery, subscription, account)
        except Exception:
            # Whatever one fails of, the others go.
            model.Session.rollback()
            log.exception("The data of the subscription %s could not be sent", ids[1])
            settle(*ids, _FAILED, INTERNAL)
    return tried


def may_declare(account: Any, package_id: str) -> bool:
    """Say whether an account may have a dataset's data sent to places: whoever may change it."""
    try:
        context: Any = {"model": model, "session": model.Session, "user": account.name}
        return bool(tk.check_access("package_update", context, {"id": package_id}))
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return False


def _push(delivery: Delivery, subscription: Subscription, account: Any) -> None:
    package = model.Session.get(model.Package, subscription.package_id)
    if package is None or package.state != "active" or not may_declare(account, package.id):
        withhold(delivery.id)
        return
    order = None
    if delivery.resource_id is not None:
        order = _ordered(delivery, subscription, package, account)
        if order is None:
            withhold(delivery.id)
            return
        if order.since >= order.number > 0:
            # it went with what was sent later than this version came
            settle(delivery.id, subscription.id, retrying.Answer(200), "", {"pushed": order.since})
            return
    send = _publish if takes_messages(subscription.kind) else _send_file
    try:
        send(delivery, subscription, package, order)
    except (_TooLarge, ReadingFailed) as error:
        model.Session.rollback()
        problem = "too_large" if isinstance(error, _TooLarge) else INTERNAL
        settle(delivery.id, subscription.id, _FAILED, problem)


def _send_file(delivery: Delivery, subscription: Subscription, package: Any, order: _Order | None) -> None:
    with NamedTemporaryFile(prefix="lrtzc-push-") as file:
        told: dict[str, Any] | None = {"file": naming.TEST_NAME}
        if order is None:
            file.write(naming.TEST.encode())
        else:
            told = _made(order, subscription.plan, file)
        if told is None:
            withhold(delivery.id)
            return
        file.flush()
        _leave(delivery.id, subscription, Path(file.name), told)


def _publish(delivery: Delivery, subscription: Subscription, package: Any, order: _Order | None) -> None:
    with speaking(str(tk.config["ckan.locale_default"])):
        made = ([test_message(delivery, package)], {}) if order is None else _messages(order, subscription.plan)
    if made is None:
        withhold(delivery.id)
        return
    (messages, told), is_test = made, order is None

    def way(*place: Any) -> None:
        # a test isn't kept there in the place of data
        publish(*place, messages, min(seconds(), _PUBLISHING), retain=not is_test)

    size = sum(map(len, messages))
    _go(delivery.id, subscription, way, {**told, "messages": len(messages), "size": size})


def _messages(order: _Order, plan: dict[str, Any]) -> tuple[list[bytes], dict[str, Any]] | None:
    """Write the rows as messages, or where they are too many what came and where to read it.

    :returns: the messages and what is told of them; None where the audience may not have it
    """
    user = order.audience["user"]
    version = versions_at([(order.resource.id, order.number)]).get((order.resource.id, order.number))
    facts = version_facts(version, order.package, order.resource, user)
    if version is None or facts is None:
        return None
    resource = {"id": order.resource.id, "package_id": order.package.id, "name": order.resource.name or ""}
    try:
        selection = select(dict(order.audience), resource, (), Action.TAKE)
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return None
    told: dict[str, Any] = {"pushed": order.number, "delta": False}
    if selection is not None:
        later = _later(selection, order) if plan.get("delta") else None
        size = int(tk.config["ckanext.lrtzc.diffusion.message_kilobytes"]) * 1_000
        data = {**facts, "since": order.since if later else None}
        rows = packing.rows_of(written(later or selection, "json", order.resource.name or order.package.name))
        most = int(tk.config["ckanext.lrtzc.diffusion.messages_at_most"])
        if messages := packing.packed(rows, version.happened, data, size, most):
            record_use(selection.decision, order.resource.id, Action.TAKE, by="push")
            return messages, {**told, "delta": bool(later)}
    return [message.body(message.NEW_VERSION, version.happened, facts)], {**told, "notice": True}


def _leave(delivery_id: int, subscription: Subscription, path: Path, told: dict[str, Any]) -> None:
    size = path.stat().st_size

    def way(*place: Any) -> None:
        with path.open("rb") as content:
            leave(*place, content, told["file"], size, seconds())

    _go(delivery_id, subscription, way, {**told, "size": size})


def _go(delivery_id: int, subscription: Subscription, way: Callable[..., None], told: dict[str, Any]) -> None:
    """Reach a place by its kind, its address, its settings and credentials, and note what came of it."""
    number, secrets = subscription.id, credentials_of(subscription)
    if secrets is None:
        settle(delivery_id, number, _FAILED, "secrets")
        return
    place = subscription.kind, subscription.address, dict(subscription.options), secrets
    # no transaction is kept open while the network is waited for
    model.Session.commit()
    try:
        way(*place)
    except Fault as fault:
        settle(delivery_id, number, _FAILED, fault.code, {"sentence": fault.sentence, "params": fault.params})
        return
    settle(delivery_id, number, retrying.Answer(200), "", told)


def _ordered(delivery: Delivery, subscription: Subscription, package: Any, account: Any) -> _Order | None:
    resource = model.Session.get(model.Resource, delivery.resource_id)
    if resource is None or resource.state != "active":
        return None
    sent = sa.cast(Delivery.told["pushed"].astext, sa.Integer)
    mine = Delivery.subscription_id == subscription.id, Delivery.resource_id == resource.id
    last = model.Session.scalar(sa.select(sa.func.max(sent)).where(*mine, Delivery.state == Passage.DELIVERED.value))
    # what came meanwhile goes along: rows are read as they are now
    number = max(delivery.number or 0, last_version(resource.id))
    if last is not None and last >= (delivery.number or 0):
        number = last
    whom = "" if subscription.plan.get("audience", EVERYBODY) == EVERYBODY else account.name
    return _Order(package, resource, {"user": whom}, number, last or 0)


def _made(order: _Order, plan: dict[str, Any], file: IO[bytes]) -> dict[str, Any] | None:
    """Write the file; give what is told of it, or None where the audience may not have it."""
    resource = {"id": order.resource.id, "package_id": order.package.id, "name": order.resource.name or ""}
    try:
        selection = select(dict(order.audience), resource, (), Action.TAKE)
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return None
    if selection is None:
        return None
    kind, later = str(plan.get("format", "csv")), _later(selection, order) if plan.get("delta") else None
    record_use(selection.decision, order.resource.id, Action.TAKE, by="push")
    most, size = int(tk.config["ckanext.lrtzc.diffusion.push_size"]) * 1_000_000, 0
    for piece in written(later or selection, kind, order.resource.name or order.package.name):
        size += len(piece)
        if size > most:
            raise _TooLarge
        file.write(piece)
    numbered = order.number if plan.get("naming", "numbered") == "numbered" or later else None
    name = naming.file_name(
        order.package.name, order.resource.name or "", order.resource.id, kind, numbered, bool(later)
    )
    return {"pushed": order.number, "file": name, "delta": bool(later)}


def _later(selection: Selection, order: _Order) -> Selection | None:
    """Give what came or changed since the last file that was sent; None where that isn't known, so that all is sent."""
    return selection.since(order.since) if order.since else None
