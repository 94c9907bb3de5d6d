"""What the scheduler does at each look: start what is due, end what is dead, tell of silence, forget what is old."""

import datetime as dt
import logging
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ckanext.lrtzc.schedule import Schedule, next_run
from ckanext.lrtzc.sources import taking, telling
from ckanext.lrtzc.sources.domain.faults import Code, Fault
from ckanext.lrtzc.sources.domain.pacing import is_silent
from ckanext.lrtzc.sources.domain.states import State
from ckanext.lrtzc.sources.model import Line, Run, Source, Taken, now

log = logging.getLogger(__name__)

_AT_ONCE = 200
UNDER_WAY = (State.WAITING.value, State.RUNNING.value)


def tick(_sender: Any = None, **_: Any) -> None:
    """Do all of it once. Called by the scheduler's signal `lrtzc:tick`."""
    for work in (start_due, end_dead, tell_silence, forget_old):
        try:
            work()
        except Exception:
            log.exception("The upkeep of sources could not %s", work.__name__.replace("_", " "))
        finally:
            model.Session.remove()


def start(source_id: str, *, by_hand: bool) -> str:
    """Put a run of a source into the queue; give its identifier.

    :raises ValidationError: one is under way already.
    """
    run = Run(source_id=source_id, by_hand=by_hand)
    try:
        model.Session.add(run)
        model.Session.commit()
    except IntegrityError:
        model.Session.rollback()
        raise tk.ValidationError({"id": [tk._("A run of this source is under way already.")]}) from None
    tk.enqueue_job(
        taking.run,
        [run.id],
        title=f"source {source_id}",
        queue=tk.config["ckanext.lrtzc.sources.queue"],
        rq_kwargs={"timeout": 2 * int(tk.config["ckanext.lrtzc.sources.run_seconds"])},
    )
    return run.id


def start_due() -> None:
    """Start the runs whose hour has come; a source that is run already waits for the next hour."""
    due = (
        sa.select(Source)
        .join(model.Package, model.Package.id == Source.package_id)
        .where(Source.paused.is_(False), Source.next_run <= now(), model.Package.state == "active")
        .order_by(Source.next_run)
        .limit(_AT_ONCE)
    )
    for source in model.Session.scalars(due).all():
        source_id, source.next_run = source.id, next_run(Schedule(source.schedule), now())
        model.Session.commit()
        try:
            start(source_id, by_hand=False)
        except tk.ValidationError:
            log.info("The source %s is not started: it is being run", source_id)


def end_dead() -> None:
    """End the runs whose worker is gone, or that no worker ever took."""
    seconds = 3 * int(tk.config["ckanext.lrtzc.sources.run_seconds"])
    stale = sa.select(Run.id, Run.source_id).where(
        Run.state.in_(UNDER_WAY), Run.beat < now() - dt.timedelta(seconds=seconds)
    )
    for run_id, source_id in model.Session.execute(stale).all():
        with taking.alone(source_id) as free:
            if free:
                taking.close(run_id, Fault(Code.STOPPED, minutes=seconds // 60))


def tell_silence() -> None:
    """Tell the owners of sources of which nothing new came for longer than was bargained for, once each time."""
    query = sa.select(Source).where(Source.silence_days > 0, Source.paused.is_(False))
    for source in model.Session.scalars(query).all():
        if is_silent(source.silence_days, source.last_new, source.silence_told, now()):
            source.silence_told = now()
            model.Session.commit()
            telling.silent(source)


def forget_old() -> None:
    """Keep the latest runs of each source only, and nothing of sources whose dataset was erased."""
    kept = int(tk.config["ckanext.lrtzc.sources.keep_runs"])
    rank = sa.func.row_number().over(partition_by=Run.source_id, order_by=Run.started.desc()).label("rank")
    ranked = sa.select(Run.id, rank).where(Run.state.not_in(UNDER_WAY)).subquery()
    forget_runs(sa.select(ranked.c.id).where(ranked.c.rank > kept).limit(_AT_ONCE))
    gone = sa.select(Source.id).where(~sa.exists().where(model.Package.id == Source.package_id)).limit(_AT_ONCE)
    for source_id in model.Session.scalars(gone).all():
        forget(source_id)
    model.Session.commit()


def forget(source_id: str) -> None:
    """Erase a source with all that is kept of it; commit nothing."""
    forget_runs(sa.select(Run.id).where(Run.source_id == source_id))
    for table, column in ((Taken, Taken.source_id), (Source, Source.id)):
        _delete(sa.delete(table).where(column == source_id))


def forget_runs(chosen: sa.Select[tuple[str]]) -> None:
    """Erase runs with their lines; commit nothing."""
    runs = model.Session.scalars(chosen).all()
    if runs:
        _delete(sa.delete(Line).where(Line.run_id.in_(runs)))
        _delete(sa.delete(Run).where(Run.id.in_(runs)))


def _delete(statement: Any) -> None:
    model.Session.execute(statement, execution_options={"synchronize_session": False})
