"""Expressions over columns, computed on whole columns at once; nothing in them runs code or loops.

They are written as the conditions and calculations of forms are (`${column}`, numbers, texts in quotes,
`+ - * div mod`, comparisons, `and or`, functions), and a column whose name is one word may be written bare.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from ckanext.lrtzc.forms.api import Call, Column, Current, Expression, ExpressionError, Literal, Ref, parse, walk

_MANY = 50
#: Functions, with how many arguments each takes, at least and at most.
FUNCTIONS: Mapping[str, tuple[int, int]] = {
    "if": (3, 3), "coalesce": (1, _MANY), "concat": (1, _MANY), "lower": (1, 1), "upper": (1, 1), "trim": (1, 1),
    "length": (1, 1), "substr": (2, 3), "replace": (3, 3), "contains": (2, 2), "starts-with": (2, 2),
    "ends-with": (2, 2), "round": (1, 2), "floor": (1, 1), "ceiling": (1, 1), "abs": (1, 1), "sqrt": (1, 1),
    "pow": (2, 2), "min": (1, _MANY), "max": (1, _MANY), "number": (1, 1), "year": (1, 1), "month": (1, 1),
    "day": (1, 1), "not": (1, 1),
}  # fmt: skip


class FormulaError(ValueError):
    """An expression can't be read or computed: `code` says why, `found` the part at fault."""

    def __init__(self, code: str, found: str = ""):
        self.code, self.found = code, found
        super().__init__(f"{code}: {found}")


def read(text: str) -> Expression:
    """Read an expression over columns. Raises FormulaError."""
    try:
        found = parse(text, FUNCTIONS.get)
    except ExpressionError as error:
        raise FormulaError(error.code, error.found) from error
    if any(isinstance(part, Current) for part in walk(found)):
        raise FormulaError("unexpected", ".")
    return found


def columns_of(expression: Expression) -> list[str]:
    """Give the names of the columns that an expression reads, each as often as it does."""
    return [part.name for part in walk(expression) if isinstance(part, (Ref, Column))]


@dataclass(frozen=True)
class Value:
    """A column of values while it is computed: `values` is String, Float64 or Boolean."""

    values: pl.Series

    @property
    def is_number(self) -> bool:
        """Say whether these are numbers by themselves, not by how they are written."""
        return self.values.dtype == pl.Float64


class Formula:
    """An expression made ready for the chunks of one table."""

    def __init__(
        self,
        expression: Expression,
        numbers: Callable[[pl.Series], pl.Series],
        days: Callable[[pl.Series], pl.Series],
    ):
        self._expression, self._numbers, self._days = expression, numbers, days

    def compute(self, data: pl.DataFrame) -> pl.Series:
        """Give the value of each row as text; null where a part is missing or can't be read."""
        return written(self._value(self._expression, data).values)

    def _value(self, expression: Expression, data: pl.DataFrame) -> Value:
        match expression:
            case Literal(value):
                kind = pl.Float64 if isinstance(value, float) else pl.String
                return Value(pl.repeat(value, len(data), dtype=kind, eager=True))
            case Ref(name) | Column(name):
                return Value(data[name])
            case Call(name, arguments):
                return Value(self._call(name, [self._value(each, data) for each in arguments]))
            case _:
                raise FormulaError("unexpected", ".")

    def _number(self, value: Value) -> pl.Series:
        if value.is_number:
            return value.values
        if value.values.dtype == pl.Boolean:
            return value.values.cast(pl.Float64)
        return self._numbers(value.values)

    def _truth(self, value: Value) -> pl.Series:
        if value.values.dtype == pl.Boolean:
            return value.values.fill_null(value=False)
        if value.is_number:
            return (value.values != 0).fill_null(value=False)
        return (value.values != "").fill_null(value=False)

    def _call(self, name: str, given: list[Value]) -> pl.Series:
        if name in _ARITHMETIC:
            return _finite(_ARITHMETIC[name](*(self._number(each) for each in given)))
        if name in ("=", "!="):
            return self._same(*given) if name == "=" else ~self._same(*given)
        if name in _ORDER:
            return _ORDER[name](*(self._number(each) for each in given))
        if name in _TEXTS:
            return _TEXTS[name](*(written(each.values) for each in given))
        match name:
            case "and" | "or":
                one, other = (self._truth(each) for each in given)
                return one & other if name == "and" else one | other
            case "not":
                return ~self._truth(given[0])
            case "if":
                return self._choice(self._truth(given[0]), given[1], given[2])
            case "coalesce":
                found = given[0]
                for each in given[1:]:
                    found = Value(self._choice(found.values.is_not_null(), found, each))
                return found.values
            case "concat":
                texts = [written(each.values).fill_null("") for each in given]
                return pl.DataFrame({str(at): text for at, text in enumerate(texts)}).select(pl.concat_str(pl.all()))[
                    :, 0
                ]
            case "substr" | "round":
                return self._placed(name, given)
            case "min" | "max":
                table = pl.DataFrame({str(at): self._number(each) for at, each in enumerate(given)})
                return table.select((pl.min_horizontal if name == "min" else pl.max_horizontal)(pl.all()))[:, 0]
            case "year" | "month" | "day":
                start, size = {"year": (0, 4), "month": (5, 2), "day": (8, 2)}[name]
                return self._days(written(given[0].values)).str.slice(start, size).cast(pl.Float64, strict=False)
            case _:
                raise FormulaError("unknown_function", name)

    def _placed(self, name: str, given: list[Value]) -> pl.Series:
        """Cut texts and round numbers at a place, which is the same for all rows: that of the first."""
        places = [_whole(self._number(each)) for each in given[1:]]
        if name == "round":
            return self._number(given[0]).round(min(max(places[0], 0), 12) if places else 0)
        start = max(places[0] - 1, 0)
        return written(given[0].values).str.slice(start, max(places[1], 0) if len(places) > 1 else None)

    def _choice(self, when: pl.Series, yes: Value, no: Value) -> pl.Series:
        if yes.values.dtype == no.values.dtype:
            return yes.values.zip_with(when, no.values)
        return written(yes.values).zip_with(when, written(no.values))

    def _same(self, one: Value, other: Value) -> pl.Series:
        if one.is_number or other.is_number:
            return (self._number(one) == self._number(other)).fill_null(value=False)
        return written(one.values).eq_missing(written(other.values))


def _whole(values: pl.Series) -> int:
    first: Any = values.first() if len(values) else None
    return int(first) if first is not None and abs(first) < 1e9 else 0


def _finite(values: pl.Series) -> pl.Series:
    return values.zip_with(values.is_finite().fill_null(value=False), pl.Series([None], dtype=pl.Float64))


def written(values: pl.Series) -> pl.Series:
    """Write values as a file would: whole numbers without a point, others with 15 figures; empty texts are nothing."""
    if values.dtype == pl.Boolean:
        return pl.Series(values.name, ["false", "true"]).gather(values.cast(pl.UInt32))
    if values.dtype == pl.Float64:
        rounded = _finite(values).round_sig_figs(15)
        whole = (rounded == rounded.floor()) & (rounded.abs() < 1e15)
        integers = rounded.zip_with(whole.fill_null(value=False), pl.Series([None], dtype=pl.Float64)).cast(pl.Int64)
        return integers.cast(pl.String).zip_with(whole.fill_null(value=False), rounded.cast(pl.String))
    return values.zip_with((values != "").fill_null(value=False), pl.Series([None], dtype=pl.String))


_ARITHMETIC: dict[str, Callable[..., pl.Series]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "mod": lambda a, b: a % b,
    "negative": lambda a: -a,
    "floor": lambda a: a.floor(),
    "ceiling": lambda a: a.ceil(),
    "abs": lambda a: a.abs(),
    "sqrt": lambda a: a.sqrt(),
    "pow": lambda a, b: pl.DataFrame({"a": a, "b": b}).select(pl.col("a") ** pl.col("b"))[:, 0],
    "number": lambda a: a,
}
_ORDER: dict[str, Callable[[pl.Series, pl.Series], pl.Series]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _with(method: str) -> Callable[[pl.Series, pl.Series], pl.Series]:
    def found(text: pl.Series, part: pl.Series) -> pl.Series:
        table = pl.DataFrame({"text": text, "part": part})
        texts = pl.col("text").str
        asked = {
            "contains": lambda: texts.contains(pl.col("part"), literal=True),
            "starts-with": lambda: texts.starts_with(pl.col("part")),
            "ends-with": lambda: texts.ends_with(pl.col("part")),
        }[method]()
        return table.select(asked.fill_null(value=False))[:, 0]

    return found


def _replaced(text: pl.Series, old: pl.Series, new: pl.Series) -> pl.Series:
    """Replace a part that is the same for all rows: that of the first."""
    part, by = (each.first() if len(each) else None for each in (old, new))
    return text.str.replace_all(str(part), str(by or ""), literal=True) if part else text


_TEXTS: dict[str, Callable[..., pl.Series]] = {
    "lower": lambda a: a.str.to_lowercase(),
    "upper": lambda a: a.str.to_uppercase(),
    "trim": lambda a: a.str.strip_chars(),
    "length": lambda a: a.fill_null("").str.len_chars().cast(pl.Float64),
    "replace": _replaced,
    **{name: _with(name) for name in ("contains", "starts-with", "ends-with")},
}
