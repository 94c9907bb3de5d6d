"""Sends what is due: many receivers at once, one message of a subscription at a time, nobody kept waiting by another.

A message is taken with a lease: it is noted as tried and put off, then sent, then its outcome is noted. Where a worker
is killed in between, it is sent again once the lease is over, under the same identifier.
"""

import datetime as dt
import logging
import random
import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, Protocol, TypeVar

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import aliased

from ckanext.lrtzc.diffusion.domain import retrying, signing
from ckanext.lrtzc.diffusion.messages import Claimed, written
from ckanext.lrtzc.diffusion.model import WEBHOOK, Delivery, Passage, State, Subscription, now
from ckanext.lrtzc.egress import api as egress
from ckanext.lrtzc.ledger.api import record
from ckanext.lrtzc.people import is_used

log = logging.getLogger(__name__)

LANES = 16
# Receivers that failed lately get no more of the lanes, so that those that answer always find one.
SLOW_LANES = 8
LEASE = dt.timedelta(minutes=2)
# Seconds after which a run takes no more messages; the next look goes on.
PATIENCE = 20.0
LIMITS = egress.Limits(seconds=10, connect=5, size=1_000_000, redirects=0)

# The message could not be written: a fault of the portal, which its log explains.
INTERNAL = "internal"

_Said = tuple[retrying.Answer, str]
Said = TypeVar("Said")


class Call(Protocol):
    """A call that this process is to make; `failing`: the receiver failed lately."""

    @property
    def failing(self) -> bool:
        """Say so."""
        ...


T = TypeVar("T", bound=Call)


def send_due(patience: float = PATIENCE) -> int:
    """Send what is due; give how many messages were tried. Safe to run at the same time as another."""
    client = egress.client(LIMITS)
    return in_lanes(
        _free,
        lambda claimed: _call(client, claimed.address, *_signed(claimed)),
        lambda claimed, said: settle(claimed.id, claimed.subscription_id, *said),
        patience,
    )


def in_lanes(
    take: Callable[[int, bool], list[T]],
    call: Callable[[T], Said],
    settled: Callable[[T, Said], None],
    patience: float,
) -> int:
    """Call many receivers at once until nothing is due, or `patience` (in seconds) is over; give how many were called.

    :param take: claims at most so many of what is due, among receivers that failed lately or among the others
    :param call: calls one, in a thread without a database; `settled`: notes what came of it
    """
    end, tried = time.monotonic() + patience, 0
    with ThreadPoolExecutor(LANES) as pool:
        flying: dict[Future[Said], T] = {}
        while True:
            for claimed in _more(take, list(flying.values())) if time.monotonic() < end else ():
                tried += 1
                flying[pool.submit(call, claimed)] = claimed
            if not flying:
                return tried
            done, _ = wait(flying, timeout=1, return_when=FIRST_COMPLETED)
            for future in done:
                settled(flying.pop(future), future.result())


def _more(take: Callable[[int, bool], list[T]], flying: list[T]) -> list[T]:
    """Take what free lanes may send."""
    free, slow = LANES - len(flying), sum(each.failing for each in flying)
    found = take(free, False) if free > 0 else []
    least = min(free - len(found), SLOW_LANES - slow)
    return found + (take(least, True) if least > 0 else [])


def _free(most: int, failing: bool) -> list[Claimed]:
    """Take what may be sent; what its subscriber may not read is settled here."""
    sent = []
    for claimed in _take(most, failing=failing):
        if claimed.broken:
            settle(claimed.id, claimed.subscription_id, retrying.Answer(0), INTERNAL)
        elif claimed.body is None:
            withhold(claimed.id)
        else:
            sent.append(claimed)
    return sent


def _take(most: int, *, failing: bool) -> list[Claimed]:
    failures = Subscription.failures > 0 if failing else Subscription.failures == 0
    rows = taken(due_now().where(Subscription.kind == WEBHOOK, failures).limit(most), LEASE)
    found = written(rows)
    # no transaction is kept open while the network is waited for
    model.Session.commit()
    return found


def due_now() -> sa.Select[tuple[Delivery, Subscription, model.User]]:
    """Select what may be sent now, the first of each subscription only, and that nobody else is about to send."""
    earlier = aliased(Delivery)
    first = ~sa.exists().where(
        earlier.subscription_id == Delivery.subscription_id,
        earlier.id < Delivery.id,
        earlier.state == Passage.WAITING,
        earlier.resource_id.is_not(None),
    )
    return (
        sa.select(Delivery, Subscription, model.User)
        .join(Subscription, Subscription.id == Delivery.subscription_id)
        .join(model.User, model.User.id == Subscription.account_id)
        .where(Delivery.state == Passage.WAITING, Delivery.due <= now(), is_used())
        .where(sa.or_(Delivery.resource_id.is_(None), sa.and_(Subscription.state == State.ACTIVE, first)))
        .order_by(Delivery.due, Delivery.id)
        .with_for_update(of=Delivery, skip_locked=True)
        .execution_options(populate_existing=True)
    )


def taken(query: sa.Select[Any], lease: dt.timedelta) -> list[tuple[Delivery, Subscription, Any]]:
    """Note what a query selects as tried, and put it off for the time of a lease; commits."""
    rows = [(row[0], row[1], row[2]) for row in model.Session.execute(query)]
    moment = now()
    for delivery, _subscription, _account in rows:
        delivery.attempts += 1
        delivery.first_tried, delivery.tried = delivery.first_tried or moment, moment
        delivery.due = moment + lease
    model.Session.commit()
    return rows


def _signed(claimed: Claimed) -> tuple[dict[str, str], bytes]:
    body = claimed.body or b""
    return dict(signing.headers(claimed.keys, claimed.message_id, int(time.time()), body)), body


def _call(client: egress.Client, address: str, headers: dict[str, str], body: bytes) -> _Said:
    """Call the receiver; give what it answered, and the code of what went wrong."""
    try:
        answer = client.fetch(address, method="POST", headers=headers, body=body)
    except egress.EgressError as error:
        return retrying.Answer(0), error.code.value
    after = retrying.retry_after(answer.headers.get("retry-after", ""))
    said = retrying.Answer(answer.status, after)
    return said, "" if said.accepted else egress.Code.STATUS.value


def withhold(delivery_id: int) -> None:
    """Note that a message is not for its subscriber; commits."""
    row = model.Session.get(Delivery, delivery_id, with_for_update=True, populate_existing=True)
    if row is not None and row.state == Passage.WAITING:
        row.state = Passage.WITHHELD.value
    model.Session.commit()


def settle(
    delivery_id: int,
    subscription_id: str,
    answer: retrying.Answer,
    problem: str,
    told: Mapping[str, Any] | None = None,
) -> None:
    """Note what a try came to; commits. A message or subscription that was deleted meanwhile is let be.

    :param problem: the code of what went wrong, or nothing; `told`: what is kept beside it
    """
    subscription = Subscription.get(subscription_id, lock=True)
    row = model.Session.get(Delivery, delivery_id, with_for_update=True, populate_existing=True)
    if subscription is None or row is None or row.state != Passage.WAITING:
        model.Session.rollback()
        return
    row.status, row.problem, row.told = answer.status or None, problem or None, dict(told or {})
    patience = dt.timedelta(hours=float(tk.config["ckanext.lrtzc.diffusion.give_up_hours"]))
    outcome = retrying.outcome(answer, now() - (row.first_tried or now()), patience)
    is_test = row.resource_id is None
    match outcome:
        case retrying.Outcome.DELIVERED:
            row.state = Passage.DELIVERED.value
            subscription.failures, subscription.succeeded = 0, now()
        case _ if is_test:
            row.state = Passage.GIVEN_UP.value
        case retrying.Outcome.AGAIN:
            row.due = now() + retrying.wait(row.attempts, random.random(), answer.after)  # noqa: S311
            subscription.failures += 1
        case _:
            row.state = Passage.GIVEN_UP.value
            _stop(subscription, outcome)
    model.Session.commit()


def _stop(subscription: Subscription, outcome: retrying.Outcome) -> None:
    """Serve a subscription no more, until its owner wants it again; they are told by a letter."""
    subscription.state, subscription.letter_due = State.STOPPED.value, True
    about: Any = {"actor": subscription.account_id, "object_type": "dataset", "object_id": subscription.package_id}
    record("subscription.stop", outcome="failed", details={"why": outcome.value, "id": subscription.id}, **about)
