"""What checks said of batches, kept in their reports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

import ckan.model as model
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from .domain.states import State
from .model import Batch


def reports_of(resource_id: str, name: str, limit: int) -> list[dict[str, Any]]:
    """Give what a check said of the last batches of a resource, the newest first.

    :param name: the check's
    :returns: `id`, `name`, `state`, `created` of each batch that has been checked, and its `report`
    """
    query = (
        sa.select(Batch.id, Batch.name, Batch.state, Batch.created, Batch.report[name])
        .where(Batch.resource_id == resource_id, Batch.report.has_key(name))
        .order_by(Batch.created.desc())
        .limit(limit)
    )
    return [
        {"id": number, "name": title, "state": state, "created": created, "report": report}
        for number, title, state, created, report in model.Session.execute(query)
    ]


def last_reports(resource_ids: Collection[str], name: str, each: int) -> dict[str, list[dict[str, Any]]]:
    """Give what a check said of the last batches of several resources, by resource, the newest first, in one statement.

    :param name: the check's
    :param each: how many batches of each resource, at most
    """
    asked = sa.select(sa.func.unnest(sa.cast(list(resource_ids), ARRAY(sa.Text))).label("resource_id")).subquery()
    latest = (
        sa.select(Batch.id, Batch.created, Batch.report[name].label("report"))
        .where(Batch.resource_id == asked.c.resource_id, Batch.report.has_key(name))
        .order_by(Batch.created.desc())
        .limit(each)
        .lateral()
    )
    query = sa.select(asked.c.resource_id, latest).select_from(asked.join(latest, sa.true()))
    found: dict[str, list[dict[str, Any]]] = {}
    for row in model.Session.execute(query.order_by(latest.c.created.desc())):
        found.setdefault(row.resource_id, []).append({"id": row.id, "created": row.created, "report": row.report})
    return found


def stopped_since(since: dt.datetime, name: str, limit: int) -> list[dict[str, Any]]:
    """Give the batches that a check had put aside or refused since a moment, the oldest first.

    :param name: the check's
    :returns: `id`, `name`, `author`, `package_id`, `resource_id`, and what the check said: `report`
    """
    query = (
        sa.select(
            Batch.id, Batch.name, Batch.author, Batch.package_id, Batch.resource_id, Batch.report[name].label("report")
        )
        .where(
            Batch.state.in_([State.QUARANTINED.value, State.FAILED.value]),
            Batch.changed > since,
            Batch.report.has_key(name),
        )
        .order_by(Batch.changed, Batch.id)
        .limit(limit)
    )
    return [dict(row._mapping) for row in model.Session.execute(query)]
