"""What the actions accept."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.logic.schema import validator_args

from ckanext.lrtzc.asking import number_within
from ckanext.lrtzc.schedule import DAYS

from ..domain.coltypes import ColumnType
from ..domain.projections import usable
from ..domain.states import State
from ..domain.timing import LEAST, LONGEST, MOST, MOST_TIMES, Way
from ..loading.loader import Mode

TEXTS = {"label": 300, "notes": 4000, "unit": 60}
ENCODINGS = ("utf-8", "cp1252", "iso8859_15", "utf-16-le", "utf-16-be", "mac_roman", "cp850")


def _json(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError as error:
            raise tk.Invalid(tk._("This is not valid JSON.")) from error
    return value


def _column(given: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"name": given["name"]}
    if "type" in given:
        if given["type"] not in {kind.value for kind in ColumnType}:
            raise tk.Invalid(tk._("Unknown type of column."))
        found["type"] = given["type"]
    if "keep" in given:
        found["keep"] = tk.asbool(given["keep"])
    for key, size in TEXTS.items():
        if key in given:
            text = given[key] or ""
            if not isinstance(text, str) or len(text) > size:
                raise tk.Invalid(tk._("The texts of a column are too long."))
            found[key] = text.replace("\0", "").strip()
    return found


def column_list(value: Any) -> list[dict[str, Any]]:
    """Accept a list of {name, type, keep, label, notes, unit}, all but the name optional; as JSON too."""
    value = _json(value)
    if not isinstance(value, list) or not all(isinstance(c, dict) and isinstance(c.get("name"), str) for c in value):
        raise tk.Invalid(tk._("A list of columns is expected, each with a name."))
    return [_column(given) for given in value]


def table_settings(value: Any) -> dict[str, Any]:
    """Accept how to read the file: encoding, delimiter, header_line, sheet, path, entry, crs; as JSON too."""
    value = _json(value)
    if not isinstance(value, dict):
        raise tk.Invalid(tk._("An object is expected."))
    found: dict[str, Any] = {}
    for key in ("encoding", "delimiter", "sheet", "path", "entry"):
        text = value.get(key)
        if text not in (None, ""):
            if not isinstance(text, str) or len(text) > 500:
                raise tk.Invalid(tk._("A short text is expected."))
            found[key] = text
    if "delimiter" in found and (
        len(found["delimiter"]) != 1 or found["delimiter"] in '"\r\n' or ord(found["delimiter"]) > 126
    ):
        raise tk.Invalid(tk._("The delimiter is one character."))
    if "encoding" in found and found["encoding"] not in ENCODINGS:
        raise tk.Invalid(tk._("Unknown encoding."))
    for key in ("header_line", "crs"):
        if value.get(key) not in (None, ""):
            try:
                found[key] = int(value[key])
            except (TypeError, ValueError) as error:
                raise tk.Invalid(tk._("A whole number is expected.")) from error
    if "crs" in found and not usable(found["crs"]):
        raise tk.Invalid(tk._("Unknown system of coordinates."))
    return found


def name_list(value: Any) -> list[str]:
    """Accept names of columns as a list, as JSON or one by one."""
    value = _json(value) if isinstance(value, str) and value.startswith("[") else value
    value = [value] if isinstance(value, str) else value
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise tk.Invalid(tk._("A list of names is expected."))
    return [name for name in value if name]


@validator_args
def batch_create(
    not_missing,
    not_empty,
    unicode_safe,
    package_id_or_name_exists,
    ignore_missing,
    ignore_empty,
    boolean_validator,
    default,
    ignore,
) -> Any:
    """Give the schema of `batch_create`: a dataset, a file, and how to read it."""
    return {
        "package_id": [not_empty, unicode_safe, package_id_or_name_exists],
        "upload": [not_missing],
        "resource_id": [ignore_empty, unicode_safe],
        "name": [ignore_empty, unicode_safe],
        "unattended": [default(False), boolean_validator],
        "table": [ignore_missing, table_settings],
        "__extras": [ignore],
    }


@validator_args
def batch_show(not_empty, unicode_safe) -> Any:
    """Give the schema of actions that take a batch's identity alone."""
    return {"id": [not_empty, unicode_safe]}


batch_withdraw = batch_retry = batch_release = batch_show


@validator_args
def batch_list(not_empty, unicode_safe, default, natural_number_validator) -> Any:
    """Give the schema of `batch_list`: a dataset, and which of its batches."""
    return {
        "package_id": [not_empty, unicode_safe],
        "limit": [default(50), natural_number_validator],
        "offset": [default(0), natural_number_validator],
    }


def day(value: Any) -> dt.date:
    """Accept a day, as ISO 8601 writes it."""
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError as error:
        raise tk.Invalid(tk._("A day such as 2024-12-31 is expected.")) from error


@validator_args
def batch_search(ignore_empty, unicode_safe, one_of, default, natural_number_validator, ignore) -> Any:
    """Give the schema of `batch_search`: which batches, and which part of their list."""
    return {
        "state": [ignore_empty, unicode_safe, one_of([state.value for state in State])],
        "package_id": [ignore_empty, unicode_safe],
        "author": [ignore_empty, unicode_safe],
        "since": [ignore_empty, day],
        "until": [ignore_empty, day],
        "limit": [default(50), natural_number_validator],
        "offset": [default(0), natural_number_validator],
        "__extras": [ignore],
    }


@validator_args
def batch_reread(not_empty, unicode_safe, not_missing) -> Any:
    """Give the schema of `batch_reread`: a batch, and how to read its file."""
    return {"id": [not_empty, unicode_safe], "table": [not_missing, table_settings]}


@validator_args
def batch_confirm(not_empty, unicode_safe, ignore_missing, ignore_empty, one_of, boolean_validator, default) -> Any:
    """Give the schema of `batch_confirm`: a batch, and what a person decided of it."""
    return {
        "id": [not_empty, unicode_safe],
        "columns": [ignore_missing, column_list],
        "mode": [ignore_empty, one_of([mode.value for mode in Mode])],
        "key": [ignore_missing, name_list],
        "empty_bad_cells": [ignore_missing, boolean_validator],
        "use_geometry": [default(True), boolean_validator],
        "accept_changes": [default(False), boolean_validator],
    }


@validator_args
def batch_dictionary_update(not_empty, unicode_safe, not_missing) -> Any:
    """Give the schema of `batch_dictionary_update`: a resource, and the texts of its columns."""
    return {"resource_id": [not_empty, unicode_safe], "columns": [not_missing, column_list]}


_HOUR = re.compile(r"([01]?[0-9]|2[0-3])\s*(?:[:h]\s*([0-5][0-9])?)?", re.IGNORECASE | re.ASCII)


def hour_list(value: Any) -> list[str]:
    """Accept hours of the day as a list, as JSON or after commas, written `14:30`, `14 h 30` or `14`; gives `14:30`."""
    value = _json(value) if isinstance(value, str) and value.startswith("[") else value
    value = re.split("[,;\n]", value[:1000]) if isinstance(value, str) else value
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise tk.Invalid(tk._("Hours such as 02:00 are expected."))
    found = set()
    for each in filter(None, (" ".join(text.split()) for text in value)):
        if not (hour := _HOUR.fullmatch(each)):
            raise tk.Invalid(tk._("Hours such as 02:00 are expected."))
        found.add(f"{int(hour[1]):02}:{hour[2] or '00'}")
    if len(found) > MOST_TIMES:
        raise tk.Invalid(tk._("{most} hours of the day can be given at most.").format(most=MOST_TIMES))
    return sorted(found)


def day_list(value: Any) -> list[int]:
    """Accept days of the week, 1 (Monday) to 7, as a list, as JSON or one by one."""
    value = _json(value) if isinstance(value, str) and value.startswith("[") else value
    value = value if isinstance(value, list) else [value]
    within, found = number_within(min(DAYS), max(DAYS)), set()
    for each in value:
        if isinstance(each, (bool, float)):
            raise tk.Invalid(tk._("A whole number is expected."))
        found.add(within(each))
    return sorted(found)


@validator_args
def batch_timing_show(not_empty, unicode_safe) -> Any:
    """Give the schema of actions that take a resource alone."""
    return {"resource_id": [not_empty, unicode_safe]}


@validator_args
def batch_timing_update(not_empty, unicode_safe, one_of, ignore_missing, ignore_empty, ignore) -> Any:
    """Give the schema of `batch_timing_update`: a resource, and when its data goes in."""
    return {
        "resource_id": [not_empty, unicode_safe],
        "way": [not_empty, unicode_safe, one_of([way.value for way in Way])],
        "times": [ignore_missing, hour_list],
        "days": [ignore_missing, day_list],
        "number": [ignore_empty, number_within(LEAST, MOST)],
        "hours": [ignore_empty, number_within(0, LONGEST)],
        "revision": [ignore_missing, number_within(0, 2**31 - 1)],
        "__extras": [ignore],
    }
