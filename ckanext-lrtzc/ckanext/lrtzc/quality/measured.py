"""What the rules of quality say of published data, for whoever may read all of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ckanext.lrtzc.access.api import Action, decide_many, decided, request_context
from ckanext.lrtzc.batches.api import published_reports
from ckanext.lrtzc.quality.check import NAME
from ckanext.lrtzc.quality.domain.rules import Kind


@dataclass(frozen=True)
class Measured:
    """What is said of a file's last data: shares are 0 to 1; `complete` and `newest` None where they weren't measured.

    `share` is that of rows that break no rule, `complete` that of cells that are filled, `newest` the newest date.
    """

    resource: dict[str, Any]
    at: dt.datetime
    rows: int
    share: float
    complete: float | None
    newest: dt.date | None


def measured(package: Mapping[str, Any], resource_id: str = "") -> list[Measured]:
    """Give what was measured of the files of a dataset, or of one of them, as far as whoever looks may take it whole.

    One statement where a file has rows, and one for the access decision where there is something to tell.

    :param package: the dataset as `package_show` gives it
    """
    files = [
        each
        for each in package.get("resources") or ()
        if each.get("datastore_active") and resource_id in ("", each["id"])
    ]
    reports = published_reports([each["id"] for each in files], NAME) if files else {}
    if not reports:
        return []
    decisions = decide_many(request_context(), [package["id"]], Action.TAKE)
    return [
        _told(each, reports[each["id"]])
        for each in files
        # shares tell of rows: they aren't for those from whom some are held back
        if each["id"] in reports and decided(decisions, package["id"], each["id"]).whole
    ]


def _told(resource: dict[str, Any], found: dict[str, Any]) -> Measured:
    report = found["report"]
    newest = [each["newest"] for each in report["rules"] if each["kind"] == Kind.FRESH and each.get("newest")]
    return Measured(
        resource,
        found["changed"],
        report["rows"],
        report["share"],
        report.get("complete", {}).get("share"),
        max(map(dt.date.fromisoformat, newest)) if newest else None,
    )
