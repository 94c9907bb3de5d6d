"""What the actions of versions take."""

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.asking import name, number_within

MOST = 200
_LAST = 2**31 - 1


def _paging() -> dict[str, Any]:
    default = tk.get_validator("default")
    return {"limit": [default(50), number_within(0, MOST)], "offset": [default(0), number_within(0, _LAST)]}


def of_one() -> dict[str, Any]:
    """Which resource."""
    return {"id": [tk.get_validator("not_missing"), name], "__extras": [tk.get_validator("ignore")]}


def listing() -> dict[str, Any]:
    """Which resource, and which of its versions."""
    return {**of_one(), **_paging()}


def shown() -> dict[str, Any]:
    """Which version, and which of its rows."""
    return {**listing(), "number": [tk.get_validator("not_missing"), number_within(1, _LAST)]}


def comparing() -> dict[str, Any]:
    """Which two versions, and which of the rows that differ."""
    needed, number = tk.get_validator("not_missing"), number_within(1, _LAST)
    kinds = tk.get_validator("one_of")(["added", "changed", "removed"])
    return {
        **listing(),
        "before": [needed, number],
        "after": [needed, number],
        "of": [tk.get_validator("default")("changed"), kinds],
    }
