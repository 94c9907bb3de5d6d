"""What the scheduler has done at each look: cut-off batches go on, old raw forms are erased, old words made anew."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.lib.jobs import get_queue

from . import jobs, renewing, storage, timing, together, turns
from .domain.states import State
from .erasing import erase_batch
from .model import Batch, now

log = logging.getLogger(__name__)

# a worker that was started has its batch by then
PATIENCE = dt.timedelta(minutes=1)
_AT_ONCE = 200


def tick(_sender: str, **_: Any) -> None:
    """Do all of it once. Called by the scheduler's signal `lrtzc:tick`."""
    for work in (timing.look_at_all, resume, erase_old, renewing.make_anew):
        try:
            work()
        except Exception:
            log.exception("The upkeep of batches could not %s", work.__name__.replace("_", " "))
        finally:
            model.Session.remove()


def resume() -> list[str]:
    """Enqueue again the batches whose worker is gone (killed, out of memory, power cut); give their ids.

    Those that wait for their resource's hour are left to it, and of those that go in after it the first alone is taken.
    """
    under_way = (State.RECEIVED.value, State.CONFIRMED.value, State.LOADING.value)
    left = (Batch.state.in_(under_way), Batch.changed < now() - PATIENCE, ~timing.waits())
    small = Batch.location.startswith(f"{storage.SMALL}:")
    query = sa.select(Batch.id).where(*left, ~small, timing.first_of_those_going())
    stale = model.Session.scalars(query.order_by(Batch.changed).limit(_AT_ONCE)).all()
    resources = model.Session.scalars(sa.select(Batch.resource_id).where(*left, small).distinct()).all()
    model.Session.rollback()
    for resource_id in resources:
        together.wake(resource_id)
    if not stale:
        return []
    queue = get_queue(tk.config["ckanext.lrtzc.batches.queue"])
    if not any(job.func_name == f"{jobs.__name__}.take_next" for job in queue.jobs):
        # a worker that was killed with its job took nobody's turn
        turns.forget()
    waiting = turns.waiting()
    found = []
    for batch_id in stale:
        if batch_id in waiting:
            continue
        with jobs.alone(batch_id) as free:
            pass
        if free:
            log.warning("the worker of the batch %s is gone: it is started again", batch_id)
            jobs.enqueue(batch_id)
            found.append(batch_id)
    return found


def erase_old() -> int:
    """Erase raw forms, lists of refused rows and examples of values once they are older than the policy keeps them.

    What was loaded, and the counts of the report, stay. Gives how many batches were reached.
    """
    days = int(tk.config["ckanext.lrtzc.batches.keep_raw_days"])
    if days <= 0:
        return 0
    limit = now() - dt.timedelta(days=days)
    over = (State.INTEGRATED.value, State.QUARANTINED.value, State.REJECTED.value, State.FAILED.value)
    query = (
        sa.select(Batch)
        .where(Batch.state.in_(over), Batch.origin != "datastore", Batch.changed < limit)
        .where(~Batch.report.has_key("erased"))
        .order_by(Batch.changed)
        .limit(_AT_ONCE)
    )
    batches = model.Session.scalars(query).all()
    for batch in batches:
        erase_batch(batch)
    return len(batches)
