"""Values of expressions, and how one becomes another (XPath 1.0, section 4; ODK's dates count days since 1970)."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

_EPOCH = dt.datetime(1970, 1, 1)


def single(value: Any) -> Any:
    """Give the first of a list, as XPath takes it where one value is asked for; empty where there is none."""
    if isinstance(value, list):
        return value[0] if value else ""
    return value


def as_text(value: Any) -> str:
    """Write a value as text: whole numbers without fraction, dates as ISO 8601."""
    value = single(value)
    match value:
        case bool():
            return "true" if value else "false"
        case float() | int():
            if math.isnan(value):
                return "NaN"
            if math.isinf(value):
                return "Infinity" if value > 0 else "-Infinity"
            return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))
        case dt.datetime():
            return value.isoformat(timespec="seconds")
        case dt.date() | dt.time():
            return value.isoformat()
        case _:
            return str(value)


def as_number(value: Any) -> float:
    """Read a value as a number; not a number where it is none. A date is the days since 1970."""
    value = single(value)
    match value:
        case bool():
            return 1.0 if value else 0.0
        case float() | int():
            return float(value)
        case dt.datetime():
            return (value.replace(tzinfo=None) - _EPOCH) / dt.timedelta(days=1)
        case dt.date():
            return float((value - _EPOCH.date()).days)
        case dt.time():
            return (value.hour * 3600 + value.minute * 60 + value.second) / 86400
        case _:
            return number_of(str(value))


def number_of(text: str) -> float:
    """Read a text as a number; an ISO date as its days since 1970; not a number where it is neither."""
    text = text.strip()
    try:
        if text and text.isascii() and not any(sign in text for sign in "_nN"):
            return float(text)
    except ValueError:
        pass
    day = date_of(text)
    return as_number(day) if day is not None else math.nan


def as_truth(value: Any) -> bool:
    """Say whether a value stands for yes: a text that isn't empty, a number that isn't zero."""
    if isinstance(value, list):
        return bool(value)
    match value:
        case bool():
            return value
        case float() | int():
            return value != 0 and not math.isnan(value)
        case str():
            return value != ""
        case _:
            return True


def date_of(value: Any) -> dt.date | dt.datetime | None:
    """Read a value as a date or an instant, from ISO 8601; None where it is neither."""
    value = single(value)
    if isinstance(value, dt.date):
        return value
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, int | float):
        try:
            return (_EPOCH + dt.timedelta(days=float(value))).date()
        except (OverflowError, ValueError):
            return None
    text = value.strip()
    try:
        return dt.date.fromisoformat(text) if len(text) <= 10 else dt.datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None


def equal(left: Any, right: Any) -> bool:
    """Compare two values as XPath does: any of a list, truths as truths, numbers as numbers, else texts."""
    if isinstance(left, list):
        return any(equal(each, right) for each in left)
    if isinstance(right, list):
        return any(equal(left, each) for each in right)
    if isinstance(left, bool) or isinstance(right, bool):
        return as_truth(left) == as_truth(right)
    numeric = (int, float, dt.date, dt.time)
    if isinstance(left, numeric) or isinstance(right, numeric):
        return as_number(left) == as_number(right)
    return as_text(left) == as_text(right)


def less(left: Any, right: Any) -> bool:
    """Say whether a value is less than another, both as numbers; false where one is none."""
    if isinstance(left, list):
        return any(less(each, right) for each in left)
    if isinstance(right, list):
        return any(less(left, each) for each in right)
    return as_number(left) < as_number(right)
