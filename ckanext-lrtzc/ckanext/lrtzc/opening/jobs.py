"""What the scheduler has done: a look at what may be opened, every few minutes."""

import time
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from ckan.lib.jobs import get_queue

from ckanext.lrtzc.opening import judging
from ckanext.lrtzc.opening.model import Choice, Opening

# Seconds between two looks.
_EVERY = 120.0
_PATIENCE = 600
_looked = float("-inf")


def tick(_sender: Any = None, **_: Any) -> None:
    """Have a worker look, where there is something to look at. Called by the scheduler's signal `lrtzc:tick`."""
    global _looked
    if time.monotonic() - _looked < _EVERY:
        return
    _looked = time.monotonic()
    waits = bool(judging.candidates())
    model.Session.rollback()
    name = f"{look.__module__}.{look.__name__}"
    if waits and not any(job.func_name == name for job in get_queue().jobs):
        tk.enqueue_job(look, [], title="Automatic opening", rq_kwargs={"timeout": _PATIENCE})


def look() -> None:
    """Open what may be."""
    judging.look()


def withheld(_action: str, **sent: Any) -> None:
    """Leave to people's hands what a person takes out of the catalogue. Called after it is done."""
    result = sent.get("result") or {}
    if result.get("type") == judging.TYPE:
        Opening.of(result["id"]).choice = Choice.HAND.value
        model.Session.commit()
