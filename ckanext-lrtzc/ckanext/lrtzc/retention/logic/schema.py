"""What the actions of retention take."""

import datetime as dt
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.asking import name, number_within
from ckanext.lrtzc.retention.domain.due import Kind

REASON_SIZE = 500
MOST_DAYS = 36_525
MOST_WARNING = 366


def _kind(value: Any) -> str:
    if value not in [each.value for each in Kind]:
        raise tk.Invalid(tk._("Choose what is destroyed: the whole dataset, or old rows."))
    return value


def _day(value: Any) -> dt.date:
    try:
        day = dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise tk.Invalid(tk._("A day is expected, as 2030-12-31.")) from None
    if not 2000 <= day.year <= 2200:
        raise tk.Invalid(tk._("A day between 2000 and 2200 is expected."))
    return day


def _reason(value: Any) -> str:
    text = " ".join(value.split()) if isinstance(value, str) else ""
    if not text:
        raise tk.Invalid(tk._("Say why it is kept."))
    if len(text) > REASON_SIZE or not text.isprintable():
        raise tk.Invalid(tk._("A text of at most {most} signs is expected.").format(most=REASON_SIZE))
    return text


def _optional(*validators: Any) -> list[Any]:
    return [tk.get_validator("ignore_missing"), tk.get_validator("ignore_empty"), *validators]


def _ignore() -> dict[str, Any]:
    return {"__extras": [tk.get_validator("ignore")]}


def of_one() -> dict[str, Any]:
    """Which dataset, or which rule."""
    return {"id": [tk.get_validator("not_missing"), name], **_ignore()}


def rule() -> dict[str, Any]:
    """Say of which dataset, on what, and how long."""
    needed = tk.get_validator("not_missing")
    return {
        "id": [needed, name],
        "kind": [needed, _kind],
        "resource_id": _optional(name),
        "column": _optional(name),
        "emptied": _optional(name),
        "days": _optional(number_within(1, MOST_DAYS)),
        "on_day": _optional(_day),
        "warn_days": [tk.get_validator("default")(30), number_within(0, MOST_WARNING)],
        **_ignore(),
    }


def holding() -> dict[str, Any]:
    """Which rule, and why the data is kept."""
    return {**of_one(), "reason": [tk.get_validator("default")(""), _reason]}
