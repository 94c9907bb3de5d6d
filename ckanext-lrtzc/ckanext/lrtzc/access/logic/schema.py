"""What the actions of access take."""

import datetime as dt
import json
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.logic.schema import validator_args

from ckanext.lrtzc.access.api import Action, Coarser
from ckanext.lrtzc.asking import name
from ckanext.lrtzc.clock import zone

AUDIENCES = ("everyone", "person", "organization", "group")
REASON_SIZE = 1000
PURPOSE_SIZE = 300
MOST_FILTERS = 50
MOST_COLUMNS = 5000
MOST_LISTED = 500
MOST_PASSED_OVER = 10**9


def _text(size: int) -> Any:
    def check(value: Any) -> str:
        text = value.strip() if isinstance(value, str) else ""
        if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
            raise tk.Invalid(tk._("This text holds characters that can't be kept."))
        if len(text) > size:
            raise tk.Invalid(tk._("This text is longer than {size} characters.").format(size=size))
        return text

    return check


def _one_of(choices: tuple[str, ...]) -> Any:
    def check(value: Any) -> str:
        if not isinstance(value, str) or value not in choices:
            raise tk.Invalid(tk._("One of these is expected: {choices}.").format(choices=", ".join(choices)))
        return value

    return check


def _whole(most: int) -> Any:
    def check(value: Any) -> int:
        text = str(value)
        if isinstance(value, bool) or not (text.isascii() and text.isdigit()) or len(text) > 10 or int(text) > most:
            raise tk.Invalid(tk._("A whole number up to {most} is expected.").format(most=most))
        return int(text)

    return check


def _json(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            raise tk.Invalid(tk._("This is not valid JSON.")) from None
    return value


def _names(value: Any) -> list[str] | None:
    """Accept a list of column names; nothing means all columns."""
    found = _json(value) if isinstance(value, str) and value.startswith("[") else value
    if found is None or found == "":
        return None
    if not isinstance(found, list) or len(found) > MOST_COLUMNS or not all(isinstance(name, str) for name in found):
        raise tk.Invalid(tk._("A list of column names is expected."))
    if not found:
        raise tk.Invalid(tk._("Choose at least one column."))
    return list(dict.fromkeys(found))


def _filters(value: Any) -> list[dict[str, Any]]:
    """Accept a list of {column, operator, values}, the values as one types them."""
    found = _json([] if value in (None, "") else value)
    if not isinstance(found, list) or len(found) > MOST_FILTERS:
        raise tk.Invalid(tk._("A list of at most {count} conditions is expected.").format(count=MOST_FILTERS))
    for item in found:
        values = item.get("values") if isinstance(item, dict) else None
        if (
            not isinstance(values, list)
            or not values
            or not all(isinstance(each, str) for each in [*values, item.get("column"), item.get("operator")])
        ):
            raise tk.Invalid(tk._("Each condition names a column, an operator and a list of values."))
    return [{"column": each["column"], "operator": each["operator"], "values": each["values"]} for each in found]


def _masks(value: Any) -> list[dict[str, Any]]:
    """Accept a list of {column, coarser, size}."""
    found = _json([] if value in (None, "") else value)
    if not isinstance(found, list) or len(found) > MOST_FILTERS:
        raise tk.Invalid(tk._("A list of at most {count} masks is expected.").format(count=MOST_FILTERS))
    kinds = {str(each) for each in Coarser}
    for item in found:
        size = item.get("size", 1) if isinstance(item, dict) else None
        if not isinstance(size, int) or isinstance(size, bool) or not 1 <= size <= 10**12:
            raise tk.Invalid(tk._("The size of a mask is a whole number from 1."))
        if not isinstance(item.get("column"), str) or item.get("coarser") not in kinds:
            raise tk.Invalid(tk._("A mask names a column and one of: {choices}.").format(choices=", ".join(kinds)))
    return [{"column": each["column"], "coarser": each["coarser"], "size": each.get("size", 1)} for each in found]


def _moment(value: Any) -> dt.datetime | None:
    """Accept a day (its first moment on the portal's clock), or a moment with its zone."""
    if value is None or value == "":
        return None
    if isinstance(value, dt.datetime):
        return value if value.tzinfo else value.replace(tzinfo=dt.UTC)
    try:
        moment = dt.datetime.fromisoformat(str(value).strip())
        # what can't be written in UTC can't be compared either
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone())).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise tk.Invalid(tk._("A day is expected, such as 2030-12-31.")) from None


@validator_args
def lrtzc_access_show(not_empty, default, natural_number_validator):
    """Take a dataset, and a page of its grants."""
    return {"id": [not_empty, name], "page": [default(1), natural_number_validator]}


@validator_args
def lrtzc_access_restrict(not_empty, ignore_missing, ignore_empty, default):
    """Take a dataset, one of its resources or none, and the reason that people will read."""
    return {
        "id": [not_empty, name],
        "resource_id": [ignore_missing, ignore_empty, name],
        "reason": [default(""), _text(REASON_SIZE)],
    }


@validator_args
def lrtzc_access_lift(not_empty, ignore_missing, ignore_empty):
    """Take a dataset, and one of its resources or none."""
    return {"id": [not_empty, name], "resource_id": [ignore_missing, ignore_empty, name]}


@validator_args
def lrtzc_access_grant(not_empty, ignore_missing, ignore_empty, default):
    """Take what is opened, to whom, from when until when, and why."""
    return {
        "id": [not_empty, name],
        "resource_id": [ignore_missing, ignore_empty, name],
        "audience": [not_empty, _one_of(AUDIENCES)],
        "audience_id": [ignore_missing, ignore_empty, name],
        "columns": [default(None), _names],
        "rows": [default([]), _filters],
        "masks": [default([]), _masks],
        "purpose": [default(""), _text(PURPOSE_SIZE)],
        "starts": [default(None), _moment],
        "ends": [default(None), _moment],
    }


@validator_args
def lrtzc_access_withdraw(not_empty):
    """Take a grant."""
    return {"id": [not_empty, name]}


@validator_args
def lrtzc_access_mine(default):
    """Take a page of what was opened: how many, after how many."""
    return {"limit": [default(50), _whole(MOST_LISTED)], "offset": [default(0), _whole(MOST_PASSED_OVER)]}


@validator_args
def lrtzc_access_decide(not_empty, ignore_missing, ignore_empty, default):
    """Take a dataset, one of its resources or none, what one wants to do and for which purpose."""
    return {
        "id": [not_empty, name],
        "resource_id": [ignore_missing, ignore_empty, name],
        "action": [default("read"), _one_of(tuple(str(action) for action in Action))],
        "purpose": [default(""), _text(PURPOSE_SIZE)],
    }
