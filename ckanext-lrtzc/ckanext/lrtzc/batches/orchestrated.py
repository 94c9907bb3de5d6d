"""What the page of orchestration shows of batches."""

from __future__ import annotations

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.interfaces import Chain, Stand, Work

from . import timing
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
    """Give the batches of datasets that are there, by resource those that wait for its hour; by three statements."""
    return [*_waiting(limit), *_batches(limit)]


def _waiting(limit: int) -> list[Work]:
    """Give what waits for the hour or the number of its resource, that which goes in first before the others."""
    found = sorted(timing.waiting(), key=lambda one: one.at or one.first)[:limit]
    package, resource = model.Package, model.Resource
    query = (
        sa.select(resource.id, resource.name, package.title, package.name.label("dataset"))
        .join(package, package.id == resource.package_id)
        .where(resource.id.in_([one.resource_id for one in found]), package.state == "active")
    )
    there = {row.id: row for row in model.Session.execute(query)}
    return [_work(one, there[one.resource_id]) for one in found if one.resource_id in there]


def _work(one: timing.Waiting, row: Any) -> Work:
    """Say what waits for a resource: to come where its hour is known, else going on since the first of it came."""
    said = tk.ungettext("{n} file waits to go in", "{n} files wait to go in", one.count).format(n=one.count)
    if one.number:
        # a number of others, at the latest at the hour that is shown
        said = tk._("{n} of the {number} files that are waited for").format(n=one.count, number=one.number)
    return Work(
        f"{row.title or row.dataset} – {row.name or tk._('Unnamed resource')}",
        said,
        Stand.NEXT if one.at is not None else Stand.NOW,
        one.at or one.first,
        tk.h.url_for("lrtzc_batches.timing", id=row.dataset, resource_id=row.id),
    )


def _batches(limit: int) -> list[Work]:
    package = model.Package
    columns = (Batch.id, Batch.name, Batch.state, Batch.changed, package.id.label("dataset"), package.title)
    latest = [
        sa.select(*columns)
        .join(package, package.id == Batch.package_id)
        .where(Batch.state == state.value, package.state == "active", ~timing.waits())
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
