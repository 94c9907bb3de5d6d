"""What people reach together: rows of a public file, counted as everybody may see them."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.clock import local_day
from ckanext.lrtzc.explore.api import ReadingFailed, reading, select
from ckanext.lrtzc.reward.model import Challenge, now

log = logging.getLogger(__name__)

_ANYBODY: Any = {"user": "", "auth_user_obj": None}
# What says which rows, of an explorer's address; how they are shown doesn't matter.
_SHOWING = ("view", "sort", "column", "size", "page", "after", "before")


def selection_of(address: str) -> str:
    """Give which rows an address of the explorer shows (or its part after the question mark)."""
    asked = urlsplit(address.strip()).query or address.strip().lstrip("?")
    pairs = parse_qsl(asked, keep_blank_values=False)
    return urlencode([(name, value) for name, value in pairs if name not in _SHOWING and not name.startswith("chart")])


def today() -> dt.date:
    """Give the day, in the territory."""
    return local_day(now())


def rows_of(resource: dict[str, Any], selection: str) -> int:
    """Count the rows of a selection that everybody may read.

    :raises ValidationError: where there is no such table, selection or public data
    """
    try:
        found = select(dict(_ANYBODY), resource, parse_qsl(selection))
    except tk.NotAuthorized:
        raise tk.ValidationError({"resource": [tk._("Only what everybody may read can be counted.")]}) from None
    if found is None:
        raise tk.ValidationError({"resource": [tk._("This file has no table whose rows could be counted.")]})
    if found.problems:
        raise tk.ValidationError({"selection": [tk._("The explorer doesn't understand this selection.")]})
    with reading() as connection:
        return found.count(connection)[0]


def create(user: Any, data: dict[str, Any]) -> Challenge:
    """Begin a challenge. Not committed.

    :raises ValidationError: where it can't be counted
    """
    resource = _resource(data["resource"])
    if data["ends"] < today():
        raise tk.ValidationError({"ends": [tk._("This day is over.")]})
    chosen = selection_of(data["selection"])
    try:
        there = rows_of(resource, chosen)
    except ReadingFailed:
        raise tk.ValidationError({"resource": [tk._("The table can't be read now. Try again later.")]}) from None
    begun = Challenge(
        title=data["title"],
        why=data["why"],
        package_id=resource["package_id"],
        resource_id=resource["id"],
        selection=chosen,
        target=data["target"],
        before=0 if data["from_nothing"] else there,
        reached=there if data["from_nothing"] else 0,
        ends=data["ends"],
        counted=now(),
        created_by=user.id,
    )
    model.Session.add(begun)
    model.Session.flush()
    return begun


def _resource(resource_id: str) -> dict[str, Any]:
    try:
        return tk.get_action("resource_show")(dict(_ANYBODY), {"id": resource_id})
    except (tk.ObjectNotFound, tk.NotAuthorized, tk.ValidationError):
        raise tk.ValidationError({"resource": [tk._("There is no such public file.")]}) from None


def under_way() -> list[Challenge]:
    """Give the challenges that go on, those that end first first."""
    return list(model.Session.scalars(sa.select(Challenge).where(Challenge.ends >= today()).order_by(Challenge.ends)))


def count_all() -> int:
    """Count what was reached in the challenges that go on; commits. Give how many changed.

    What can't be counted now keeps what it had.
    """
    changed = 0
    for one in under_way():
        try:
            rows = rows_of(_resource(one.resource_id), one.selection)
        except (tk.ValidationError, ReadingFailed):
            log.info("the challenge %s can't be counted now", one.id)
            continue
        reached = max(0, rows - one.before)
        if reached != one.reached:
            one.reached, one.counted = reached, now()
            changed += 1
    model.Session.commit()
    return changed


def described(limit: int) -> list[dict[str, Any]]:
    """Give challenges whose dataset everybody sees, those under way first, then what ended last."""
    package, day = model.Package, today()
    over = Challenge.ends < day
    query = (
        sa.select(Challenge, package.name, package.title)
        .join(package, package.id == Challenge.package_id)
        .where(package.state == "active", package.private.is_(False))
        .order_by(over, sa.case((over, None), else_=Challenge.ends), Challenge.ends.desc(), Challenge.id)
        .limit(limit)
    )
    return [
        {
            "id": one.id,
            "title": one.title,
            "why": one.why,
            "dataset": {"id": one.package_id, "name": name, "title": title or name},
            "resource": one.resource_id,
            "selection": one.selection,
            "target": one.target,
            "reached": one.reached,
            "percent": min(100, 100 * one.reached // one.target),
            "begins": one.begins.isoformat(),
            "ends": one.ends.isoformat(),
            "over": one.ends < day,
            "counted": one.counted.isoformat() if one.counted else None,
        }
        for one, name, title in model.Session.execute(query).tuples()
    ]
