"""What the actions of transfers take."""

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.asking import name, number_within

MOST = 200
"""Objects offered or answered at once."""
REASON_SIZE = 500


def _names(value: Any) -> list[str]:
    given = [value] if isinstance(value, str) else value
    if not isinstance(given, list) or not given or len(given) > MOST:
        raise tk.Invalid(tk._("A list of 1 to {most} identifiers is expected.").format(most=MOST))
    return list(dict.fromkeys(name(each) for each in given))


def offer() -> dict[str, Any]:
    """Which objects, and to whom: `to` a person, or `organization`."""
    ignore = tk.get_validator("ignore_missing")
    empty = tk.get_validator("ignore_empty")
    return {
        "ids": [tk.get_validator("not_missing"), _names],
        "to": [ignore, empty, name],
        "organization": [ignore, empty, name],
        "__extras": [tk.get_validator("ignore")],
    }


def _reason(value: Any) -> str:
    text = " ".join(value.split()) if isinstance(value, str) else ""
    if not text:
        raise tk.Invalid(tk._("Say why: the new owner will read it."))
    if len(text) > REASON_SIZE or not text.isprintable():
        raise tk.Invalid(tk._("A text of at most {most} signs is expected.").format(most=REASON_SIZE))
    return text


def handing_over() -> dict[str, Any]:
    """Which objects, to whom, and why."""
    return {**offer(), "reason": [tk.get_validator("default")(""), _reason]}


def orphans() -> dict[str, Any]:
    """Which page of them."""
    default = tk.get_validator("default")
    return {
        "limit": [default(MOST), number_within(1, MOST)],
        "offset": [default(0), number_within(0, 1_000_000)],
        "__extras": [tk.get_validator("ignore")],
    }


def offers() -> dict[str, Any]:
    """Which offers."""
    return {"ids": [tk.get_validator("not_missing"), _names], "__extras": [tk.get_validator("ignore")]}
