"""What validators have in common: how a rule becomes one, and what it says."""

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.objects.domain.errors import BadValueError

Key = tuple[Any, ...]
Data = dict[Key, Any]
Errors = dict[Key, list[str]]
STATES = ("draft", "active", "deleted")


def say(error: BadValueError) -> str:
    """Give the message of a refused value in the reader's language."""
    return tk._(error.message).format(**error.params)


def clean(rule: Callable[[str], str]) -> Callable[[Any], str]:
    """Make a validator of a text from a rule that cleans it, or refuses it by `BadValueError`."""

    def validator(value: Any) -> str:
        if isinstance(value, bool | int | float):
            value = str(value)
        if not isinstance(value, str):
            raise tk.Invalid(tk._("A text is expected here."))
        try:
            return rule(value)
        except BadValueError as error:
            raise tk.Invalid(say(error)) from None

    return validator


def clean_each(rule: Callable[[str], str]) -> Callable[[Any], list[str]]:
    """Make a validator of several texts from a rule for one; each is kept once, empty ones aren't."""
    one = clean(rule)

    def validator(value: Any) -> list[str]:
        return list(dict.fromkeys(item for item in (one(item) for item in value) if item))

    return validator


def state_of(data: Data, context: Any) -> str:
    """Give the state that an object will have: the one that is sent, else its own."""
    given = data.get(("state",))
    if given in STATES:
        return given
    package = context.get("package")
    return package.state if package is not None else "active"


def absent(data: Data, key: Key) -> bool:
    """Say whether a field wasn't sent."""
    value = data.get(key)
    return value is tk.missing or value is None
