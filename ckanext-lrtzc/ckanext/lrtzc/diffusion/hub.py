"""The hub (WebSub): takes what programs ask, has them confirm it, and sends them feeds that changed.

Whoever asks needs no account, so nothing is taken at their word: no program is sent anything before it confirmed, by
one call, that it wants it; that call and the number of subscriptions are bounded, by machine and by feed.
A feed is written when it goes, and only while everybody may read it.
"""

import datetime as dt
import logging
import random
import secrets as chance
from dataclasses import dataclass
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.model.types import make_uuid
from sqlalchemy.dialects.postgresql import insert

from ckanext.lrtzc.diffusion import sending, topics
from ckanext.lrtzc.diffusion.domain import retrying, websub
from ckanext.lrtzc.diffusion.domain.websub import Mode
from ckanext.lrtzc.diffusion.model import Intent, Listener, now
from ckanext.lrtzc.diffusion.secrets import hub_secret, seal_hub
from ckanext.lrtzc.egress import api as egress
from ckanext.lrtzc.following.api import MIMETYPE, newest_change
from ckanext.lrtzc.personal.api import SealBroken, StoreAway
from ckanext.lrtzc.translation import mark

log = logging.getLogger(__name__)

# A confirmation has the length of a challenge.
_SHORT = 10_000
# How often a request is taken up again whose worker was killed.
_TAKEN = 3
# Rows of one statement.
_AT_ONCE = 1_000
_SILENT: Any = {"synchronize_session": False}


def _setting(name: str) -> int:
    return int(tk.config[f"ckanext.lrtzc.diffusion.hub_{name}"])


def active(package_id: str | None = None) -> int:
    """Count the programs that are sent the feed of an object, or any feed."""
    query = sa.select(sa.func.count()).select_from(Listener).where(Listener.lease_until > now())
    return model.Session.scalar(query.where(Listener.package_id == package_id) if package_id else query) or 0


# What is asked


def ask(asked: websub.Asked) -> None:
    """Keep a request until its program has confirmed it; commits.

    To unsubscribe what isn't subscribed, which says nothing to whoever asks, calls nobody.

    :raises Wrong: it can't be taken
    """
    package_id, host = topics.package_of(asked.topic), websub.host_of(asked.callback)
    try:
        egress.check(asked.callback)
    except egress.EgressError as error:
        raise websub.Wrong(error.sentence % error.params) from None
    if websub.origin_of(asked.callback) == websub.origin_of(str(tk.config["ckan.site_url"])):
        raise websub.Wrong(mark("hub.callback is an address of this portal."))
    if asked.mode is Mode.UNSUBSCRIBE:
        package_id = model.Session.scalar(sa.select(Listener.package_id).where(*_pair(Listener, asked)))
        if package_id is None:
            model.Session.rollback()
            return
    elif package_id is None:
        model.Session.rollback()
        raise websub.Wrong(mark("hub.topic is no feed of this portal that everybody may read."), 404)
    _check_room(asked, host)
    intent = Intent(
        id=make_uuid(),
        mode=asked.mode.value,
        package_id=package_id,
        topic=asked.topic,
        callback=asked.callback,
        host=host,
        lease=asked.lease,
        attempts=0,
        due=now(),
    )
    try:
        seal_hub(intent, asked.secret)
    except StoreAway:
        model.Session.rollback()
        raise websub.Wrong(mark("Secrets can't be kept at the moment: try again later."), 503) from None
    _put(intent)
    model.Session.commit()


def _pair(kind: Any, one: Any) -> tuple[Any, Any]:
    return kind.topic == one.topic, kind.callback == one.callback


def _count(kind: Any, *where: Any) -> int:
    return model.Session.scalar(sa.select(sa.func.count()).select_from(kind).where(*where)) or 0


def _put(intent: Intent) -> None:
    """Keep a request in the place of one for the same program and feed, which is forgotten."""
    values = {column.key: getattr(intent, column.key) for column in sa.inspect(Intent).column_attrs}
    statement = insert(Intent).values(**values)
    again = statement.on_conflict_do_update(constraint="lrtzc_diffusion_intent_once", set_=values)
    model.Session.execute(again)


def _check_room(asked: Any, host: str) -> None:
    """Refuse what is too many; of two at the same instant, the second counts the first.

    :raises Wrong: so many programs are sent this feed, or feeds are sent to this machine, or requests wait
    """
    _one_at_a_time()
    if _count(Intent, Intent.mode != Mode.DENIED.value) >= _setting("waiting"):
        model.Session.rollback()
        raise websub.Wrong(mark("Too many requests wait: try again in a minute."), 503)
    if not _has_room(asked, host):
        model.Session.rollback()
        raise websub.Wrong(mark("This feed, or this machine, has all the subscriptions it may have."), 429)


def _one_at_a_time() -> None:
    lock = sa.func.pg_advisory_xact_lock(sa.func.hashtextextended("lrtzc websub", 0))
    model.Session.execute(sa.select(lock))


def _has_room(asked: Any, host: str) -> bool:
    """Say whether one more may be; what changes one that there is needs no more."""
    if asked.mode != Mode.SUBSCRIBE or model.Session.scalar(sa.select(Listener.id).where(*_pair(Listener, asked))):
        return True
    if _count(Listener, Listener.topic == asked.topic) >= _setting("per_topic"):
        return False
    return _count(Listener, Listener.host == host) < _setting("per_host")


# What is confirmed


@dataclass(frozen=True)
class _Question:
    """A call that asks a program whether it wants what was asked for it, or tells it that it is sent no more."""

    id: str
    mode: Mode
    topic: str
    callback: str
    lease: int
    challenge: str
    failing: bool = False


def _questions(most: int, failing: bool) -> list[_Question]:
    if failing:
        return []
    query = sa.select(Intent).where(Intent.due <= now()).order_by(Intent.due).limit(most)
    rows = list(model.Session.scalars(query.with_for_update(skip_locked=True)))
    taken = []
    for row in rows:
        row.attempts, row.due = row.attempts + 1, now() + sending.LEASE
        if row.attempts > _TAKEN:
            model.Session.delete(row)
            continue
        if row.mode == Mode.SUBSCRIBE and topics.package_of(row.topic) != row.package_id:
            row.mode = Mode.DENIED.value
        taken.append(_Question(row.id, Mode(row.mode), row.topic, row.callback, row.lease, chance.token_urlsafe(32)))
    model.Session.commit()
    return taken


def _asked(client: egress.Client, one: _Question) -> bool:
    told = websub.question(one.mode, one.topic, one.challenge, one.lease)
    if one.mode is Mode.DENIED:
        told = {"hub.mode": one.mode.value, "hub.topic": one.topic, "hub.reason": "The feed isn't public any more."}
    try:
        answer = client.fetch(websub.with_query(one.callback, told), limits=_brief())
    except egress.EgressError:
        return False
    return websub.confirmed(answer.status, answer.body, one.challenge)


def _brief() -> egress.Limits:
    return egress.Limits(seconds=sending.LIMITS.seconds, connect=sending.LIMITS.connect, size=_SHORT, redirects=0)


def _answered(one: _Question, confirmed: bool) -> None:
    """Do what was confirmed; what wasn't is forgotten. A request that another replaced meanwhile is let be. Commits."""
    _one_at_a_time()
    query = sa.select(Intent).where(Intent.id == one.id).with_for_update().execution_options(populate_existing=True)
    intent = model.Session.scalar(query)
    if intent is None:
        model.Session.rollback()
        return
    if confirmed and one.mode is Mode.SUBSCRIBE:
        _subscribe(intent)
    elif confirmed and one.mode is Mode.UNSUBSCRIBE:
        model.Session.execute(sa.delete(Listener).where(*_pair(Listener, intent)), execution_options=_SILENT)
    model.Session.delete(intent)
    model.Session.commit()


def _subscribe(intent: Intent) -> None:
    if topics.package_of(intent.topic) != intent.package_id or not _has_room(intent, intent.host):
        return
    listener = model.Session.scalar(sa.select(Listener).where(*_pair(Listener, intent)).with_for_update())
    if listener is None:
        newest = int(model.Session.scalar(sa.select(newest_change(intent.package_id))) or 0)
        listener = Listener(
            id=make_uuid(), topic=intent.topic, callback=intent.callback, host=intent.host, known=newest
        )
        model.Session.add(listener)
    listener.package_id = intent.package_id
    listener.lease_until = now() + dt.timedelta(seconds=intent.lease)
    listener.failures = listener.attempts = 0
    listener.first_tried, listener.due = None, now()
    try:
        seal_hub(listener, hub_secret(intent))
    except (SealBroken, StoreAway):
        # never unsigned where a signature was asked for
        model.Session.expunge(listener)
        log.error("The secret of a request of WebSub couldn't be read: it is forgotten.")


# What is sent


def note_changes() -> bool:
    """Note which programs wait for a feed that changed; say whether one is due, or a request is. Commits."""
    later = newest_change(Listener.package_id) > Listener.known
    statement = sa.update(Listener).where(~Listener.waiting, later)
    values = {"waiting": True, "due": now(), "attempts": 0, "first_tried": None}
    model.Session.execute(statement.values(**values), execution_options=_SILENT)
    model.Session.commit()
    sent = sa.exists().where(Listener.waiting, Listener.due <= now(), Listener.lease_until > now())
    asked = sa.exists().where(Intent.due <= now())
    waits = bool(model.Session.scalar(sa.select(sa.or_(sent, asked))))
    model.Session.rollback()
    return waits


@dataclass(frozen=True)
class _Feed:
    """A feed that is sent to a program: signed, with the last change that it tells."""

    id: str
    callback: str
    body: bytes
    headers: dict[str, str]
    newest: int
    failing: bool


def _feeds(most: int, failing: bool) -> list[_Feed]:
    """Take programs that wait, and write what they are sent; of one that isn't public, all are told and forgotten."""
    moment, failed = now(), Listener.failures > 0
    query = (
        sa.select(Listener, newest_change(Listener.package_id))
        .where(Listener.waiting, Listener.due <= moment, Listener.lease_until > moment, failed if failing else ~failed)
        .order_by(Listener.due, Listener.id)
        .limit(most)
        .with_for_update(of=Listener, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    rows = [(row[0], int(row[1])) for row in model.Session.execute(query)]
    for listener, _newest in rows:
        listener.attempts += 1
        listener.first_tried, listener.due = listener.first_tried or moment, moment + sending.LEASE
    model.Session.commit()
    bodies = {pair: topics.content_of(*pair) for pair in {(each.topic, each.package_id) for each, _ in rows}}
    hub, found = topics.hub_address(), []
    for listener, newest in rows:
        body = bodies[listener.topic, listener.package_id]
        if body is None:
            continue
        try:
            headers = websub.headers(MIMETYPE, hub, listener.topic, hub_secret(listener), body)
        except (SealBroken, StoreAway):
            _sent(_Feed(listener.id, "", b"", {}, newest, failing), retrying.Answer(0))
            continue
        found.append(_Feed(listener.id, listener.callback, body, headers, newest, listener.failures > 0))
    model.Session.commit()
    for topic, package_id in [pair for pair, body in bodies.items() if body is None]:
        end(topic, package_id)
    return found


def end(topic: str, package_id: str) -> int:
    """Forget the programs that are sent a feed, and have them told (section 5.2); count them. Commits."""
    gone = sa.delete(Listener).where(Listener.topic == topic, Listener.package_id == package_id)
    rows = model.Session.execute(gone.returning(Listener.callback, Listener.host), execution_options=_SILENT).all()
    told = {"mode": Mode.DENIED.value, "package_id": package_id, "topic": topic, "secret": None, "lease": 0}
    for at in range(0, len(rows), _AT_ONCE):
        some = rows[at : at + _AT_ONCE]
        values = [{"id": make_uuid(), **row._mapping, **told, "due": now(), "attempts": 0} for row in some]
        # what a program asks by itself is answered in its turn
        model.Session.execute(insert(Intent).values(values).on_conflict_do_nothing())
    model.Session.commit()
    return len(rows)


def _send(client: egress.Client, feed: _Feed) -> retrying.Answer:
    try:
        answer = client.fetch(feed.callback, method="POST", headers=feed.headers, body=feed.body)
    except egress.EgressError:
        return retrying.Answer(0)
    return retrying.Answer(answer.status, retrying.retry_after(answer.headers.get("retry-after", "")))


def _sent(feed: _Feed, answer: retrying.Answer) -> None:
    """Note what a try came to; who didn't answer for long, or wants no more, is forgotten. Commits."""
    query = sa.select(Listener).where(Listener.id == feed.id).with_for_update()
    listener = model.Session.scalar(query.execution_options(populate_existing=True))
    if listener is None:
        model.Session.rollback()
        return
    patience = dt.timedelta(hours=float(tk.config["ckanext.lrtzc.diffusion.give_up_hours"]))
    match retrying.outcome(answer, now() - (listener.first_tried or now()), patience):
        case retrying.Outcome.DELIVERED:
            listener.known, listener.waiting = max(listener.known, feed.newest), False
            listener.failures = listener.attempts = 0
        case retrying.Outcome.AGAIN:
            listener.due = now() + retrying.wait(listener.attempts, random.random(), answer.after)  # noqa: S311
            listener.failures += 1
        case _:
            model.Session.delete(listener)
    model.Session.commit()


# The work of a worker


def work(patience: float = sending.PATIENCE) -> int:
    """Have requests confirmed and send feeds; give how many programs were called. Safe beside another.

    :param patience: seconds after which no more are called; the next look goes on
    """
    client = egress.client(sending.LIMITS)
    called = sending.in_lanes(_feeds, lambda feed: _send(client, feed), _sent, patience / 2)
    return called + sending.in_lanes(_questions, lambda one: _asked(client, one), _answered, patience / 2)


def forget_old() -> None:
    """Forget programs whose lease is over; commits."""
    gone = sa.delete(Listener).where(Listener.lease_until <= now())
    model.Session.execute(gone, execution_options=_SILENT)
    model.Session.commit()
