"""The options that rooms declare with `editable: true`."""

from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.common import config_declaration
from ckan.config.declaration.option import Flag

from ckanext.lrtzc.settings.domain import as_text

_KINDS = {"boolean_validator": "bool", "convert_int": "int", "as_list": "list"}


@dataclass(frozen=True)
class Setting:
    """An option: its key, kind (`bool`, `int`, `list`, `line`), and what it is for, in English."""

    key: str
    kind: str
    description: str


def settings() -> Iterator[Setting]:
    """Give the editable options of the plug-ins that are on, CKAN's own left out."""
    for key in config_declaration.iter_options():
        option = config_declaration[key]
        if option.has_flag(Flag.editable) and str(key).startswith("ckanext."):
            kind = next((_KINDS[name] for name in option.get_validators().split() if name in _KINDS), "line")
            yield Setting(str(key), kind, option.description or "")


def say_no_in_words(config: MutableMapping[str, Any]) -> None:
    """Make a configured “no” or 0 of an editable option a text, which doesn't count as nothing."""
    for each in settings():
        value = config.get(each.key)
        if value is False or value == 0:
            config[each.key] = str(value).lower()


def check(kind: str) -> Callable[[object], str]:
    """Give a validator that keeps a value as text."""

    def kept(value: object) -> str:
        try:
            return as_text(kind, value)
        except ValueError as error:
            said = {
                "bool": tk._("Choose yes or no."),
                "int": tk._("Give a whole number, at most {most}.").format(most=tk.h.lrtzc_number(1_000_000)),
                "long": tk._("This is too long."),
                "line": tk._("This must be one line of text."),
            }
            raise tk.Invalid(said[str(error)]) from None

    return kept
