"""How the files stand that have rules of quality: what the rules said of the last data, and of the data before."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.access.api import Action, decide_many, decided
from ckanext.lrtzc.batches.api import last_reports
from ckanext.lrtzc.quality.check import NAME
from ckanext.lrtzc.quality.model import Kept, Threshold

_SHOWN = 5
STOPPED = ("quarantined", "refused")


def files_of(user: Any) -> list[dict[str, Any]]:
    """Give the files with rules that a person may change, those of all for an administrator; what is amiss comes first.

    Four statements, however many files there are.

    :param user: a row of CKAN's table
    :returns: of each `dataset`, `title`, `type`, `resource_id`, `name`, number of `rules`, `minimum` asked for or None,
        `last` and `before`: what the rules said of its last two batches (`id`, `created`, `report`) or None; and
        `trend`, by how much the share of good rows changed, or None
    """
    found = _files(user)
    reports = last_reports([row.id for row in found], NAME, 2)
    context: Any = {"user": user.name, "auth_user_obj": user}
    decisions = decide_many(context, {row.package_id for row in found}, Action.TAKE)
    files = [
        _told(row, reports.get(row.id, []))
        for row in found
        # shares tell of rows: they aren't for those from whom some are held back
        if decided(decisions, row.package_id, row.id).whole
    ]
    return sorted(files, key=_urgency)


def _files(user: Any) -> Collection[Any]:
    package, resource = model.Package, model.Resource
    kept = sa.select(Kept.resource_id, sa.func.count().label("rules")).group_by(Kept.resource_id).subquery()
    judged = sa.select(Kept.resource_id).union(sa.select(Threshold.resource_id)).subquery()
    query = (
        sa.select(
            resource.id,
            resource.name.label("resource_name"),
            resource.format,
            package.id.label("package_id"),
            package.name,
            package.title,
            package.type,
            sa.func.coalesce(kept.c.rules, 0).label("rules"),
            Threshold.minimum,
        )
        .select_from(judged)
        .join(resource, resource.id == judged.c.resource_id)
        .join(package, package.id == resource.package_id)
        .outerjoin(kept, kept.c.resource_id == resource.id)
        .outerjoin(Threshold, Threshold.resource_id == resource.id)
        .where(resource.state == "active", package.state == "active")
    )
    if not user.sysadmin:
        organisations = tk.get_action("organization_list_for_user")(
            {"user": user.name}, {"permission": "update_dataset"}
        )
        query = query.where(
            sa.or_(
                package.owner_org.in_([each["id"] for each in organisations]),
                sa.and_(package.owner_org.is_(None), package.creator_user_id == user.id),
            )
        )
    return model.Session.execute(query).all()


def _told(row: Any, reports: list[dict[str, Any]]) -> dict[str, Any]:
    last, before = (*reports, None, None)[:2]
    return {
        "dataset": row.name,
        "title": row.title or row.name,
        "type": row.type,
        "resource_id": row.id,
        "name": row.resource_name or row.format or "",
        "rules": row.rules,
        "minimum": row.minimum,
        "last": last,
        "before": before,
        "trend": last["report"]["share"] - before["report"]["share"] if last and before else None,
    }


def is_stopped(file: dict[str, Any]) -> bool:
    """Say whether the last data of a file, as `files_of` gives it, was put aside or refused by its rules."""
    return bool(file["last"]) and file["last"]["report"]["verdict"] in STOPPED


def _urgency(file: dict[str, Any]) -> tuple[bool, float, str, str]:
    """Put what was stopped first, then the fewest good rows; what was never judged comes last."""
    report = file["last"]["report"] if file["last"] else None
    return not is_stopped(file), report["share"] if report else 2.0, file["title"].lower(), file["resource_id"]


def block(user: Any) -> list[dict[str, Any]] | None:
    """Give the first of a person's files for their space, None where they have none with rules."""
    return files_of(user)[:_SHOWN] or None
