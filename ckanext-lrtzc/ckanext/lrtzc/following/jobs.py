"""What the scheduler has done at each look: what happened is told by a worker, never by a page."""

import time
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.lib.jobs import get_queue

from ckanext.lrtzc.following import telling
from ckanext.lrtzc.following.model import Event, Notice

# Seconds that a telling may take; what it leaves is told by the next.
_PATIENCE = 900
# Seconds between two looks for what is old.
_HOUSE_EVERY = 3600.0
_kept_house = float("-inf")


def tick(_sender: Any = None, **_: Any) -> None:
    """Have a worker tell what waits, where nobody is about to. Called by the scheduler's signal `lrtzc:tick`."""
    waits = model.Session.scalar(
        sa.select(sa.or_(sa.exists().where(Event.told.is_(None)), sa.exists(sa.select(Notice.event_id))))
    )
    model.Session.rollback()
    if waits and not _is_queued():
        tk.enqueue_job(tell, [], title="Tell followers", rq_kwargs={"timeout": _PATIENCE})
    _keep_house()


def _keep_house() -> None:
    global _kept_house
    if time.monotonic() - _kept_house > _HOUSE_EVERY:
        telling.forget_old(tk.config["ckanext.lrtzc.following.keep_days"])
        _kept_house = time.monotonic()


def _is_queued() -> bool:
    name = f"{tell.__module__}.{tell.__name__}"
    return any(job.func_name == name for job in get_queue().jobs)


def tell() -> None:
    """Tell everybody what is due; safe to run at the same time as another."""
    telling.tell_all()
