"""What actions check of values, shared by the rooms whose things are moderated."""

import re
from collections.abc import Callable, Collection
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.asking import name

#: All but the spaces that keep a French sign beside its word.
_BLANKS = re.compile(r"[^\S\u00a0\u202f]+")
_LINES = re.compile(r"\r\n?")
# What PostgreSQL and XML can't hold; tab and line feed they can.
_UNSTORABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
Validator = Callable[[Any], Any]


def needed(*checks: Validator) -> list[Any]:
    """Check a field that must be there; of a form, one that isn't there is as one that is empty."""
    return [tk.get_validator("default")(""), *checks]


def optional(*checks: Validator) -> list[Any]:
    """Check a field that may lack or be empty."""
    return [tk.get_validator("ignore_missing"), tk.get_validator("ignore_empty"), *checks]


def default(value: Any, *checks: Validator) -> list[Any]:
    """Check a field that has a value where it lacks."""
    return [tk.get_validator("default")(value), *checks]


def text(most: int, *, lines: bool = False, empty: bool = False) -> Validator:
    """Take a text of at most `most` signs, cleaned of what can't be kept; several `lines`, or one."""

    def clean(value: Any) -> str:
        if not isinstance(value, str):
            raise tk.Invalid(tk._("A text is expected."))
        kept = _UNSTORABLE.sub("", _LINES.sub("\n", value)).strip()
        kept = kept if lines else _BLANKS.sub(" ", kept).strip()
        if not kept and not empty:
            raise tk.Invalid(tk._("This can't stay empty."))
        if len(kept) > most:
            raise tk.Invalid(tk._("{most} signs at most: shorten it.").format(most=most))
        return kept

    return clean


def names(most: int) -> Validator:
    """Take a list of 1 to `most` identifiers or names, each once; one alone may stand for its list."""

    def clean(value: Any) -> list[str]:
        given = [value] if isinstance(value, str) else value
        if not isinstance(given, list) or not 1 <= len(given) <= most:
            raise tk.Invalid(tk._("A list of 1 to {most} identifiers is expected.").format(most=most))
        return list(dict.fromkeys(name(each) for each in given))

    return clean


def one_of(choices: Collection[str]) -> Validator:
    """Take one of some words."""

    def among(value: Any) -> str:
        if not isinstance(value, str) or value not in [*choices]:
            raise tk.Invalid(tk._("One of these is expected: {choices}.").format(choices=", ".join(choices)))
        return value

    return among


def number(most: int) -> Validator:
    """Take a whole number from 0 to `most`."""

    def within(value: Any) -> int:
        try:
            given = int(value)
        except (TypeError, ValueError, OverflowError):
            raise tk.Invalid(tk._("A whole number is expected.")) from None
        if not 0 <= given <= most:
            raise tk.Invalid(tk._("A number from 0 to {most} is expected.").format(most=most))
        return given

    return within


def flag(value: Any) -> bool:
    """Take yes or no."""
    try:
        return tk.asbool(value)
    except ValueError:
        raise tk.Invalid(tk._("Yes or no is expected.")) from None


def paged(limit: int, most: int = 100) -> dict[str, Any]:
    """Check which part of a list is asked for."""
    return {"limit": default(limit, number(most)), "offset": default(0, number(1_000_000)), **rest()}


def rest() -> dict[str, Any]:
    """Leave out what else was sent."""
    return {"__extras": [tk.get_validator("ignore")]}
