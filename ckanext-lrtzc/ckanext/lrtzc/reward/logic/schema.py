"""What the actions of points take."""

import datetime as dt
import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.asking import name, number_within
from ckanext.lrtzc.objects.api import is_storable
from ckanext.lrtzc.reward import rules
from ckanext.lrtzc.reward.domain.levels import LEVELS
from ckanext.lrtzc.reward.domain.points import MOST, MOST_MONTHLY

PERIODS = ("month", "ever")
_LONGEST = 200
MOST_REASON = 500


def rest() -> dict[str, Any]:
    """Leave out what else was sent."""
    return {"__extras": [tk.get_validator("ignore")]}


def paged(most: int = 100) -> dict[str, Any]:
    """Which part of a list."""
    default = tk.get_validator("default")
    return {
        "limit": [default(20), number_within(0, most)],
        "offset": [default(0), number_within(0, 1_000_000)],
        **rest(),
    }


def _pseudonym(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise tk.Invalid(tk._("A pseudonym is expected."))
    return value


def flag(value: Any) -> bool:
    """Take yes or no."""
    try:
        return tk.asbool(value)
    except ValueError:
        raise tk.Invalid(tk._("Yes or no is expected.")) from None


def joining() -> dict[str, Any]:
    """By which name, and whether to be on boards."""
    default = tk.get_validator("default")
    return {"pseudonym": [default(""), _pseudonym], "listed": [default(False), flag], **rest()}


def _reason(value: Any) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if not text or len(text) > MOST_REASON or not is_storable(text):
        raise tk.Invalid(tk._("A reason of {most} signs at most is expected.").format(most=MOST_REASON))
    return text


def named() -> dict[str, Any]:
    """Which pseudonym."""
    return {"pseudonym": [tk.get_validator("default")(""), _pseudonym], **rest()}


def taking_down() -> dict[str, Any]:
    """Which pseudonym, and why."""
    return {"reason": [tk.get_validator("default")(""), _reason], **named()}


def _period(value: Any) -> str:
    if value not in PERIODS:
        raise tk.Invalid(tk._("One of these is expected: {choices}.").format(choices=", ".join(PERIODS)))
    return value


def board() -> dict[str, Any]:
    """Which board, and which part of it."""
    return {"period": [tk.get_validator("default")("month"), _period], **paged()}


def _deeds(value: Any) -> dict[str, dict[str, int]]:
    if not isinstance(value, Mapping) or set(value) - set(rules.deeds()):
        raise tk.Invalid(tk._("Points by kind of deed are expected."))
    points, daily = number_within(0, MOST), number_within(0, MOST_MONTHLY)
    found = {}
    for deed, each in value.items():
        if not isinstance(each, Mapping) or set(each) - {"points", "daily"}:
            raise tk.Invalid(tk._("Points by kind of deed are expected."))
        found[deed] = {}
        for field, check in (("points", points), ("daily", daily)):
            if field not in each:
                continue
            try:
                found[deed][field] = check(each[field])
            except tk.Invalid as refused:
                titled = rules.deeds()[deed].title()
                raise tk.Invalid(tk._("{deed}: {fault}").format(deed=titled, fault=refused.error)) from None
    return found


def _levels(value: Any) -> list[int]:
    if not isinstance(value, list) or len(value) != LEVELS:
        raise tk.Invalid(tk._("Points of {n} levels are expected.").format(n=LEVELS))
    check = number_within(1, 1_000_000_000)
    given = [check(each) for each in value]
    if any(one >= other for one, other in pairwise(given)):
        raise tk.Invalid(tk._("Each level needs more points than the one before."))
    return given


def updating() -> dict[str, Any]:
    """Which of the rules to change: what isn't sent stays."""
    ignore = tk.get_validator("ignore_missing")
    return {
        "deeds": [ignore, _deeds],
        "monthly": [ignore, number_within(0, MOST_MONTHLY)],
        "levels": [ignore, _levels],
        "candidates": [ignore, number_within(1, LEVELS)],
        **rest(),
    }


def offering() -> dict[str, Any]:
    """Whether to offer oneself."""
    return {"offer": [tk.get_validator("default")(True), flag], **rest()}


def _text(most: int, *, needed: bool) -> Any:
    def clean(value: Any) -> str:
        text = " ".join(value.split()) if isinstance(value, str) and is_storable(value) else ""
        if not text and (needed or value):
            raise tk.Invalid(tk._("This can't stay empty."))
        if len(text) > most:
            raise tk.Invalid(tk._("{most} signs at most: shorten it.").format(most=most))
        return text

    return clean


def _day(value: Any) -> dt.date:
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        raise tk.Invalid(tk._("A day is expected, as 2027-03-31.")) from None


def _file(value: Any) -> str:
    """Take the identifier of a file, or the address of its page or of its explorer."""
    found = re.search(r"/resource/([^/?#\s]+)", value[:2_000]) if isinstance(value, str) else None
    try:
        return name(found[1] if found else value)
    except tk.Invalid:
        raise tk.Invalid(tk._("The address of a file's page is expected.")) from None


def challenging() -> dict[str, Any]:
    """Which challenge to begin."""
    default = tk.get_validator("default")
    return {
        "title": [default(""), _text(120, needed=True)],
        "why": [default(""), _text(500, needed=False)],
        "resource": [default(""), _file],
        "selection": [default(""), _text(2_000, needed=False)],
        "target": [default(""), number_within(1, 10_000_000)],
        "ends": [default(""), _day],
        "from_nothing": [default(False), flag],
        **rest(),
    }


def of_one() -> dict[str, Any]:
    """Which challenge."""
    return {"id": [tk.get_validator("not_missing"), name], **rest()}


def listing() -> dict[str, Any]:
    """How many challenges."""
    return {"limit": [tk.get_validator("default")(20), number_within(0, 100)], **rest()}
