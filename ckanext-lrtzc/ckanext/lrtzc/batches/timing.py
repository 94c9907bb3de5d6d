"""When the batches of a resource go in, as its owner said; those that wait for it, and how they go, one after another.

A batch that passed its checks, and that moderators accepted where they are asked, stays confirmed and `held` since a
moment. Once its hour has come, or enough wait, it is `going`: it takes its turn with the batches of other datasets,
after those of its own resource that came before. All of it stands in the database, and what a killed worker left is
taken up by the scheduler.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, aliased, mapped_column

from ckanext.lrtzc.clock import zone
from ckanext.lrtzc.schedule import Timetable

from . import judges, progress
from .checks import RELEASED
from .domain.problems import LaterError
from .domain.states import Event, State
from .domain.timing import Way, When
from .judges import ACCEPTED
from .kinds import KIND
from .model import Batch, now
from .storage import SMALL

_LISTED = 100
"""Batches that wait, at most, which a page names."""


class Timing(tk.BaseModel):
    """When the batches of a resource go in: see `domain.timing.When`.

    `times` are hours as `14:30`, `days` those of the week from 1 (Monday) to 7. `revision` grows with each change.
    """

    __tablename__ = "lrtzc_batches_timing"

    resource_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    way: Mapped[str] = mapped_column(sa.Text, default=Way.ARRIVAL.value)
    times: Mapped[list[str]] = mapped_column(JSONB, default=list)
    days: Mapped[list[int]] = mapped_column(JSONB, default=list)
    number: Mapped[int] = mapped_column(sa.Integer, default=0)
    hours: Mapped[int] = mapped_column(sa.Integer, default=0)
    revision: Mapped[int] = mapped_column(sa.Integer, default=0)
    changed: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)

    @classmethod
    def of_resource(cls, resource_id: str, *, lock: bool = False) -> Timing | None:
        """Give what was said of a resource, read anew; None where nothing was."""
        query = sa.select(cls).where(cls.resource_id == resource_id).execution_options(populate_existing=True)
        return model.Session.scalar(query.with_for_update() if lock else query)

    def when(self) -> When:
        """Give it as the rules take it."""
        way, timetable = Way(self.way), None
        if way is Way.HOURS:
            times = tuple(dt.time.fromisoformat(time) for time in self.times)
            timetable = Timetable(times, frozenset(self.days), zone())
        return When(way, self.changed, timetable, self.number, self.hours)


def when_of(resource_id: str) -> When:
    """Give when the batches of a resource go in."""
    kept = Timing.of_resource(resource_id)
    return kept.when() if kept is not None else When()


def waits() -> sa.ColumnElement[bool]:
    """Say in SQL which batches wait for the hour or the number of their resource."""
    return sa.and_(Batch.state == State.CONFIRMED.value, Batch.held.is_not(None), Batch.going.is_(None))


def first_of_those_going() -> sa.ColumnElement[bool]:
    """Say in SQL which batches come after none of their resource that goes in and isn't in yet."""
    return ~sa.exists().where(*_elder(aliased(Batch), Batch.resource_id, Batch.created, Batch.id))


def _elder(elder: Any, resource_id: Any, created: Any, batch_id: Any) -> list[sa.ColumnElement[bool]]:
    return [
        elder.resource_id == resource_id,
        elder.going.is_not(None),
        elder.state.in_([State.CONFIRMED.value, State.LOADING.value]),
        ~elder.location.startswith(f"{SMALL}:"),
        sa.tuple_(elder.created, elder.id) < sa.tuple_(created, batch_id),
    ]


def put_off(batch: Batch) -> bool:
    """Say whether a batch may not be loaded now, in the session's transaction; the caller commits.

    It waits already, has been judged and begins to wait, or others of its resource go in before it.
    """
    if batch.going is None:
        if batch.held is not None:
            return True
        waiting = when_of(batch.resource_id).way is not Way.ARRIVAL
        if waiting and batch.state == State.CONFIRMED and _judged(batch):
            batch.held = now()
            return True
        if waiting:
            return False
    if batch.location.startswith(f"{SMALL}:"):
        return False
    behind = sa.exists().where(*_elder(Batch, batch.resource_id, batch.created, batch.id))
    if not model.Session.scalar(sa.select(behind)):
        return False
    if batch.going is None:
        batch.held = batch.going = now()
    return True


def defer(batch_id: str, later: LaterError) -> None:
    """Have a batch that passed its checks wait for its resource's hour, or for others; commits.

    :param later: what its checks gave
    """
    model.Session.rollback()
    batch = Batch.get(batch_id, lock=True)
    if batch is None:
        return
    batch.report, batch.settings, batch.held = later.report, later.settings, now()
    batch.count(later.report)
    batch.happen(Event.DEFER)
    resource_id = batch.resource_id
    model.Session.commit()
    progress.forget(batch_id)
    look(resource_id)


def _judged(batch: Batch) -> bool:
    """Say whether a batch has nothing more to pass: people let it in, or its kind looked at it and nobody is asked."""
    if batch.settings.get(ACCEPTED) or batch.settings.get(RELEASED):
        return True
    return bool(batch.settings.get(KIND)) and judges.reach_of(batch) is not judges.Reach.ALL


def only_checked(batch: Batch) -> bool:
    """Say whether a batch that is being loaded is only checked now, and goes in later."""
    return batch.going is None and when_of(batch.resource_id).way is not Way.ARRIVAL


def hold_small(resource_id: str) -> None:
    """Have the small batches of a resource that were looked at wait, where it has them wait. Not committed."""
    if when_of(resource_id).way is Way.ARRIVAL:
        return
    ready = [
        Batch.resource_id == resource_id,
        Batch.state == State.CONFIRMED.value,
        Batch.held.is_(None),
        Batch.location.startswith(f"{SMALL}:"),
    ]
    package_id = model.Session.scalar(sa.select(Batch.package_id).where(*ready).limit(1))
    if package_id is None:
        return
    if judges.reach(package_id, resource_id) is judges.Reach.ALL:
        ready.append(sa.or_(Batch.settings.has_key(ACCEPTED), Batch.settings.has_key(RELEASED)))
    moment = now()
    model.Session.execute(
        sa.update(Batch).where(*ready).values(held=moment, changed=moment).execution_options(synchronize_session=False)
    )


def let_go(resource_id: str, before: dt.datetime | None = None) -> int:
    """Have all that waits for a resource go in, or what has waited since `before`; give how many. Not committed."""
    asked = [waits(), Batch.resource_id == resource_id]
    if before is not None:
        asked.append(Batch.held < before)
    moment = now()
    done: Any = model.Session.execute(
        sa.update(Batch).where(*asked).values(going=moment, changed=moment).execution_options(synchronize_session=False)
    )
    return int(done.rowcount)


def look(resource_id: str) -> int:
    """Have what waits for a resource go in, if its hour has come or enough wait; give how many begin to."""
    found = waiting(resource_id)
    model.Session.commit()
    return sum(_go(one) for one in found)


def _go(one: Waiting) -> int:
    before = one.when.gone_by(one.count, one.first, now())
    gone = let_go(one.resource_id, before) if before is not None else 0
    model.Session.commit()
    if gone:
        start(one.resource_id)
    return gone


def start(resource_id: str) -> None:
    """Have a worker take the first of those that go in, in its turn. Call after the commit."""
    from . import jobs, together

    small = Batch.location.startswith(f"{SMALL}:")
    going = (Batch.resource_id == resource_id, Batch.state == State.CONFIRMED.value, Batch.going.is_not(None))
    # none while one of them is being loaded, whose end has the next one taken
    batch_id = model.Session.scalar(sa.select(Batch.id).where(*going, ~small, first_of_those_going()).limit(1))
    answers = model.Session.scalar(sa.select(sa.exists().where(*going, small)))
    model.Session.rollback()
    if batch_id:
        jobs.enqueue(batch_id)
    if answers:
        together.wake(resource_id)


def look_at_all() -> list[str]:
    """Have go in what is due, of all resources; give those of which something begins to. The scheduler does it."""
    found = waiting()
    model.Session.commit()
    return [one.resource_id for one in found if _go(one)]


@dataclass(frozen=True)
class Waiting:
    """What waits for a resource: how many batches, since when the first, and for what."""

    package_id: str
    resource_id: str
    count: int
    first: dt.datetime
    when: When

    @property
    def at(self) -> dt.datetime | None:
        """When the first goes in; None where that depends on what comes."""
        return self.when.goes_at(self.first)

    @property
    def number(self) -> int:
        """How many are waited for; 0 where none is."""
        return self.when.number if self.when.way is Way.NUMBER else 0

    def goes_at(self, batch: Batch) -> dt.datetime | None:
        """Give when one of them goes in: at its own hour, or with the others."""
        return self.when.goes_at(batch.held) if self.when.way is Way.HOURS and batch.held else self.at


def waiting(resource_id: str | None = None) -> list[Waiting]:
    """Give what waits, by resource, in one statement; of one resource where that is told."""
    query = (
        sa.select(sa.func.min(Batch.package_id), Batch.resource_id, sa.func.count(), sa.func.min(Batch.held), Timing)
        .outerjoin(Timing, Timing.resource_id == Batch.resource_id)
        .where(waits(), *([Batch.resource_id == resource_id] if resource_id else []))
        .group_by(Batch.resource_id, Timing.resource_id)
        .execution_options(populate_existing=True)
    )
    return [
        Waiting(package_id, resource, count, first, kept.when() if kept is not None else When())
        for package_id, resource, count, first, kept in model.Session.execute(query).tuples()
    ]


def batches_waiting(resource_id: str) -> list[Batch]:
    """Give the first batches that wait for a resource, in the order of their arrival."""
    query = sa.select(Batch).where(waits(), Batch.resource_id == resource_id)
    return list(model.Session.scalars(query.order_by(Batch.created, Batch.id).limit(_LISTED)))
