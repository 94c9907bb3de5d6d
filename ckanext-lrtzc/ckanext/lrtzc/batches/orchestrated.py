"""What the page of orchestration shows of batches."""

from __future__ import annotations

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.interfaces import Chain, Stand, Work

from .domain.states import State
from .helpers import lrtzc_batches_state
from .model import Batch

STANDS = {
    State.ANALYSED: Stand.PERSON,
    State.WAITING: Stand.PERSON,
    State.QUARANTINED: Stand.PERSON,
    State.RECEIVED: Stand.NOW,
    State.CONFIRMED: Stand.NOW,
    State.LOADING: Stand.NOW,
    State.FAILED: Stand.FAILED,
    State.INTEGRATED: Stand.DONE,
    State.REJECTED: Stand.DONE,
}


def read(limit: int) -> list[Work]:
    """Give the batches of datasets that are there, by one statement."""
    package = model.Package
    columns = (Batch.id, Batch.name, Batch.state, Batch.changed, package.id.label("dataset"), package.title)
    latest = [
        sa.select(*columns)
        .join(package, package.id == Batch.package_id)
        .where(Batch.state == state.value, package.state == "active")
        .order_by(Batch.changed.desc())
        .limit(limit)
        .subquery()
        for state in STANDS
    ]
    return [
        Work(
            f"{row.title} – {row.name}",
            lrtzc_batches_state(row.state),
            STANDS[State(row.state)],
            row.changed,
            tk.h.url_for("lrtzc_batches.read", id=row.dataset, batch_id=row.id),
        )
        for row in model.Session.execute(sa.union_all(*(sa.select(each) for each in latest)))
    ]


CHAINS = {"batches": Chain(lambda: tk._("Files that came in"), read)}
