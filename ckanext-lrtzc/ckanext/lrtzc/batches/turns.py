"""The batches that wait for a worker, and whose turn it is."""

from __future__ import annotations

import datetime as dt

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.lib.redis import connect_to_redis

from .domain.states import State
from .domain.turns import EACH, LATELY, Waiting, next_of
from .model import Batch, now
from .storage import SMALL

_WAIT = (State.RECEIVED.value, State.CONFIRMED.value, State.LOADING.value)


def _key() -> str:
    return f"lrtzc:batches:waiting:{tk.config['ckan.site_id']}"


def wait(batch_id: str) -> None:
    """Have a batch wait for its turn; each that waits has a job, which takes whosever turn it is."""
    connect_to_redis().sadd(_key(), batch_id)


def waiting() -> set[str]:
    """Give the batches that wait."""
    return {member.decode() for member in connect_to_redis().smembers(_key())}


def forget() -> None:
    """Forget those that waited, where no job is left to take them."""
    connect_to_redis().delete(_key())


def take(batch_id: str) -> str:
    """Give the batch whose turn it is, which waits no more; the one whose job this was, where none waits."""
    redis, moment = connect_to_redis(), now()
    # whoever's job this was has been taken by another's, if others wait and it doesn't
    names = waiting() or {batch_id}
    query = sa.select(Batch.id, Batch.package_id, Batch.changed, Batch.unattended)
    found = model.Session.execute(query.where(Batch.id.in_(names), Batch.state.in_(_WAIT))).all()
    lately = _lately(moment, {row.package_id for row in found})
    model.Session.rollback()
    there = [
        Waiting(row.id, row.package_id, (moment - row.changed).total_seconds(), not row.unattended) for row in found
    ]
    if gone := names - {batch.id for batch in there}:
        # withdrawn meanwhile, or worked on by somebody else
        redis.srem(_key(), *gone)
    while chosen := next_of(there, lately):
        # of two workers that choose the same one takes it
        if redis.srem(_key(), chosen):
            return chosen
        there = [batch for batch in there if batch.id != chosen]
    return batch_id


def _lately(moment: dt.datetime, package_ids: set[str]) -> dict[str, int]:
    """Give by dataset what was worked on lately, or is being."""
    done = sa.or_(Batch.state == State.LOADING.value, Batch.changed > moment - dt.timedelta(seconds=LATELY))
    worked = Batch.state.notin_([State.RECEIVED.value, State.ANALYSED.value, State.CONFIRMED.value])
    query = (
        sa.select(Batch.package_id, sa.func.sum(Batch.size + EACH))
        # an index has the batches of a dataset by the moment they came
        .where(Batch.package_id.in_(package_ids), Batch.created > moment - dt.timedelta(days=1), done, worked)
        .where(Batch.origin != "datastore", ~Batch.location.startswith(f"{SMALL}:"))
        .group_by(Batch.package_id)
    )
    return {package_id: int(total) for package_id, total in model.Session.execute(query)}
