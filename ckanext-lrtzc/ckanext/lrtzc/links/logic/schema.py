"""What the actions of links take."""

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.asking import name
from ckanext.lrtzc.links.domain.kinds import LinkKind, Way

PAGE = 100
"""Most links of a kind and way in an answer."""


def _one_of(*choices: str) -> Any:
    def check(value: Any) -> str:
        if value not in choices:
            raise tk.Invalid(tk._("One of these is expected: {choices}.").format(choices=", ".join(choices)))
        return value

    return check


def _whole(least: int, most: int) -> Any:
    def check(value: Any) -> int:
        try:
            number = int(value)
        except (TypeError, ValueError, OverflowError):
            number = least - 1
        if not least <= number <= most:
            raise tk.Invalid(tk._("A whole number from {least} to {most} is expected.").format(least=least, most=most))
        return number

    return check


def link_create() -> dict[str, Any]:
    """Both ends and the kind."""
    needed = tk.get_validator("not_empty")
    return {
        "kind": [needed, _one_of(*LinkKind)],
        "source_id": [needed, name],
        "target_id": [needed, name],
        "__extras": [tk.get_validator("ignore")],
    }


def link_list() -> dict[str, Any]:
    """Of which object, which of its links, and which page."""
    ignore, default = tk.get_validator("ignore_missing"), tk.get_validator("default")
    return {
        "id": [tk.get_validator("not_empty"), name],
        "kind": [ignore, _one_of(*LinkKind)],
        "way": [ignore, _one_of(*Way)],
        "limit": [default(PAGE), _whole(1, PAGE)],
        "offset": [default(0), _whole(0, 1_000_000)],
        "__extras": [tk.get_validator("ignore")],
    }


def of_object() -> dict[str, Any]:
    """Of which object."""
    return {"id": [tk.get_validator("not_empty"), name], "__extras": [tk.get_validator("ignore")]}


def duplicate() -> dict[str, Any]:
    """Of which object, for whom, under which title."""
    ignore, empty = tk.get_validator("ignore_missing"), tk.get_validator("ignore_empty")
    return {**of_object(), "owner_org": [ignore, empty, name], "title": [ignore, empty, name]}
