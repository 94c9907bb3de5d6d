"""Trying a partner before it is harvested: whether it answers, as the kind it is said to be, and what would come."""

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.egress.api import EgressError, explain
from ckanext.lrtzc.partners.domain.kinds import KINDS
from ckanext.lrtzc.partners.domain.record import Page, Problem, Unreadable
from ckanext.lrtzc.partners.fetching import CHECK_LIMITS, Caller
from ckanext.lrtzc.partners.ground import ground_for
from ckanext.lrtzc.partners.importing import settle, understand

SHOWN = 20


def first_page(kind: str, address: str, options: Mapping[str, str]) -> Page:
    """Ask a partner for its first page.

    :raises ValidationError: on `address`, where it doesn't answer as a portal of its kind does.
    """
    try:
        return next(iter(KINDS[kind].pages(address, options, Caller(CHECK_LIMITS))), Page([]))
    except EgressError as err:
        raise tk.ValidationError({"address": [explain(err)]}) from err
    except Unreadable as err:
        raise tk.ValidationError({"address": [tk._(err.sentence) % err.params]}) from err


def check(kind: str, address: str, options: Mapping[str, str]) -> None:
    """Make sure that a partner answers as `kind`; where it answers as another kind, say which.

    :raises ValidationError: on `address`.
    """
    try:
        page = first_page(kind, address, options)
    except tk.ValidationError as err:
        other = _recognised(address, kind)
        if other:
            text = tk._("This address answers as another kind of portal: %(kind)s.") % {"kind": KINDS[other].label}
            raise tk.ValidationError({"kind": [text]}) from err
        raise
    if not page.records and not page.total:
        raise tk.ValidationError({"address": [tk._("The portal answers, but has no record to harvest.")]})


def _recognised(address: str, but: str) -> str:
    for name in KINDS:
        if name == but:
            continue
        try:
            page = next(iter(KINDS[name].pages(address, {}, Caller(CHECK_LIMITS))), None)
        except (EgressError, Unreadable):
            continue
        if page is not None and page.records:
            return name
    return ""


def preview(
    kind: str, address: str, options: Mapping[str, str], owner_org: str | None, licence: str, axis: str
) -> dict[str, Any]:
    """Give the first records of a partner as they would be here: see the action `partner_preview`."""
    page = first_page(kind, address, options)
    ground = ground_for(licence, axis)
    found = []
    for given in page.records[:SHOWN]:
        item = understand(given, KINDS[kind], ground)
        if owner_org:
            settle(item, owner_org)
        found.append(
            {
                "guid": given.guid,
                "title": item.dataset.get("title") or given.title,
                "dataset": {name: value for name, value in item.dataset.items() if name != "owner_org"},
                "problems": [_told(problem) for problem in item.problems],
                "refused": item.refused,
            }
        )
    return {"total": page.total, "records": found, "problems": [_told(problem) for problem in page.problems]}


def _told(problem: Problem) -> dict[str, Any]:
    return {"field": problem.field, "text": tk._(problem.sentence) % problem.params, "fatal": problem.fatal}
