"""Copies versions while they are the last, by a worker; forgets those that are too old, or that nobody may read."""

import logging
import time
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.lib.jobs import get_queue
from sqlalchemy.dialects.postgresql import insert

from ckanext.lrtzc.batches.api import (
    FILES_MODE,
    Version,
    forget_copies,
    forget_copy,
    keep_copy,
    last_version,
    rows_number,
    under_way,
    versions_at,
)
from ckanext.lrtzc.versions.model import Copy, State, now
from ckanext.lrtzc.versions.reading import NotKeptError, compared, open_to_all

log = logging.getLogger(__name__)

_AT_ONCE = 50
_SILENT = {"synchronize_session": False}
# Seconds between two looks for copies of datasets that are erased.
_HOUSE_EVERY = 3600.0
_kept_house = float("-inf")


def version_came(resource_id: str, *, package_id: str, number: int, **_: Any) -> None:
    """Note a version to be copied. Called by the signal `lrtzc:version`; commits nothing."""
    found = versions_at([(resource_id, number)])[resource_id, number]
    wanted = found.mode != FILES_MODE and limit() > 0
    state = State.WAITING if wanted else State.NONE
    values = {"resource_id": resource_id, "number": number, "package_id": package_id, "state": state.value}
    session: Any = model.Session
    session.execute(insert(Copy).values(**values, open=False).on_conflict_do_nothing())
    before = Copy.resource_id == resource_id, Copy.number == number - 1, Copy.state == State.KEPT.value
    if open_to_all(package_id, resource_id):
        session.execute(sa.update(Copy).where(*before).values(open=True), execution_options=_SILENT)


def copies_gone(resource_id: str, **_: Any) -> None:
    """Note that all copies of a resource were removed. Called by the signal `lrtzc:copies_gone`; commits nothing."""
    mine = Copy.resource_id == resource_id, Copy.state == State.KEPT.value
    statement = sa.update(Copy).where(*mine).values(state=State.ERASED.value, size=None)
    model.Session.execute(statement, execution_options=_SILENT)


def held_back(_action: str, **sent: Any) -> None:
    """Close the former versions of a dataset that is held back, so that what comes later doesn't open them again."""
    package_id = (sent.get("result") or {}).get("package_id")
    statement = sa.update(Copy).where(Copy.package_id == package_id).values(open=False)
    model.Session.execute(statement, execution_options=_SILENT)
    model.Session.commit()


def limit() -> int:
    """Give how many copies of versions are kept of a resource."""
    return int(tk.config["ckanext.lrtzc.versions.kept"])


def tick(_sender: Any = None, **_: Any) -> None:
    """Have a worker copy what is to be kept. Called by the scheduler's signal `lrtzc:tick`."""
    waits = model.Session.scalar(sa.select(sa.exists().where(Copy.state == State.WAITING.value)))
    model.Session.rollback()
    if waits:
        queue, name = tk.config["ckanext.lrtzc.batches.queue"], f"{keep.__module__}.{keep.__name__}"
        if not any(job.func_name == name for job in get_queue(queue).jobs):
            timeout = int(tk.config["ckanext.lrtzc.batches.job_timeout"])
            tk.enqueue_job(keep, [], title="Versions", queue=queue, rq_kwargs={"timeout": timeout})
    _keep_house()


def keep() -> None:
    """Copy the versions that wait; safe to run at the same time as another."""
    after = ""
    # those that can't be copied yet go on waiting, and keep no other from its turn
    while found := _waiting(after):
        for resource_id in found:
            try:
                _keep_last(resource_id)
            except Exception:
                # Whatever one copy fails of, the others are made.
                model.Session.rollback()
                log.exception("The last version of the resource %s could not be copied", resource_id)
                _settle(resource_id, last_version(resource_id), State.FAILED)
        after = found[-1]


def _waiting(after: str) -> list[str]:
    """Give the next resources, in the order of their identifiers, of which a version waits to be copied."""
    wanted = Copy.state == State.WAITING.value, Copy.resource_id > after
    query = sa.select(Copy.resource_id).where(*wanted).distinct().order_by(Copy.resource_id).limit(_AT_ONCE)
    return list(model.Session.scalars(query))


def _keep_last(resource_id: str) -> None:
    number = last_version(resource_id)
    earlier = Copy.resource_id == resource_id, Copy.number < number, Copy.state == State.WAITING.value
    passed = sa.update(Copy).where(*earlier).values(state=State.PASSED.value)
    model.Session.execute(passed, execution_options=_SILENT)
    model.Session.commit()
    if under_way(resource_id):
        return
    rows = rows_number(resource_id)
    model.Session.commit()
    done = keep_copy(resource_id, number, int(tk.config["ckanext.lrtzc.versions.cells"]))
    if under_way(resource_id) or last_version(resource_id) != number:
        # rows of the next version may be among those that were read
        forget_copy(resource_id, number)
        model.Session.rollback()
        return
    if done is None:
        _settle(resource_id, number, State.NONE if rows is None else State.LARGE)
        return
    copy = Copy.get(resource_id, number, lock=True)
    if copy is None or copy.state != State.WAITING:
        model.Session.rollback()
        return
    copy.rows, copy.size = done
    copy.state, copy.made = State.KEPT.value, now()
    copy.open = open_to_all(copy.package_id, resource_id)
    before = Copy.get(resource_id, number - 1)
    if before is not None and before.state == State.KEPT:
        try:
            copy.added, copy.changed, copy.removed = compared(before, copy).counts()
        except NotKeptError:
            log.info("The version %s of the resource %s was erased meanwhile", before.number, resource_id)
    elif number == 1:
        copy.added, copy.changed, copy.removed = copy.rows, 0, 0
    model.Session.commit()
    _drop_old(resource_id)


def _settle(resource_id: str, number: int, state: State) -> None:
    mine = Copy.resource_id == resource_id, Copy.number <= number, Copy.state == State.WAITING.value
    model.Session.execute(sa.update(Copy).where(*mine).values(state=state.value), execution_options=_SILENT)
    model.Session.commit()


def _drop_old(resource_id: str) -> None:
    kept = sa.select(Copy).where(Copy.resource_id == resource_id, Copy.state == State.KEPT.value)
    for copy in list(model.Session.scalars(kept.order_by(Copy.number.desc()).offset(limit()))):
        forget_copy(resource_id, copy.number)
        copy.state, copy.size = State.DROPPED.value, None
    model.Session.commit()


def _keep_house() -> None:
    global _kept_house
    if time.monotonic() - _kept_house > _HOUSE_EVERY:
        forget_erased()
        begin()
        _kept_house = time.monotonic()


def begin() -> None:
    """Note the last version of each file to be copied that came before versions were; commits."""
    first = sa.func.row_number().over(partition_by=Version.resource_id, order_by=Version.number.desc())
    last = sa.select(
        Version.resource_id, Version.number, Version.package_id, Version.mode, first.label("nth")
    ).subquery()
    known = sa.exists().where(Copy.resource_id == last.c.resource_id)
    resource = sa.exists().where(model.Resource.id == last.c.resource_id, model.Resource.state == "active")
    wanted = (last.c.nth == 1, last.c.mode != FILES_MODE, resource, ~known)
    rows = sa.select(
        last.c.resource_id, last.c.number, last.c.package_id, sa.literal(State.WAITING.value), sa.false()
    ).where(*wanted)
    fields = ["resource_id", "number", "package_id", "state", "open"]
    session: Any = model.Session
    if limit() > 0:
        session.execute(insert(Copy).from_select(fields, rows).on_conflict_do_nothing())
    session.commit()


def forget_erased() -> None:
    """Remove the copies of datasets and files that are erased; commits."""
    resource = model.Resource
    there = sa.exists().where(resource.id == Copy.resource_id, resource.state == "active")
    gone = list(model.Session.scalars(sa.select(Copy.resource_id).where(~there).distinct()))
    for resource_id in gone:
        forget_copies(resource_id)
    model.Session.execute(sa.delete(Copy).where(Copy.resource_id.in_(gone)), execution_options=_SILENT)
    model.Session.commit()
