"""What the scheduler has done at each look: points are counted by a worker, never by a page that others wait for."""

import time
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.lib.jobs import get_queue

from ckanext.lrtzc.reward import challenges, counting
from ckanext.lrtzc.reward.model import Challenge, Participant

# Seconds that a count may take, and between two.
_PATIENCE = 900
_EVERY = 60.0
_looked = float("-inf")


def tick(_sender: Any = None, **_: Any) -> None:
    """Have a worker count, where somebody counts points or a challenge goes on. Called at each `lrtzc:tick`."""
    global _looked
    if time.monotonic() - _looked < _EVERY:
        return
    _looked = time.monotonic()
    anybody = sa.exists(sa.select(Participant.account_id))
    anything = sa.exists().where(Challenge.ends >= challenges.today())
    waits = model.Session.scalar(sa.select(sa.or_(anybody, anything)))
    model.Session.rollback()
    if waits and not _is_queued():
        tk.enqueue_job(count, [], title="Count points", rq_kwargs={"timeout": _PATIENCE})


def _is_queued() -> bool:
    name = f"{count.__module__}.{count.__name__}"
    return any(job.func_name == name for job in get_queue().jobs)


def count() -> None:
    """Count the points of all, and what challenges reached; safe to run at the same time as another."""
    try:
        counting.count()
        model.Session.commit()
        challenges.count_all()
    finally:
        model.Session.rollback()
