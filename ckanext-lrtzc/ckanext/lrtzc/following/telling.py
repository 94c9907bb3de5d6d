"""Tells people what became of what they follow: once each, and only who may see it when the letter goes."""

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ckanext.lrtzc.access.api import Action, decide_many, decided
from ckanext.lrtzc.accounts.api import Reader, can_be_sent, readers
from ckanext.lrtzc.clock import zone
from ckanext.lrtzc.following import letters
from ckanext.lrtzc.following.domain.changes import Change, summed_up
from ckanext.lrtzc.following.model import Event, Notice

log = logging.getLogger(__name__)

_AT_ONCE = 1_000
# What could not be told for so long is told no more: the letter would be of no use.
_STALE = dt.timedelta(days=7)


@dataclass(frozen=True)
class Piece:
    """What is said of one object in a letter; `type` and `name` are empty where its page can't be shown."""

    package_id: str
    title: str
    type: str
    name: str
    changes: tuple[Change, ...]


def hand_out(event_ids: Sequence[int] | None = None) -> int:
    """Put what happened before those who follow, each change once however many workers do so; commits.

    Who made a change isn't told of it, nor is who began to follow after it.

    :param event_ids: only these; left out, the oldest that wait
    :returns: how many changes were handed out
    """
    waiting = sa.select(Event.id).where(Event.told.is_(None)).order_by(Event.id).limit(_AT_ONCE)
    if event_ids is not None:
        waiting = waiting.where(Event.id.in_(event_ids))
    ids = list(model.Session.scalars(waiting.with_for_update(skip_locked=True)))
    if ids:
        following = model.UserFollowingDataset
        begun = sa.func.timezone("UTC", following.datetime)
        whom = (
            sa.select(following.follower_id, Event.id)
            .join(Event, Event.package_id == following.object_id)
            .where(Event.id.in_(ids), following.follower_id != Event.actor, begun <= Event.happened)
        )
        model.Session.execute(insert(Notice).from_select(["account_id", "event_id"], whom).on_conflict_do_nothing())
        told = sa.update(Event).where(Event.id.in_(ids)).values(told=sa.func.now())
        model.Session.execute(told, execution_options={"synchronize_session": False})
    model.Session.commit()
    return len(ids)


def tell_all() -> int:
    """Hand out what happened, and write to everybody for whom it is time; give how many letters went."""
    while hand_out() == _AT_ONCE:
        pass
    model.Session.execute(
        sa.delete(Notice).where(
            Notice.event_id.in_(sa.select(Event.id).where(Event.happened < dt.datetime.now(dt.UTC) - _STALE))
        ),
        execution_options={"synchronize_session": False},
    )
    model.Session.commit()
    if not can_be_sent():
        return 0
    accounts = list(model.Session.scalars(sa.select(Notice.account_id).distinct()))
    known = readers(accounts)
    model.Session.rollback()
    letters_sent = 0
    for account_id in accounts:
        try:
            letters_sent += tell(account_id, known.get(account_id))
        except Exception:
            # Whatever one letter fails of, the others go; it is written again at the next look.
            model.Session.rollback()
            log.exception("Somebody could not be told of what they follow")
    return letters_sent


def tell(account_id: str, reader: Reader | None) -> bool:
    """Write to one person what is due, in one letter; commits. Give whether a letter went.

    What they may no longer see, and all of it where they want no letters, is dropped.
    """
    now = dt.datetime.now(dt.UTC)
    hour = tk.config["ckanext.lrtzc.following.digest_hour"]
    until = reader.often.told_until(now, zone(), hour) if reader is not None else None
    rows = _due(account_id, until or now)
    pieces = pieces_for(reader.name, rows) if reader is not None and until is not None else []
    if rows:
        _drop(account_id, [row.id for row in rows])
    if reader is not None and pieces:
        letters.write(reader, pieces)
    model.Session.commit()
    return bool(pieces)


def _due(account_id: str, until: dt.datetime) -> list[Any]:
    """Give the changes to tell one person, locked: another worker passes over them."""
    query = (
        sa.select(Event.id, Event.package_id, Event.kinds, Event.public, Event.title)
        .join(Notice, Notice.event_id == Event.id)
        .where(Notice.account_id == account_id, Event.happened <= until)
        .order_by(Event.id)
        .with_for_update(of=Notice, skip_locked=True)
    )
    return list(model.Session.execute(query))


def _drop(account_id: str, event_ids: list[int]) -> None:
    model.Session.execute(
        sa.delete(Notice).where(Notice.account_id == account_id, Notice.event_id.in_(event_ids)),
        execution_options={"synchronize_session": False},
    )


def pieces_for(name: str, rows: Sequence[Any]) -> list[Piece]:
    """Give what is said to a person of each object, by a number of statements that doesn't depend on theirs.

    :param name: of the account
    :param rows: changes in their order: `package_id`, `kinds`, `public`, `title`
    """
    ids = list(dict.fromkeys(row.package_id for row in rows))
    decisions = decide_many({"user": name}, ids, Action.SEE)
    package = model.Package
    columns = (package.id, package.name, package.title, package.type, package.state, package.private)
    found = {row.id: row for row in model.Session.execute(sa.select(*columns).where(package.id.in_(ids)))}
    pieces = []
    for each in ids:
        row = found.get(each)
        seen = row is not None and row.state == "active" and decided(decisions, each, None).permitted
        theirs = [one for one in rows if one.package_id == each and (seen or one.public)]
        public = seen and row is not None and not row.private
        changes = tuple(summed_up([one.kinds for one in theirs], seen=seen, public=public))
        if not changes:
            continue
        if seen and row is not None:
            pieces.append(Piece(each, row.title or row.name, row.type, row.name, changes))
        else:
            title = next((one.title for one in reversed(theirs) if one.title), "")
            pieces.append(Piece(each, title, "", "", changes))
    return pieces


def forget_old(days: int) -> None:
    """Erase what happened longer ago than `days`, and what was told of objects that are erased; commits."""
    old = Event.happened < dt.datetime.now(dt.UTC) - dt.timedelta(days=days)
    waits = sa.exists().where(Notice.event_id == Event.id)
    erased = sa.and_(~sa.exists().where(model.Package.id == Event.package_id), Event.told.is_not(None), ~waits)
    model.Session.execute(sa.delete(Event).where(sa.or_(old, erased)), execution_options={"synchronize_session": False})
    model.Session.commit()
