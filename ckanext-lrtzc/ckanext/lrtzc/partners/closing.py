"""The end of a run: its state, its job's state, and the word to its owner."""

import logging
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckanext.harvest.model import HarvestJob

from ckanext.lrtzc.partners import report, searching, traces
from ckanext.lrtzc.partners.model import Run, now
from ckanext.lrtzc.partners.notify import notify

log = logging.getLogger(__name__)


def fail(run_id: str, sentence: str, params: dict[str, Any]) -> None:
    """End a run that came to nothing."""
    report.state(run_id, message=sentence, params=params)
    _end(run_id, "failed")


def close_if_done(run_id: str) -> None:
    """End a run whose last piece is imported, once, whichever worker sees it first."""
    run = model.Session.scalar(
        sa.select(Run).where(Run.id == run_id).with_for_update().execution_options(populate_existing=True)
    )
    if run is not None and run.state == "importing" and run.pieces_done >= run.pieces:
        close(run_id)
    else:
        model.Session.commit()


def close(run_id: str) -> None:
    """End a run that read its partner: whole, or only in part when a failure was noted on the way."""
    noted = model.Session.scalar(sa.select(Run.message).where(Run.id == run_id))
    _end(run_id, "incomplete" if noted else "finished")


def _end(run_id: str, state: str) -> None:
    report.state(run_id, state=state, finished=now())
    with traces.apart():
        job = HarvestJob.get(run_id)
        if job is not None:
            job.status = "Finished"
            job.finished = now().replace(tzinfo=None)
            model.Session.add(job)
    run = model.Session.get(Run, run_id, populate_existing=True)
    if run is not None:
        traces.run(run)
    model.Session.commit()
    try:
        if run is not None and (run.added or run.changed or run.withdrawn):
            searching.show()
    except Exception:
        log.exception("The search was not told of the end of the run %s; it shows the datasets a little later", run_id)
    tk.signals.ckanext.signal("lrtzc_partners:run_ended").send("lrtzc_partners", run_id=run_id, state=state)
    try:
        notify(run_id)
    except Exception:
        log.exception("The owner could not be told of the run %s", run_id)
        model.Session.rollback()
