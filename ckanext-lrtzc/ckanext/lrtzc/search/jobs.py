"""Reading rows for the index: by a worker of its own queue, one dataset after the other, the smallest first.

A large one lets the small ones that come meanwhile pass, between two of its columns; none waits longer than some
minutes for its turn. What is due stands in a table, so nothing is forgotten when a worker is killed: the scheduler's
next look has it done.
"""

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.lib.jobs import get_queue
from ckan.lib.search import SearchIndexError, rebuild
from sqlalchemy.dialects.postgresql import insert

from ckanext.lrtzc.explore.api import ReadingFailed
from ckanext.lrtzc.search import checking, content, renewing, rounds, trouble
from ckanext.lrtzc.search.model import Content, Due, now

log = logging.getLogger(__name__)

_PATIENCE = dt.timedelta(minutes=1)
_AT_ONCE = 200
#: Bytes of a dataset's tables up to which it needn't wait for a larger one, and how long a larger one lets others pass.
_SMALL = 20_000_000
_LONGEST_WAIT = dt.timedelta(minutes=10)
_TIMEOUT = 3_600


def changed(package_id: str) -> None:
    """Have a dataset's rows read again; asked many times before a worker comes, it is done once. Commits."""
    made = insert(Due).values(package_id=package_id, since=now())
    made = made.on_conflict_do_update(index_elements=["package_id"], set_={"since": made.excluded.since})
    model.Session.execute(made)
    model.Session.commit()
    wake()


def wake() -> None:
    """Have a worker do all that is due, unless that waits in the queue already."""
    name = tk.config["ckanext.lrtzc.search.queue"]
    if not get_queue(name).count:
        tk.enqueue_job(read_due, title="words of rows", queue=name, rq_kwargs={"timeout": _TIMEOUT})


def read_due() -> None:
    """Read the rows of every dataset of which that is due, one after the other; what can't be read now is left due."""
    tried: set[str] = set()

    def small_ones() -> None:
        while (due := _next(tried, only_small=True)) is not None:
            _try(*due)

    while (due := _next(tried)) is not None:
        _try(*due, small_ones)


def _next(tried: set[str], only_small: bool = False) -> tuple[str, dt.datetime] | None:
    """Give the dataset whose turn it is, with when it became due, and put it among those `tried`."""
    query = sa.select(Due.package_id, Due.since).where(Due.package_id.not_in(tried)).order_by(Due.since)
    waiting = [(row.package_id, row.since) for row in model.Session.execute(query.limit(_AT_ONCE))]
    if not waiting:
        return None
    chosen = waiting[0]
    if only_small or chosen[1] > now() - _LONGEST_WAIT:
        sizes = _sizes([package_id for package_id, _ in waiting])
        # the first of the smallest: `waiting` stands in the order of time
        chosen = min(waiting, key=lambda one: sizes.get(one[0], 0))
        if only_small and sizes.get(chosen[0], 0) > _SMALL:
            return None
    tried.add(chosen[0])
    return chosen


def _sizes(package_ids: list[str]) -> dict[str, int]:
    try:
        return content.sizes(package_ids)
    except ReadingFailed:
        return {}


def _try(package_id: str, since: dt.datetime, pause: Callable[[], None] | None = None) -> None:
    try:
        refresh(package_id, since, pause)
    except (ReadingFailed, SearchIndexError) as error:
        log.warning("The rows of %s are read for the search later: %r", package_id, error)
        model.Session.rollback()
        trouble.note({package_id: trouble.reason_of(error)})


def refresh(package_id: str, since: dt.datetime, pause: Callable[[], None] | None = None) -> None:
    """Read a dataset's rows and index it; what changed after `since` stays due. Can be run again, and twice at once.

    :param pause: is called between two columns, and may do other work.

    :raises ReadingFailed: when the database doesn't answer.
    """
    if content.read(package_id, pause):
        _index(package_id)
    model.Session.execute(sa.delete(Due).where(Due.package_id == package_id, Due.since <= since))
    trouble.over([package_id])


def _index(package_id: str) -> None:
    """Index a dataset, and again where it was saved meanwhile: else what it was before could be written last."""
    package = model.Package
    saved = sa.select(package.metadata_modified, package.state, package.private).where(package.id == package_id)
    for _attempt in range(5):
        before = model.Session.execute(saved).one_or_none()
        if before is None:
            return
        rebuild(package_id)
        model.Session.expire_all()
        if model.Session.execute(saved).one_or_none() == before:
            return


def tick(_sender: str, **_: Any) -> None:
    """At each look of the scheduler: what ended by itself, what was never read, and what a worker left."""
    try:
        ended = sa.select(Content.package_id).where(Content.until < now()).distinct().limit(_AT_ONCE)
        for package_id in {*model.Session.scalars(ended), *_never_read()}:
            changed(package_id)
        if model.Session.scalar(sa.select(Due.package_id).where(Due.since < now() - _PATIENCE).limit(1)):
            wake()
        renewing.tick()
        checking.tick()
        rounds.tick()
    except Exception:
        log.exception("The search could not look for what is due")
    finally:
        model.Session.remove()


def _never_read() -> list[str]:
    """Give datasets with a table that was never read, or before its columns were counted: of an older portal."""
    active = sa.cast(model.Resource.extras, sa.Text).contains('"datastore_active": true')
    query = (
        sa.select(model.Resource.package_id)
        .join(model.Package, model.Package.id == model.Resource.package_id)
        .outerjoin(Content, Content.resource_id == model.Resource.id)
        .outerjoin(Due, Due.package_id == model.Resource.package_id)
        .where(model.Resource.state == "active", model.Package.state == "active", active)
        .where(Content.columns.is_(None), Due.package_id.is_(None))
        .group_by(model.Resource.package_id)
        .order_by(sa.func.max(model.Resource.created).desc())
        .limit(_AT_ONCE)
    )
    return [package_id for package_id in model.Session.scalars(query) if package_id]
