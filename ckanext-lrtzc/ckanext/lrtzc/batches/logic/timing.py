"""Saying when the data sent for a resource goes in, and having what waits go in at once."""

from __future__ import annotations

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.logic import validate
from ckan.types import Context, DataDict

from ckanext.lrtzc.ledger.api import record
from ckanext.lrtzc.schedule import DAYS

from .. import timing
from ..domain.timing import Way
from . import schema


def _timing(resource_id: str) -> dict[str, Any]:
    kept, found = timing.Timing.of_resource(resource_id), timing.waiting(resource_id)
    shown: dict[str, Any] = {"way": Way.ARRIVAL.value, "times": [], "days": [], "number": 0, "hours": 0, "revision": 0}
    if kept is not None:
        shown = {name: getattr(kept, name) for name in shown}
    batches = timing.batches_waiting(resource_id)
    return {
        "resource_id": resource_id,
        **shown,
        "count": found[0].count if found else 0,
        "batches": [
            {
                "id": batch.id,
                "name": batch.name,
                "created": batch.created.isoformat(),
                "since": batch.held.isoformat() if batch.held else "",
                "at": at.isoformat() if found and (at := found[0].goes_at(batch)) else None,
            }
            for batch in batches
        ],
    }


@tk.side_effect_free
@validate(schema.batch_timing_show)
def batch_timing_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Give when the data sent for a resource goes in, and what waits for that.

    :param resource_id: the resource's id
    :returns: `way` and what belongs to it, as for `batch_timing_update`; `revision`, which grows with each change;
        `count` of batches that wait, and the first 100 `batches` in the order of their arrival, each with `id`, `name`,
        `created`, `since` when it waits, and `at` what moment it goes in (none where that depends on others)
    """
    tk.check_access("batch_timing_show", context, data_dict)
    return _timing(data_dict["resource_id"])


@validate(schema.batch_timing_update)
def batch_timing_update(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Say when the data sent for a resource goes in; what waits already goes by what is said now.

    Whatever is said, data is checked on arrival, and goes in only once moderators accepted it where they are asked.

    :param resource_id: the resource's id
    :param way: `arrival` (as soon as it may), `hours` (at given hours) or `number` (when enough batches wait)
    :param times: of `hours`: hours such as `02:00`, in the portal's time zone, 24 at most; as a list or after commas
    :param days: of `hours`: days of the week from 1 (Monday) to 7; all of them unless told
    :param number: of `number`: how many batches are waited for, 2 to 10,000
    :param hours: of `number`: the first waits no longer than so many hours, 1 to 8,784; 0, the default, for no bound
    :param revision: that which one has seen; refused where others have changed it since
    :returns: as `batch_timing_show`
    """
    tk.check_access("batch_timing_update", context, data_dict)
    resource_id, said = data_dict["resource_id"], _said(data_dict)
    # what is first said of a resource has no row to lock yet
    lock = sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(f"timing {resource_id}", 0))
    model.Session.execute(sa.select(lock))
    kept = timing.Timing.of_resource(resource_id, lock=True)
    revision = kept.revision if kept else 0
    if data_dict.get("revision", revision) != revision:
        model.Session.rollback()
        raise tk.ValidationError({"way": [tk._("Somebody has changed this meanwhile. Look again.")]})
    if kept is None:
        kept = timing.Timing(resource_id=resource_id, way=Way.ARRIVAL.value, times=[], days=[], number=0, hours=0)
        kept.revision = 0
        model.Session.add(kept)
    if said == {name: getattr(kept, name) for name in said}:
        # what is said again has been said since it was first
        model.Session.rollback()
        return _timing(resource_id)
    for name, value in said.items():
        setattr(kept, name, value)
    kept.revision, kept.changed = revision + 1, timing.now()
    record("resource.timing", object_type="resource", object_id=resource_id, details=said)
    model.Session.commit()
    timing.look(resource_id)
    return _timing(resource_id)


def _said(data_dict: dict[str, Any]) -> dict[str, Any]:
    """Give what is kept of a setting: what belongs to its way, nothing of the others. Raises ValidationError."""
    way, said = Way(data_dict["way"]), {"times": [], "days": [], "number": 0, "hours": 0}
    if way is Way.HOURS:
        said |= {"times": data_dict.get("times") or [], "days": data_dict.get("days", list(DAYS))}
        if not said["times"]:
            raise tk.ValidationError({"times": [tk._("Give one hour at least, such as 02:00.")]})
        if not said["days"]:
            raise tk.ValidationError({"days": [tk._("Choose one day at least.")]})
    if way is Way.NUMBER:
        if not data_dict.get("number"):
            raise tk.ValidationError({"number": [tk._("Say how many files are waited for.")]})
        said |= {"number": data_dict["number"], "hours": data_dict.get("hours") or 0}
    return {"way": way.value, **said}


@validate(schema.batch_timing_show)
def batch_waiting_integrate(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Have all that waits for the hour or the number of a resource go in now, one after the other as it came.

    :param resource_id: the resource's id
    :returns: as `batch_timing_show`, with `gone`: how many batches go in
    """
    tk.check_access("batch_waiting_integrate", context, data_dict)
    resource_id = data_dict["resource_id"]
    gone = timing.let_go(resource_id)
    if gone:
        record("resource.integrate_now", object_type="resource", object_id=resource_id, details={"batches": gone})
    model.Session.commit()
    timing.start(resource_id)
    return {**_timing(resource_id), "gone": gone}
