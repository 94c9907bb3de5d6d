"""The catalogue of rules: what each kind asks of columns, what it is told, and what its failure may do."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import polars as pl

MOST_VALUES = 1_000
LONGEST_VALUE = 300
LONGEST_PATTERN = 500
MOST_DAYS = 36_500
MOST_RULES = 100
"""Rules of one file."""
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Kind(StrEnum):
    """What a rule asks."""

    REQUIRED = "required"
    UNIQUE = "unique"
    TYPE = "type"
    FORMAT = "format"
    RANGE = "range"
    LENGTH = "length"
    PATTERN = "pattern"
    VALUES = "values"
    REFERENCE = "reference"
    COMPARE = "compare"
    OUTLIERS = "outliers"
    FRESH = "fresh"
    PLACED = "placed"
    TERRITORY = "territory"
    OVERLAP = "overlap"
    GAP = "gap"


class Type(StrEnum):
    """The types of columns; values are what the DataStore calls them."""

    TEXT = "text"
    INTEGER = "int8"
    DECIMAL = "numeric"
    FLOAT = "float8"
    BOOLEAN = "bool"
    DATE = "date"
    TIMESTAMP = "timestamp"


class Failure(StrEnum):
    """What a row that breaks a rule, or a batch that breaks it too often, undergoes."""

    REFUSE_ROW = "refuse_row"
    REPLACE = "replace"
    FLAG = "flag"
    REFUSE_BATCH = "refuse_batch"


class Format(StrEnum):
    """Ways of writing that `Kind.FORMAT` knows."""

    EMAIL = "email"
    URI = "uri"
    UUID = "uuid"
    INSEE = "insee"
    POSTAL = "postal"
    SIREN = "siren"
    SIRET = "siret"


class Method(StrEnum):
    """How `Kind.OUTLIERS` tells extreme values.

    `iqr`: more than `factor` interquartile ranges beyond the quartiles (Tukey, Exploratory Data Analysis, 1977);
    `zscore`: more than `factor` standard deviations from the mean; `robust`: a modified z-score above `factor`
    (Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993).
    """

    IQR = "iqr"
    ZSCORE = "zscore"
    ROBUST = "robust"


class Operator(StrEnum):
    """How `Kind.COMPARE` has the first column stand to the second."""

    LT = "lt"
    LE = "le"
    EQ = "eq"
    NE = "ne"
    GE = "ge"
    GT = "gt"


@dataclass(frozen=True)
class Asks:
    """What a kind needs: how many columns (fewest, most), the names of its parameters, what failure may do."""

    columns: tuple[int, int]
    params: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = (Failure.REFUSE_ROW, Failure.REPLACE, Failure.FLAG, Failure.REFUSE_BATCH)


_ROWS = (Failure.REFUSE_ROW, Failure.FLAG, Failure.REFUSE_BATCH)
_ONE = (1, 1)

CATALOGUE: Mapping[Kind, Asks] = {
    Kind.REQUIRED: Asks(_ONE),
    Kind.UNIQUE: Asks((0, 20), (), _ROWS),
    Kind.TYPE: Asks(_ONE, ("type",)),
    Kind.FORMAT: Asks(_ONE, ("format",)),
    Kind.RANGE: Asks(_ONE, ("minimum", "maximum")),
    Kind.LENGTH: Asks(_ONE, ("minimum", "maximum")),
    Kind.PATTERN: Asks(_ONE, ("pattern",)),
    Kind.VALUES: Asks(_ONE, ("values",)),
    Kind.REFERENCE: Asks(_ONE, ("resource", "column")),
    Kind.COMPARE: Asks((2, 2), ("operator",), _ROWS),
    Kind.OUTLIERS: Asks(_ONE, ("method", "factor")),
    Kind.FRESH: Asks(_ONE, ("days",), (Failure.FLAG, Failure.REFUSE_BATCH)),
    Kind.PLACED: Asks((0, 0), (), _ROWS),
    Kind.TERRITORY: Asks((0, 0), (), _ROWS),
    Kind.OVERLAP: Asks((0, 0), ("tolerance",), _ROWS),
    Kind.GAP: Asks((0, 0), ("tolerance",), (Failure.FLAG, Failure.REFUSE_BATCH)),
}

FACTORS: Mapping[Method, float] = {Method.IQR: 3.0, Method.ZSCORE: 4.0, Method.ROBUST: 3.5}


class RuleError(ValueError):
    """A rule can't be kept: `field` names what is wrong of it, `code` says why (see `wording`)."""

    def __init__(self, field: str, code: str):
        self.field, self.code = field, code
        super().__init__(f"{field}: {code}")


@dataclass(frozen=True)
class Rule:
    """A rule on columns of a table.

    `params` are as the kind's entry of `CATALOGUE` names them; with `Failure.REPLACE`, `replacement` is the standard
    value too (empty: none). `least` is the share of rows, 0 to 1, that must keep the rule (`Failure.REFUSE_BATCH`).
    """

    kind: Kind
    columns: tuple[str, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])
    failure: Failure = Failure.FLAG
    least: float = 1.0
    id: str = ""


def rule_of(given: Mapping[str, Any]) -> Rule:
    """Make a rule of what was asked: kind, columns, params, failure, least; all checked and normalised.

    :raises RuleError: where it isn't a rule of the catalogue
    """
    kind = _member(Kind, given.get("kind"), "kind")
    asks = CATALOGUE[kind]
    columns = tuple(dict.fromkeys(_storable(str(name), "columns") for name in _listed(given.get("columns"), "columns")))
    if not asks.columns[0] <= len(columns) <= asks.columns[1]:
        raise RuleError("columns", "columns_number")
    failure = _member(Failure, given.get("failure") or Failure.FLAG, "failure")
    if failure not in asks.failures:
        raise RuleError("failure", "failure_not_for_kind")
    asked = given.get("params") or {}
    if not isinstance(asked, Mapping):
        raise RuleError("params", "missing")
    params: dict[str, Any] = {name: _PARAMS[kind, name](asked.get(name)) for name in asks.params}
    if kind in (Kind.RANGE, Kind.LENGTH):
        params = _bounds(params)
    if failure is Failure.REPLACE:
        params["replacement"] = _text(asked.get("replacement"), "replacement", empty=True)
    return Rule(kind, columns, params, failure, _share(given.get("least", 1.0)), str(given.get("id") or ""))


def _listed(value: Any, name: str) -> list[Any]:
    if value is not None and not isinstance(value, list | tuple):
        raise RuleError(name, "missing")
    return list(value or ())


def _member(kinds: Any, value: Any, name: str) -> Any:
    try:
        return kinds(value)
    except ValueError:
        raise RuleError(name, "unknown") from None


def _share(value: Any) -> float:
    number = _number(value if value not in (None, "") else 1.0, "least")
    if not 0 <= number <= 1:
        raise RuleError("least", "not_a_share")
    return exact_share(number)


def exact_share(share: float) -> float:
    """Give a share as it was meant: 99.9 / 100 is a little more than 0.999.

    >>> exact_share(99.9 / 100)
    0.999
    """
    return round(share, 9)


def reaches(part: int, whole: int, share: float) -> bool:
    """Say whether a part of a whole is a share of it, 0 to 1, at least.

    >>> reaches(55, 100, 0.55), reaches(999, 1000, 0.999), reaches(998, 1000, 0.999)
    (True, True, False)
    """
    # A share such as 2/3 is known to nine decimals.
    return not whole or round(part / whole, 9) >= exact_share(share)


def _number(value: Any, name: str) -> float:
    try:
        number = float(str(value).replace(",", "."))
    except ValueError:
        raise RuleError(name, "not_a_number") from None
    if number != number or abs(number) == float("inf"):
        raise RuleError(name, "not_a_number")
    return number


def _storable(text: str, name: str) -> str:
    """Give a text without the null character; half a character pair can't be kept."""
    text = text.replace("\0", "")
    if _UNSTORABLE.search(text):
        raise RuleError(name, "bad_text")
    return text


def _text(value: Any, name: str, *, empty: bool = False) -> str:
    text = _storable("" if value is None else str(value), name).strip()
    if not text and not empty:
        raise RuleError(name, "missing")
    if len(text) > LONGEST_VALUE:
        raise RuleError(name, "too_long")
    return text


def _bound(value: Any, name: str) -> str | None:
    """Give a bound as text: a number with a dot, or a day or moment as ISO 8601; None where there is none."""
    text = _text(value, name, empty=True)
    if not text:
        return None
    if moment_of(text) is not None:
        return text
    number = _number(text.replace("\u202f", "").replace("\u00a0", "").replace(" ", ""), name)
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def moment_of(text: str) -> dt.datetime | None:
    """Read a day or a moment written as ISO 8601; None where it is none."""
    if not re.match(r"\d{4}-\d\d-\d\d", text):
        return None
    try:
        return dt.datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None


def _bounds(params: dict[str, Any]) -> dict[str, Any]:
    low, high = params["minimum"], params["maximum"]
    if low is None and high is None:
        raise RuleError("minimum", "missing")
    if low is not None and high is not None:
        if (moment_of(str(low)) is None) != (moment_of(str(high)) is None):
            raise RuleError("maximum", "bounds_of_two_kinds")
        first, last = moment_of(str(low)) or float(low), moment_of(str(high)) or float(high)
        if first > last:  # type: ignore[operator]  # both are moments, or both numbers
            raise RuleError("maximum", "bounds_crossed")
    return params


def _size(value: Any, name: str) -> int | None:
    if value in (None, ""):
        return None
    number = _number(value, name)
    if not number.is_integer() or not 0 <= number <= 1_000_000:
        raise RuleError(name, "not_a_size")
    return int(number)


def _pattern(value: Any) -> str:
    """Accept a pattern that the engine compiles.

    The engine is Rust's `regex`, whose time is linear in the length of the text: no pattern runs away. What would need
    going back (references to groups, looking around) it doesn't compile, nor what grows beyond its bound in memory.
    """
    text = _storable(value, "pattern") if isinstance(value, str) else _text(value, "pattern")
    if not text:
        raise RuleError("pattern", "missing")
    if len(text) > LONGEST_PATTERN:
        raise RuleError("pattern", "too_long")
    try:
        for tried in (text, whole(text)):
            pl.Series(["a"]).str.contains(tried, strict=True)
    except pl.exceptions.PolarsError:
        raise RuleError("pattern", "bad_pattern") from None
    return text


def whole(pattern: str) -> str:
    """Have a pattern meet the whole value, as Table Schema's `pattern` does."""
    return rf"\A(?:{pattern})\z"


def _values(value: Any) -> list[str]:
    given = value.splitlines() if isinstance(value, str) else _listed(value, "values")
    found = list(dict.fromkeys(text for each in given if (text := _text(each, "values", empty=True))))
    if not found:
        raise RuleError("values", "missing")
    if len(found) > MOST_VALUES:
        raise RuleError("values", "too_many_values")
    return found


def _factor(value: Any) -> float | None:
    if value in (None, ""):
        return None
    number = _number(value, "factor")
    if not 0 < number <= 1000:
        raise RuleError("factor", "not_a_number")
    return number


def _tolerance(value: Any) -> float | None:
    if value in (None, ""):
        return None
    number = _number(value, "tolerance")
    if not 0 <= number <= 1e12:
        raise RuleError("tolerance", "not_a_number")
    return number


def _days(value: Any) -> int:
    number = _size(value, "days")
    if not number or number > MOST_DAYS:
        raise RuleError("days", "not_a_size")
    return number


_PARAMS: dict[tuple[Kind, str], Any] = {
    (Kind.TYPE, "type"): lambda value: _member(Type, value, "type").value,
    (Kind.FORMAT, "format"): lambda value: _member(Format, value, "format").value,
    (Kind.RANGE, "minimum"): lambda value: _bound(value, "minimum"),
    (Kind.RANGE, "maximum"): lambda value: _bound(value, "maximum"),
    (Kind.LENGTH, "minimum"): lambda value: _size(value, "minimum"),
    (Kind.LENGTH, "maximum"): lambda value: _size(value, "maximum"),
    (Kind.PATTERN, "pattern"): _pattern,
    (Kind.VALUES, "values"): _values,
    (Kind.REFERENCE, "resource"): lambda value: _text(value, "resource"),
    (Kind.REFERENCE, "column"): lambda value: _text(value, "column"),
    (Kind.COMPARE, "operator"): lambda value: _member(Operator, value, "operator").value,
    (Kind.OUTLIERS, "method"): lambda value: _member(Method, value, "method").value,
    (Kind.OUTLIERS, "factor"): _factor,
    (Kind.FRESH, "days"): _days,
    (Kind.OVERLAP, "tolerance"): _tolerance,
    (Kind.GAP, "tolerance"): _tolerance,
}
