"""The functions that expressions may call (ODK XForms specification, “XPath functions”)."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

from .values import as_number, as_text, as_truth, date_of, equal, less, number_of, single

MANY = 60
"""Arguments of a function, at most."""
LONGEST_TEXT = 100_000
"""Characters of a text that is put together, at most."""


@dataclass(frozen=True)
class Moment:
    """When an answer is judged: the same instant for all of it, in the territory's time."""

    now: dt.datetime


@dataclass(frozen=True)
class Function:
    """How many arguments it takes, at least and at most, and what it does with them."""

    least: int
    most: int
    work: Callable[..., Any]


def _flat(values: tuple[Any, ...]) -> list[Any]:
    return [each for value in values for each in (value if isinstance(value, list) else [value])]


def _numbers(values: tuple[Any, ...]) -> list[float]:
    return [as_number(each) for each in _flat(values) if each != ""]


def _bounded(text: str) -> str:
    return text[:LONGEST_TEXT]


def _round(value: Any, digits: Any = 0.0) -> float:
    number, places = as_number(value), as_number(digits)
    if not math.isfinite(number) or not math.isfinite(places):
        return math.nan
    scale = 10.0 ** max(-15, min(15, int(places)))
    shifted = number * scale + 0.5
    return math.floor(shifted) / scale if math.isfinite(shifted) else number


def _whole(work: Callable[[float], float]) -> Callable[[Any], float]:
    def done(value: Any) -> float:
        number = as_number(value)
        return float(work(number)) if math.isfinite(number) else math.nan

    return done


def _safe(work: Callable[..., float]) -> Callable[..., float]:
    def done(*values: Any) -> float:
        try:
            return float(work(*map(as_number, values)))
        except (ValueError, OverflowError, ZeroDivisionError):
            return math.nan

    return done


def matches(text: str, pattern: str) -> bool:
    """Say whether a whole text follows a pattern, in a time that grows with its length only (no going back).

    :raises ValueError: where the pattern can't be read, or needs going back
    """
    try:
        return bool(pl.Series([text], dtype=pl.String).str.contains(f"^(?:{pattern})$", strict=True)[0])
    except pl.exceptions.PolarsError as error:
        raise ValueError(str(error)) from error


def _regex(value: Any, pattern: Any) -> bool:
    try:
        return matches(as_text(value), as_text(pattern))
    except ValueError:
        return False


def _words(value: Any) -> list[str]:
    return as_text(value).split()


def _selected_at(value: Any, place: Any) -> str:
    found, number = _words(value), as_number(place)
    return found[int(number)] if math.isfinite(number) and 0 <= number < len(found) else ""


def _substr(value: Any, start: Any, end: Any = math.inf) -> str:
    text, first, last = as_text(value), as_number(start), as_number(end)
    if math.isnan(first) or math.isnan(last):
        return ""
    begin = int(first) if first >= 0 else max(len(text) + int(first), 0)
    stop = len(text) if last > len(text) else int(last) if last >= 0 else max(len(text) + int(last), 0)
    return text[begin:stop]


def _translate(value: Any, old: Any, new: Any) -> str:
    to = as_text(new)
    table = {ord(sign): to[place] if place < len(to) else None for place, sign in reversed([*enumerate(as_text(old))])}
    return as_text(value).translate(table)


def _date(value: Any) -> Any:
    found = date_of(value)
    return (found.date() if isinstance(found, dt.datetime) else found) if found is not None else ""


def _instant(value: Any) -> Any:
    found = date_of(value)
    if found is None:
        return ""
    return found if isinstance(found, dt.datetime) else dt.datetime.combine(found, dt.time())


_FORMATS: dict[str, Callable[[dt.datetime], str]] = {
    "%Y": lambda at: f"{at.year:04}",
    "%y": lambda at: f"{at.year % 100:02}",
    "%m": lambda at: f"{at.month:02}",
    "%n": lambda at: str(at.month),
    "%d": lambda at: f"{at.day:02}",
    "%e": lambda at: str(at.day),
    "%H": lambda at: f"{at.hour:02}",
    "%h": lambda at: str(at.hour),
    "%M": lambda at: f"{at.minute:02}",
    "%S": lambda at: f"{at.second:02}",
    "%3": lambda at: f"{at.microsecond // 1000:03}",
}


def _format_date(value: Any, form: Any) -> str:
    at = _instant(value)
    if at == "":
        return ""
    return re.sub("%[A-Za-z0-9]", lambda found: _FORMATS.get(found.group(), lambda _at: "")(at), as_text(form))


def _join(separator: Any, *values: Any) -> str:
    return _bounded(as_text(separator).join(as_text(each) for each in _flat(values)))


def _coalesce(first: Any, second: Any) -> Any:
    return first if as_text(first) != "" else second


def _count(values: Any) -> float:
    found = values if isinstance(values, list) else [values]
    return float(sum(1 for each in found if each != ""))


def _checklist(least: Any, most: Any, *values: Any) -> bool:
    found, low, high = sum(as_truth(each) for each in _flat(values)), as_number(least), as_number(most)
    return (low < 0 or found >= low) and (high < 0 or found <= high)


def _sum(*values: Any) -> float:
    return math.fsum(_numbers(values)) if all(map(math.isfinite, _numbers(values))) else math.nan


def _minus(left: Any, right: Any) -> float:
    return as_number(left) - as_number(right)


def _divide(left: Any, right: Any) -> float:
    top, bottom = as_number(left), as_number(right)
    if bottom == 0:
        return math.nan if top == 0 or math.isnan(top) else math.copysign(math.inf, top)
    return top / bottom


OPERATORS: dict[str, Callable[..., Any]] = {
    "=": equal,
    "!=": lambda left, right: not equal(left, right),
    "<": less,
    ">": lambda left, right: less(right, left),
    "<=": lambda left, right: as_number(left) <= as_number(right),
    ">=": lambda left, right: as_number(left) >= as_number(right),
    "+": lambda left, right: as_number(left) + as_number(right),
    "-": _minus,
    "*": _safe(lambda left, right: left * right),
    "div": _divide,
    "mod": _safe(math.fmod),
    "negative": lambda value: -as_number(value),
}

FUNCTIONS: dict[str, Function] = {
    "true": Function(0, 0, lambda: True),
    "false": Function(0, 0, lambda: False),
    "not": Function(1, 1, lambda value: not as_truth(value)),
    "boolean": Function(1, 1, as_truth),
    "boolean-from-string": Function(1, 1, lambda value: as_text(value) in ("true", "1")),
    "number": Function(1, 1, as_number),
    "int": Function(1, 1, _whole(math.trunc)),
    "string": Function(1, 1, as_text),
    "round": Function(1, 2, _round),
    "floor": Function(1, 1, _whole(math.floor)),
    "ceiling": Function(1, 1, _whole(math.ceil)),
    "abs": Function(1, 1, _safe(math.fabs)),
    "pow": Function(2, 2, _safe(math.pow)),
    "sqrt": Function(1, 1, _safe(math.sqrt)),
    "exp": Function(1, 1, _safe(math.exp)),
    "log": Function(1, 1, _safe(math.log)),
    "log10": Function(1, 1, _safe(math.log10)),
    "sin": Function(1, 1, _safe(math.sin)),
    "cos": Function(1, 1, _safe(math.cos)),
    "tan": Function(1, 1, _safe(math.tan)),
    "pi": Function(0, 0, lambda: math.pi),
    "sum": Function(1, MANY, _sum),
    "min": Function(1, MANY, lambda *values: min(_numbers(values), default=math.nan)),
    "max": Function(1, MANY, lambda *values: max(_numbers(values), default=math.nan)),
    "count": Function(1, 1, _count),
    "count-non-empty": Function(1, 1, _count),
    "concat": Function(1, MANY, lambda *values: _bounded("".join(as_text(each) for each in _flat(values)))),
    "join": Function(2, MANY, _join),
    "string-length": Function(1, 1, lambda value: float(len(as_text(value)))),
    "contains": Function(2, 2, lambda value, part: as_text(part) in as_text(value)),
    "starts-with": Function(2, 2, lambda value, part: as_text(value).startswith(as_text(part))),
    "ends-with": Function(2, 2, lambda value, part: as_text(value).endswith(as_text(part))),
    "substr": Function(2, 3, _substr),
    "substring-before": Function(
        2, 2, lambda value, part: as_text(value).partition(as_text(part))[0] if as_text(part) in as_text(value) else ""
    ),
    "substring-after": Function(2, 2, lambda value, part: as_text(value).partition(as_text(part))[2]),
    "normalize-space": Function(1, 1, lambda value: " ".join(as_text(value).split())),
    "translate": Function(3, 3, _translate),
    "regex": Function(2, 2, _regex),
    "selected": Function(2, 2, lambda value, name: as_text(name).strip() in _words(value)),
    "selected-at": Function(2, 2, _selected_at),
    "count-selected": Function(1, 1, lambda value: float(len(_words(value)))),
    "coalesce": Function(2, 2, _coalesce),
    "checklist": Function(3, MANY, _checklist),
    "date": Function(1, 1, _date),
    "date-time": Function(1, 1, _instant),
    "decimal-date-time": Function(1, 1, lambda value: as_number(_instant(value))),
    "format-date": Function(2, 2, _format_date),
    "format-date-time": Function(2, 2, _format_date),
    "once": Function(1, 1, lambda value: single(value)),
}

#: Functions whose value depends on where they are asked, or that don't need all their arguments.
SPECIAL: dict[str, tuple[int, int]] = {
    "if": (3, 3),
    "today": (0, 0),
    "now": (0, 0),
    "position": (0, 0),
    "jr:choice-name": (2, 2),
    "pulldata": (4, 4),
}


def bounds(name: str) -> tuple[int, int] | None:
    """Give how many arguments a function takes, at least and at most; None where it isn't known."""
    if name in SPECIAL:
        return SPECIAL[name]
    found = FUNCTIONS.get(name)
    return (found.least, found.most) if found is not None else None


__all__ = ["FUNCTIONS", "OPERATORS", "SPECIAL", "Function", "Moment", "bounds", "matches", "number_of"]
