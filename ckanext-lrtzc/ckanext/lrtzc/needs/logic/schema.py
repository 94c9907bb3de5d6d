"""What the actions of needs take."""

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.moderation.api import fields as f
from ckanext.lrtzc.needs.domain.status import ANSWERS, Status
from ckanext.lrtzc.territory import get_territory

TITLE, WHY, COMMENT, REASON = 200, 5_000, 2_000, 500
"""Signs."""
ORDERS = ("supports", "latest", "title")


def _axis(value: Any) -> str:
    return f.one_of(("", *get_territory().axes_by_code))(value)


def _communes(value: Any) -> list[str]:
    given = [value] if isinstance(value, str) and value else value or []
    known = get_territory().communes_by_code
    if not isinstance(given, list) or not all(isinstance(each, str) and each in known for each in given):
        raise tk.Invalid(tk._("Codes of communes of the territory are expected."))
    return list(dict.fromkeys(given))


def create() -> dict[str, Any]:
    """Take a new need."""
    return {
        "title": f.needed(f.text(TITLE)),
        "why": f.needed(f.text(WHY, lines=True)),
        "axis": f.default("", _axis),
        "communes": f.default([], _communes),
        **f.rest(),
    }


def update() -> dict[str, Any]:
    """Take changes of a need: what isn't sent stays."""
    ignore = tk.get_validator("ignore_missing")
    return {
        "id": f.needed(f.name),
        "title": [ignore, f.text(TITLE)],
        "why": [ignore, f.text(WHY, lines=True)],
        "axis": [ignore, _axis],
        "communes": [ignore, _communes],
        **f.rest(),
    }


def one() -> dict[str, Any]:
    """Take which need, or which comment."""
    return {"id": f.needed(f.name), **f.rest()}


def support() -> dict[str, Any]:
    """Take which need to support, or no more."""
    return {"id": f.needed(f.name), "support": f.default(True, f.flag), **f.rest()}


def comment() -> dict[str, Any]:
    """Take what is said of which need."""
    return {"id": f.needed(f.name), "text": f.needed(f.text(COMMENT, lines=True)), **f.rest()}


def report() -> dict[str, Any]:
    """Take which comment is reported, and why."""
    return {"id": f.needed(f.name), "reason": f.needed(f.text(REASON)), **f.rest()}


def answer() -> dict[str, Any]:
    """Take what an organisation answers."""
    return {
        "id": f.needed(f.name),
        "organization": f.needed(f.name),
        "status": f.needed(f.one_of(ANSWERS)),
        "text": f.default("", f.text(WHY, lines=True, empty=True)),
        "object": f.optional(f.name),
        **f.rest(),
    }


def listed() -> dict[str, Any]:
    """Take which needs to list."""
    return {
        "q": f.default("", f.text(500, empty=True)),
        "axis": f.optional(f.name),
        "commune": f.optional(f.name),
        "status": f.optional(f.one_of(Status)),
        "sort": f.default("supports", f.one_of(ORDERS)),
        **f.paged(20),
    }
