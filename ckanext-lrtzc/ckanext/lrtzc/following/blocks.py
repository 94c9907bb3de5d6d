"""What a person's workspace shows of what they follow: what became of it lately, as far as they may see it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.following.domain.changes import Change
from ckanext.lrtzc.following.model import Event
from ckanext.lrtzc.following.telling import pieces_for
from ckanext.lrtzc.following.words import sentence
from ckanext.lrtzc.interfaces import Block

SHOWN = 10
_EVENTS = 200


@dataclass(frozen=True)
class Followed:
    """An object and what became of it; `type` and `name` are empty where its page can't be shown."""

    title: str
    type: str
    name: str
    words: str
    moment: dt.datetime


def lately(user: Any) -> list[Followed] | None:
    """Give what became of what a person follows, the latest first; None where they follow nothing.

    Neither what they did themselves nor what was before they followed is told, nor what they may no longer see, but
    that it is gone.
    """
    following = model.UserFollowingDataset
    if not model.Session.scalar(sa.select(sa.exists().where(following.follower_id == user.id))):
        return None
    query = (
        sa.select(Event.package_id, Event.kinds, Event.public, Event.title, Event.happened)
        .join(following, following.object_id == Event.package_id)
        .where(following.follower_id == user.id, Event.actor != user.id)
        .where(sa.func.timezone("UTC", following.datetime) <= Event.happened)
        .order_by(Event.id.desc())
        .limit(_EVENTS)
    )
    rows = list(model.Session.execute(query))
    moments = {row.package_id: row.happened for row in reversed(rows)}
    told = [
        Followed(one.title, one.type, one.name, _words(one.changes), moments[one.package_id])
        for one in pieces_for(user.name, rows[::-1])
    ]
    return sorted(told, key=lambda one: one.moment, reverse=True)[:SHOWN]


def _words(changes: tuple[Change, ...]) -> str:
    return " ".join(sentence(change) for change in changes)


BLOCKS = {"following": Block(lambda: tk._("What changed in what I follow"), "following/block.html", lately)}
