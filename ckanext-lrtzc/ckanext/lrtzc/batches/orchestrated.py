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
from .storage import SMALL

_SMALL = Batch.location.startswith(f"{SMALL}:")
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
    """Give the batches of datasets that are there, by four statements.

    Those that wait for the hour of their resource are told together, as are answers, of which thousands come.
    """
    return [*_waiting(limit), *_batches(limit), *_answers(limit)]


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
        .where(Batch.state == state.value, package.state == "active", ~timing.waits(), ~_SMALL)
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


def _answers(limit: int) -> list[Work]:
    """Give how many answers came to each resource, by state, with when the last of them was there."""
    package, resource = model.Package, model.Resource
    last = sa.func.max(Batch.changed).label("last")
    columns = (package.id, package.title, package.name, resource.name.label("resource"), Batch.state)
    latest = [
        sa.select(*columns, sa.func.count().label("many"), last)
        .join(package, package.id == Batch.package_id)
        .outerjoin(resource, resource.id == Batch.resource_id)
        .where(Batch.state == state.value, package.state == "active", ~timing.waits(), _SMALL)
        .group_by(Batch.resource_id, *columns)
        .order_by(last.desc())
        .limit(limit)
        .subquery()
        for state in STANDS
    ]
    return [
        Work(
            f"{row.title or row.name} – {row.resource or tk._('Unnamed resource')}",
            tk.ungettext("{state} ({n} answer)", "{state} ({n} answers)", row.many).format(
                state=lrtzc_batches_state(row.state), n=tk.h.lrtzc_number(row.many)
            ),
            STANDS[State(row.state)],
            row.last,
            tk.h.url_for("lrtzc_batches.index", id=row.id),
        )
        for row in model.Session.execute(sa.union_all(*(sa.select(each) for each in latest)))
    ]


CHAINS = {"batches": Chain(lambda: tk._("Files that came in"), read)}
