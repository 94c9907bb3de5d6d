"""Batches over all datasets that a person may change: by state, dataset, author and day, quick however many there are.

Only what is said of batches is listed, never rows of theirs: those are on a batch's own page, by the access decision.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from .domain.states import State
from .model import Batch

_FIELDS = (
    "id", "package_id", "resource_id", "author", "origin", "state", "name", "size", "rows_read", "rows_accepted",
    "rows_corrected", "rows_refused", "created", "changed", "held", "going",
)  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """Which batches; `author` is an account's identifier, `since` and `until` bound when they came (until excluded)."""

    state: str = ""
    package_id: str = ""
    author: str = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None


def _theirs(user: Any) -> sa.ColumnElement[bool]:
    """Say in SQL which batches are for datasets that a person (a row of CKAN's table) may change."""
    if user.sysadmin:
        return sa.true()
    asked = {"permission": "update_dataset"}
    found = tk.get_action("organization_list_for_user")({"user": user.name}, asked)
    package = model.Package
    own = sa.and_(package.owner_org.is_(None), package.creator_user_id == user.id)
    of_theirs = sa.or_(package.owner_org.in_([each["id"] for each in found]), own)
    return Batch.package_id.in_(sa.select(package.id).where(of_theirs, package.state != "deleted"))


def _conditions(user: Any, wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    found = [_theirs(user)]
    if wanted.package_id:
        found.append(Batch.package_id == wanted.package_id)
    if wanted.author:
        found.append(Batch.author == wanted.author)
    if wanted.since:
        found.append(Batch.created >= wanted.since)
    if wanted.until:
        found.append(Batch.created < wanted.until)
    return found


def page(user: Any, wanted: Wanted, limit: int, offset: int) -> dict[str, Any]:
    """Give a page of batches, the newest first, in three statements.

    :returns: `count`, `states` (how many in each, whatever state is wanted) and `results`, each with `dataset` (`name`,
        `title`), and nothing of its rows
    """
    conditions = _conditions(user, wanted)
    counted = sa.select(Batch.state, sa.func.count()).where(*conditions).group_by(Batch.state)
    states: dict[str, int] = dict(model.Session.execute(counted).tuples().all())
    if wanted.state:
        conditions.append(Batch.state == wanted.state)
    newest = (
        sa.select(*[getattr(Batch, name) for name in _FIELDS])
        .where(*conditions)
        .order_by(Batch.created.desc(), Batch.id)
        .limit(limit)
        .offset(offset)
        .subquery()
    )
    package = model.Package
    query = (
        sa.select(newest, package.name.label("package_name"), package.title.label("package_title"))
        .outerjoin(package, package.id == newest.c.package_id)
        .order_by(newest.c.created.desc(), newest.c.id)
    )
    return {
        "count": states.get(wanted.state, 0) if wanted.state else sum(states.values()),
        "states": states,
        "results": [_shown(dict(row)) for row in model.Session.execute(query).mappings()],
    }


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    name, title = row.pop("package_name"), row.pop("package_title")
    times = {key: row[key].isoformat() for key in ("created", "changed")}
    held, going = row.pop("held"), row.pop("going")
    waits = {"since": held.isoformat()} if row["state"] == State.CONFIRMED and held and not going else None
    return {**row, **times, "waits": waits, "dataset": {"name": name, "title": title or name} if name else None}
