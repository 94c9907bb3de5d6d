"""What the scheduler does at each look: start what is due, end what is dead, erase what was withdrawn long ago."""

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckanext.harvest.model import HarvestJob, HarvestObject

from ckanext.lrtzc.partners import catalogue, closing
from ckanext.lrtzc.partners.model import Line, Partner, Run, now
from ckanext.lrtzc.partners.withdrawing import hide_unused, purge_withdrawn
from ckanext.lrtzc.schedule import Schedule, next_run
from ckanext.lrtzc.translation import mark

log = logging.getLogger(__name__)

SENDER = "lrtzc_partners"
STOPPED = mark("The run stopped before its end: no sign of life for %(minutes)s minutes.")


def tick() -> None:
    """Do all of the scheduler's work once, and that of the rooms that subscribed to the signal `lrtzc:tick`."""
    for work in (start_due, end_silent, hide_unused, purge_withdrawn, forget_old_runs, keep_queue):
        _do(work)
    for work in tk.signals.ckanext.signal("lrtzc:tick").receivers_for(SENDER):
        _do(work, SENDER)


def _do(work: Callable[..., Any], *told: Any) -> None:
    try:
        work(*told)
    except Exception:
        # Whatever a piece of work fails of, it keeps no other waiting: it is tried again at the next look.
        log.exception("The scheduler could not do %s.%s", work.__module__, work.__name__)
    finally:
        model.Session.remove()


def start_due() -> None:
    """Start the runs whose hour has come; a partner that is being harvested already waits for the next hour."""
    query = sa.select(Partner).where(Partner.paused.is_(False), Partner.next_run <= now())
    for partner in model.Session.scalars(query).all():
        partner.next_run = next_run(Schedule(partner.schedule), now())
        source_id = partner.source_id
        model.Session.commit()
        try:
            start(source_id)
        except tk.ValidationError as err:
            log.info("The partner %s is not started: %s", source_id, err)


def start(source_id: str) -> str:
    """Put a run of a partner into the queue; give its identity.

    :raises tk.ValidationError: where one is under way already, or the source is gone.
    """
    from ckanext.harvest.logic import HarvestJobExists, HarvestSourceInactiveError

    context: Any = {"model": model, "session": model.Session, "ignore_auth": True, "user": catalogue.site_user()}
    try:
        return tk.get_action("harvest_job_create")(context, {"source_id": source_id, "run": True})["id"]
    except HarvestJobExists as err:
        raise tk.ValidationError({"id": [tk._("A run of this partner is under way already.")]}) from err
    except HarvestSourceInactiveError as err:
        raise tk.ValidationError({"id": [tk._("This partner was deleted.")]}) from err


def end_silent() -> None:
    """Tell as failed the runs that gave no sign of life for long."""
    seconds = tk.config.get("ckanext.lrtzc.partners.silence")
    limit = now() - dt.timedelta(seconds=seconds)
    runs = sa.select(Run.id).where(Run.state.in_(("gathering", "importing")), Run.beat < limit)
    for run_id in model.Session.scalars(runs).all():
        model.Session.execute(
            sa.update(HarvestObject)
            .where(HarvestObject.harvest_job_id == run_id, HarvestObject.state.not_in(("COMPLETE", "ERROR")))
            .values(state="ERROR", report_status="errored", content=None)
        )
        closing.fail(run_id, STOPPED, {"minutes": seconds // 60})


def forget_old_runs() -> None:
    """Keep the latest reports of each partner only, and of ckanext-harvest's objects what is current."""
    kept = tk.config.get("ckanext.lrtzc.partners.keep_runs")
    rank = sa.func.row_number().over(partition_by=Run.source_id, order_by=Run.started.desc())
    ranked = sa.select(Run.id, rank.label("rank")).where(Run.state.in_(Run.OVER)).subquery()
    old = model.Session.scalars(sa.select(ranked.c.id).where(ranked.c.rank > kept).limit(200)).all()
    if old:
        model.Session.execute(sa.delete(Line).where(Line.run_id.in_(old)))
        model.Session.execute(sa.delete(Run).where(Run.id.in_(old)))
    stale = (
        sa.select(HarvestObject.id)
        .join(HarvestJob, HarvestJob.id == HarvestObject.harvest_job_id)
        .join(Partner, Partner.source_id == HarvestObject.harvest_source_id)
        .where(HarvestObject.current.is_(False), HarvestJob.status == "Finished")
        .limit(5000)
    )
    model.Session.execute(
        sa.delete(HarvestObject).where(HarvestObject.id.in_(stale)), execution_options={"synchronize_session": False}
    )
    model.Session.commit()


def keep_queue() -> None:
    """Have ckanext-harvest put back into its queue what a stopped worker left."""
    context: Any = {"model": model, "session": model.Session, "ignore_auth": True, "user": catalogue.site_user()}
    tk.get_action("harvest_jobs_run")(context, {})
