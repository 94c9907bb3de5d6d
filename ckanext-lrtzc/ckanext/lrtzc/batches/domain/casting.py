"""Turn columns of text into typed columns, a chunk at a time, and say which cells don't fit.

Each caster tries the whole column at the speed of the library, and looks closer only at the values that failed:
thousands separated by spaces, French decimals, words for “missing”.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from .coltypes import EXPECTED, ColumnType
from .dates import DATE_FORMATS, TIMESTAMP_FORMATS, parse_dates, parse_timestamps
from .problems import Problem
from .tables import POSITION

# written in the place of a value that isn't there; only where a number, a date or a yes/no is expected
MISSING = (
    "",
    "null",
    "none",
    "na",
    "n/a",
    "nd",
    "n.d.",
    "nc",
    "n.c.",
    "-",
    "--",
    "nan",
    "#n/a",
    "#value!",
    "#ref!",
    ".",
)
TRUE = ("oui", "vrai", "true", "yes", "o", "v", "t", "y", "1")
FALSE = ("non", "faux", "false", "no", "n", "f", "0")

_SPACES = "[\\s\u00a0\u202f\u2009']"
_THOUSANDS = f"^[+-]?\\d{{1,3}}(?:{_SPACES}\\d{{3}})+(?:[.,]\\d+)?$"
# digits kept in a problem's sentence: enough to find the cell, not enough to fill the report
SHOWN = 60


@dataclass(frozen=True)
class Column:
    """A column as confirmed: its name, its type, and how its values are written."""

    name: str
    type: ColumnType = ColumnType.TEXT
    decimal: str = "."
    formats: tuple[str, ...] = ()


def is_missing(values: pl.Series) -> pl.Series:
    """Say for each value whether it stands for a missing one."""
    return values.is_null() | values.str.strip_chars().str.to_lowercase().is_in(list(MISSING))


def _closer(values: pl.Series, typed: pl.Series, retry: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Give `typed` with the values that failed read again, once cleaned, by `retry`."""
    failed = typed.is_null() & values.is_not_null()
    if not failed.any():
        return typed
    places = failed.arg_true()
    again = retry(values.gather(places).str.strip_chars())
    return typed.scatter(places, again) if again.is_not_null().any() else typed


def _without_thousands(values: pl.Series) -> pl.Series:
    grouped = values.str.contains(_THOUSANDS)
    return values.str.replace_all(_SPACES, "").zip_with(grouped, values)


def _integers(values: pl.Series, _column: Column) -> pl.Series:
    typed = values.cast(pl.Int64, strict=False)
    return _closer(values, typed, lambda some: _without_thousands(some).cast(pl.Int64, strict=False))


def _dots(values: pl.Series, decimal: str) -> pl.Series:
    """Write numbers of either habit with a dot; what is ambiguous stays as it is and is refused later."""
    values = _without_thousands(values)
    if decimal == ",":
        grouped = values.str.contains(r"^[+-]?\d{1,3}(?:\.\d{3})+,\d+$")
        values = values.str.replace_all(".", "", literal=True).zip_with(grouped, values)
        return values.str.replace(",", ".", literal=True)
    grouped = values.str.contains(r"^[+-]?\d{1,3}(?:,\d{3})+\.\d+$")
    values = values.str.replace_all(",", "", literal=True).zip_with(grouped, values)
    comma = values.str.contains(r"^[+-]?\d+,(?:\d{1,2}|\d{4,})$")
    return values.str.replace(",", ".", literal=True).zip_with(comma, values)


def _decimals(values: pl.Series, column: Column) -> pl.Series:
    """Keep the digits as written: the database stores them exactly."""
    written = values.str.replace(",", ".", literal=True) if column.decimal == "," else values

    def sound(some: pl.Series) -> pl.Series:
        number = some.cast(pl.Float64, strict=False)
        return some.zip_with(number.is_finite().fill_null(False), pl.Series([None], dtype=pl.String))

    return _closer(values, sound(written), lambda some: sound(_dots(some, column.decimal)))


def _floats(values: pl.Series, column: Column) -> pl.Series:
    return _decimals(values, column).cast(pl.Float64, strict=False)


def _booleans(values: pl.Series, _column: Column) -> pl.Series:
    words = dict.fromkeys(TRUE, True) | dict.fromkeys(FALSE, False)
    return values.str.strip_chars().str.to_lowercase().replace_strict(words, default=None, return_dtype=pl.Boolean)


def _dates(values: pl.Series, column: Column) -> pl.Series:
    return parse_dates(values, column.formats or DATE_FORMATS)


def _timestamps(values: pl.Series, column: Column) -> pl.Series:
    return parse_timestamps(values, column.formats or TIMESTAMP_FORMATS)


def _texts(values: pl.Series, _column: Column) -> pl.Series:
    return values


CASTERS: dict[ColumnType, Callable[[pl.Series, Column], pl.Series]] = {
    ColumnType.TEXT: _texts,
    ColumnType.INTEGER: _integers,
    ColumnType.DECIMAL: _decimals,
    ColumnType.FLOAT: _floats,
    ColumnType.BOOLEAN: _booleans,
    ColumnType.DATE: _dates,
    ColumnType.TIMESTAMP: _timestamps,
}


def cast_column(values: pl.Series, column: Column) -> tuple[pl.Series, pl.Series]:
    """Give the typed column and the places (UInt32) of the cells that don't fit; those cells are null.

    `values` is String; null and, for types other than text, the words of `MISSING` are missing values.
    """
    typed = CASTERS[column.type](values, column)
    failed = typed.is_null() & values.is_not_null()
    if failed.any():
        failed = failed & ~is_missing(values)
    return typed, failed.arg_true()


@dataclass
class Cast:
    """A chunk once typed: `data` holds the accepted rows, with `_position`."""

    data: pl.DataFrame
    refused: list[Problem]
    corrected: list[Problem]


def cast_frame(data: pl.DataFrame, columns: list[Column], *, empty_bad_cells: bool = False) -> Cast:
    """Type the columns of a chunk; other columns that start with `_` go through.

    A row with a cell that doesn't fit is refused, with a problem for each such cell whose `line` is the row's position;
    with `empty_bad_cells` the cell is emptied and the row accepted.
    """
    problems: list[Problem] = []
    bad_rows: list[pl.Series] = []
    typed: list[pl.Series] = []
    positions = data[POSITION]
    for column in columns:
        values = data[column.name]
        found, failed = cast_column(values, column)
        typed.append(found.alias(column.name))
        if len(failed):
            bad_rows.append(failed)
            code = "value_emptied" if empty_bad_cells else "bad_value"
            for position, value in zip(positions.gather(failed), values.gather(failed), strict=True):
                shown = value if len(value) <= SHOWN else value[: SHOWN - 1] + "…"
                params = {"value": shown, "expected": EXPECTED[column.type]}
                problems.append(Problem(code, params, line=position, column=column.name))
    hidden = [data[name] for name in data.columns if name.startswith("_")]
    result = pl.DataFrame([*hidden, *typed])
    if empty_bad_cells:
        return Cast(result, [], problems)
    if bad_rows:
        refused = pl.concat(bad_rows).unique()
        keep = pl.Series([True]).new_from_index(0, len(result)).scatter(refused, False)
        result = result.filter(keep)
    return Cast(result, problems, [])
