"""What the actions of validation take."""

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.asking import NAME_SIZE
from ckanext.lrtzc.moderation.api import AtEnd, Rule, fields, people, share

LONGEST = 365


def _days(value: Any) -> int:
    try:
        days = int(str(value).strip())
    except ValueError:
        days = 0
    if not 1 <= days <= LONGEST:
        raise tk.Invalid(tk._("A number of days from 1 to {most} is expected, or nothing.").format(most=LONGEST))
    return days


def _somebody(value: Any) -> list[str]:
    found = people(value)
    if not found:
        raise tk.Invalid(tk._("Name one person at least."))
    return found


def dataset() -> dict[str, Any]:
    """Which dataset."""
    return {"id": fields.needed(fields.name), **fields.rest()}


def target() -> dict[str, Any]:
    """All of a dataset, or one of its files."""
    return {"resource_id": fields.default("", fields.text(NAME_SIZE, empty=True)), **dataset()}


def demand() -> dict[str, Any]:
    """Which batches people decide on, who, by which rule, until when."""
    return {
        **target(),
        "every": fields.default(True, fields.flag),
        "moderators": fields.default([], _somebody),
        "rule": fields.default(Rule.ONE.value, fields.one_of(Rule)),
        "share": fields.optional(share),
        "days": fields.optional(_days),
        "remind": fields.optional(_days),
        "at_end": fields.default(AtEnd.WAIT.value, fields.one_of(AtEnd)),
        "digest": fields.default(False, fields.flag),
    }


def batch() -> dict[str, Any]:
    """Which batch."""
    return {"id": fields.needed(fields.name), **fields.rest()}
