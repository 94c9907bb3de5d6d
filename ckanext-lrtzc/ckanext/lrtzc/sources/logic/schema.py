"""What the actions accept."""

import json
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.logic.schema import validator_args

from ckanext.lrtzc.batches.api import formats
from ckanext.lrtzc.schedule import Schedule
from ckanext.lrtzc.sources.kinds import KINDS

MOST_TEXT = 20_000
MODES = ("replace", "append", "upsert")


def _json(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        raise tk.Invalid(tk._("This is not valid JSON.")) from None


def kind(value: Any) -> str:
    """Accept a kind of source."""
    if value not in KINDS:
        raise tk.Invalid(tk._("Choose a kind of source."))
    return str(value)


def texts(value: Any) -> dict[str, str]:
    """Accept settings: texts by name; as JSON too."""
    value = _json(value)
    if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
        raise tk.Invalid(tk._("An object is expected."))
    found = {name: "" if text is None else str(text) for name, text in value.items()}
    if any(len(text) > MOST_TEXT or "\0" in text for text in found.values()):
        raise tk.Invalid(tk._("This text is too long."))
    return found


def names(value: Any) -> list[str]:
    """Accept names of columns: a list, or a text with commas between."""
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",")]
    if not isinstance(value, list) or not all(isinstance(name, str) and len(name) <= 200 for name in value):
        raise tk.Invalid(tk._("A list of columns is expected."))
    return [name for name in value if name]


def short(value: Any) -> str:
    """Accept a text of a line."""
    text = " ".join(str(value).split())
    if len(text) > 200:
        raise tk.Invalid(tk._("This text is too long."))
    return text


def address(value: Any) -> str:
    """Accept an address, whose kind judges it later."""
    text = str(value).strip()
    if len(text) > 2000 or any(ord(letter) < 32 for letter in text):
        raise tk.Invalid(tk._("This text is too long."))
    return text


def between(least: int, most: int) -> Any:
    """Give what accepts whole numbers between two."""

    def check(value: Any) -> int:
        try:
            number = int(str(value).strip() or least)
        except ValueError:
            number = least - 1
        if not least <= number <= most:
            told = tk._("A whole number between {least} and {most} is expected.")
            raise tk.Invalid(told.format(least=least, most=most))
        return number

    return check


def _settings(ignore_missing: Any, boolean_validator: Any, one_of: Any, unicode_safe: Any) -> dict[str, Any]:
    return {
        "settings": [ignore_missing, texts],
        "resource_id": [ignore_missing, unicode_safe],
        "mode": [ignore_missing, one_of(MODES)],
        "key": [ignore_missing, names],
        "expected": [ignore_missing, one_of(["", *formats()])],
        "least": [ignore_missing, between(0, 10**12)],
        "most": [ignore_missing, between(0, 10**12)],
        "schedule": [ignore_missing, one_of([each.value for each in Schedule])],
        "silence_days": [ignore_missing, between(0, 3650)],
        "paused": [ignore_missing, boolean_validator],
        "check": [ignore_missing, boolean_validator],
    }


@validator_args
def create(
    not_empty: Any, ignore_missing: Any, boolean_validator: Any, one_of: Any, unicode_safe: Any
) -> dict[str, Any]:
    """Give what `lrtzc_source_create` accepts."""
    return {
        "package_id": [not_empty, unicode_safe],
        "title": [not_empty, short],
        "kind": [not_empty, kind],
        "address": [not_empty, address],
        **_settings(ignore_missing, boolean_validator, one_of, unicode_safe),
    }


@validator_args
def update(
    not_empty: Any, ignore_missing: Any, boolean_validator: Any, one_of: Any, unicode_safe: Any
) -> dict[str, Any]:
    """Give what `lrtzc_source_update` accepts."""
    return {
        "id": [not_empty, unicode_safe],
        "title": [ignore_missing, not_empty, short],
        "address": [ignore_missing, not_empty, address],
        **_settings(ignore_missing, boolean_validator, one_of, unicode_safe),
    }


@validator_args
def identity(not_empty: Any, unicode_safe: Any) -> dict[str, Any]:
    """Give what actions on one source or run accept."""
    return {"id": [not_empty, unicode_safe]}


@validator_args
def listing(ignore_missing: Any, unicode_safe: Any) -> dict[str, Any]:
    """Give what `lrtzc_source_list` accepts."""
    return {
        "package_id": [ignore_missing, unicode_safe],
        "offset": [ignore_missing, between(0, 1_000_000)],
        "limit": [ignore_missing, between(1, 1000)],
    }


@validator_args
def runs(not_empty: Any, ignore_missing: Any, unicode_safe: Any) -> dict[str, Any]:
    """Give what `lrtzc_source_run_list` accepts."""
    return {
        "id": [not_empty, unicode_safe],
        "offset": [ignore_missing, between(0, 1_000_000)],
        "limit": [ignore_missing, between(1, 1000)],
    }
