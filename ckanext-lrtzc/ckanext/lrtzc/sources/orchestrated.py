"""What the page of orchestration shows of sources."""

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.interfaces import Chain, Stand, Work
from ckanext.lrtzc.sources.domain.states import State
from ckanext.lrtzc.sources.model import Run, Source

STANDS = {
    State.WAITING: Stand.NOW,
    State.RUNNING: Stand.NOW,
    State.FINISHED: Stand.DONE,
    State.INCOMPLETE: Stand.FAILED,
    State.FAILED: Stand.FAILED,
}


def _said(state: State) -> str:
    match state:
        case State.WAITING:
            return tk._("waits for its turn")
        case State.RUNNING:
            return tk._("fetches files")
        case State.FINISHED:
            return tk._("fetched what is new")
        case State.INCOMPLETE:
            return tk._("fetched a part")
        case State.FAILED:
            return tk._("could not be read")


def read(limit: int) -> list[Work]:
    """Give the looks to come, and those that were, by two statements."""
    here = (Source.id, Source.package_id, Source.title)
    coming = (
        sa.select(*here, Source.next_run)
        .where(Source.paused.is_(False), Source.next_run.is_not(None))
        .order_by(Source.next_run)
        .limit(limit)
    )
    found = [
        Work(row.title, tk._("will be read"), Stand.NEXT, row.next_run, _page(row))
        for row in model.Session.execute(coming)
    ]
    latest = [
        sa.select(*here, Run.state, sa.func.coalesce(Run.finished, Run.started).label("moment"))
        .join(Source, Source.id == Run.source_id)
        .where(Run.state == state.value)
        .order_by(Run.started.desc())
        .limit(limit)
        .subquery()
        for state in STANDS
    ]
    for row in model.Session.execute(sa.union_all(*(sa.select(each) for each in latest))):
        state = State(row.state)
        found.append(Work(row.title, _said(state), STANDS[state], row.moment, _page(row)))
    return found


def _page(row: sa.Row[tuple[str, str, str]]) -> str:
    return tk.h.url_for("lrtzc_sources.read", id=row.package_id, source_id=row.id)


CHAINS = {"sources": Chain(lambda: tk._("Sources"), read)}
