"""What each kind of rule asks of a row, as an expression over typed columns.

An expression gives True where the row keeps the rule, False where it breaks it, null where there is nothing to judge:
an empty cell breaks no rule but the one that asks for it to be filled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, assert_never

import polars as pl

from .rules import Format, Kind, Operator, Rule, Type, moment_of, whole

Types = Mapping[str, str]
NUMBERS = (Type.INTEGER, Type.DECIMAL, Type.FLOAT)
MOMENTS = (Type.DATE, Type.TIMESTAMP)

_FORMATS: dict[Format, str] = {
    # HTML Living Standard, section 4.10.5.1.5 (e-mail state), with a point in the domain
    Format.EMAIL: r"[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
    r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+",
    Format.URI: r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+",
    Format.UUID: r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}",
    Format.INSEE: r"(?:\d\d|2[AB])\d{3}",
    Format.POSTAL: r"\d{5}",
    Format.SIREN: r"\d{9}",
    Format.SIRET: r"\d{14}",
}
_LA_POSTE = "356000000"


def filled(name: str, types: Types) -> pl.Expr:
    """Say whether a cell holds something; spaces are nothing."""
    column = pl.col(name)
    if types[name] == Type.TEXT:
        return column.is_not_null() & column.str.contains(r"\S").fill_null(False)
    return column.is_not_null()


def text(name: str, types: Types) -> pl.Expr:
    """Give a column as the text that a reader sees, without spaces around."""
    column = pl.col(name)
    match types[name]:
        case Type.TEXT:
            return column.str.strip_chars()
        case Type.DECIMAL:
            return column
        case Type.TIMESTAMP:
            return column.dt.strftime("%Y-%m-%d %H:%M:%S")
        case _:
            return column.cast(pl.String)


def number(name: str, types: Types) -> pl.Expr:
    """Give a column as numbers (float64, so exact to 15 digits); null where a cell is none."""
    column = pl.col(name)
    if types[name] in (Type.INTEGER, Type.FLOAT):
        return column.cast(pl.Float64)
    if types[name] == Type.DECIMAL:
        return column.cast(pl.Float64, strict=False)
    return text(name, types).str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)


def moment(name: str, types: Types) -> pl.Expr:
    """Give a column as moments; of text, days written as ISO 8601; null where a cell is none."""
    column = pl.col(name)
    if types[name] in MOMENTS:
        return column.cast(pl.Datetime("us"))
    return text(name, types).str.head(10).str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us"))


def _where_filled(name: str, types: Types, condition: pl.Expr) -> pl.Expr:
    return pl.when(filled(name, types)).then(condition.fill_null(False)).otherwise(None)


def condition(
    rule: Rule, types: Types, reads: Callable[[pl.Series, str], pl.Series], known: pl.Series | None = None
) -> pl.Expr:
    """Give the expression of a rule that is judged row by row.

    :param reads: says of texts (first) whether each can be read as a type (second), given as a Boolean series
    :param known: for `Kind.REFERENCE`, the values that there are, as text
    :raises ValueError: for kinds that aren't judged row by row
    """
    name = rule.columns[0] if rule.columns else ""
    match rule.kind:
        case Kind.REQUIRED:
            return filled(name, types)
        case Kind.TYPE:
            return _where_filled(name, types, _typed(name, types, str(rule.params["type"]), reads))
        case Kind.FORMAT:
            return _where_filled(name, types, _format(text(name, types), Format(rule.params["format"])))
        case Kind.RANGE:
            return _where_filled(name, types, _range(name, types, rule.params))
        case Kind.LENGTH:
            size = text(name, types).str.len_chars().cast(pl.Float64)
            return _where_filled(name, types, _between(size, rule.params["minimum"], rule.params["maximum"]))
        case Kind.PATTERN:
            return _where_filled(name, types, text(name, types).str.contains(whole(str(rule.params["pattern"]))))
        case Kind.VALUES:
            return _where_filled(name, types, _one_of(name, types, pl.Series(rule.params["values"], dtype=pl.String)))
        case Kind.REFERENCE:
            return _where_filled(name, types, _one_of(name, types, pl.Series([] if known is None else known)))
        case Kind.COMPARE:
            return _compare(rule, types)
        case Kind.UNIQUE | Kind.OUTLIERS | Kind.FRESH | Kind.PLACED | Kind.TERRITORY | Kind.OVERLAP | Kind.GAP:
            raise ValueError(f"{rule.kind} isn't judged row by row")
        case _:
            assert_never(rule.kind)


def _typed(name: str, types: Types, wanted: str, reads: Callable[[pl.Series, str], pl.Series]) -> pl.Expr:
    has = types[name]
    wider = {Type.INTEGER: NUMBERS, Type.DECIMAL: NUMBERS[1:], Type.FLOAT: NUMBERS[1:], Type.DATE: MOMENTS}
    if wanted in (Type.TEXT, has) or wanted in wider.get(Type(has), ()):
        return pl.lit(True)
    return text(name, types).map_batches(lambda values: reads(values, wanted), return_dtype=pl.Boolean)


def _between(value: pl.Expr, low: Any, high: Any) -> pl.Expr:
    found = value.is_not_null()
    if low is not None:
        found = found & (value >= low)
    if high is not None:
        found = found & (value <= high)
    return found


def _range(name: str, types: Types, params: Mapping[str, Any]) -> pl.Expr:
    low, high = params["minimum"], params["maximum"]
    if any(bound and moment_of(bound) is not None for bound in (low, high)):
        first, last = (moment_of(bound) if bound else None for bound in (low, high))
        if last is not None and len(str(high)) == 10:
            # a day as the last one is kept until its end
            last = last.replace(hour=23, minute=59, second=59, microsecond=999_999)
        return _between(moment(name, types), *(pl.lit(each) if each else None for each in (first, last)))
    return _between(number(name, types), *(float(bound) if bound else None for bound in (low, high)))


def _format(value: pl.Expr, wanted: Format) -> pl.Expr:
    if wanted in (Format.SIREN, Format.SIRET):
        # people write them in groups
        value = value.str.replace_all(" ", "", literal=True)
    written = value.str.contains(whole(_FORMATS[wanted]))
    size = {Format.SIREN: 9, Format.SIRET: 14}.get(wanted)
    return written if size is None else written & _keyed(value, size)


def _keyed(value: pl.Expr, size: int) -> pl.Expr:
    """Check the key of a SIREN or SIRET (Luhn, ISO/IEC 7812-1 annex B; La Poste's SIRET sum to a multiple of five)."""
    digits = [value.str.slice(place, 1).cast(pl.Int64, strict=False) for place in range(size)]
    total, plain = pl.lit(0), pl.lit(0)
    for place, digit in enumerate(reversed(digits)):
        plain = plain + digit
        doubled = digit * 2
        total = total + (digit if place % 2 == 0 else doubled - 9 * (doubled > 9).cast(pl.Int64))
    found = total % 10 == 0
    return found | (value.str.starts_with(_LA_POSTE) & (plain % 5 == 0)) if size == 14 else found


def _one_of(name: str, types: Types, values: pl.Series) -> pl.Expr:
    if types[name] in NUMBERS:
        known = values.cast(pl.String).str.replace(",", ".", literal=True).cast(pl.Float64, strict=False).drop_nulls()
        return number(name, types).is_in(known.implode())
    return text(name, types).is_in(values.cast(pl.String).str.strip_chars().implode())


def _compare(rule: Rule, types: Types) -> pl.Expr:
    left, right = rule.columns
    kinds = {types[left], types[right]}
    read = text
    if kinds & set(NUMBERS):
        read = number
    elif kinds & set(MOMENTS):
        read = moment
    one, other = read(left, types), read(right, types)
    compared = {
        Operator.LT: one < other,
        Operator.LE: one <= other,
        Operator.EQ: one == other,
        Operator.NE: one != other,
        Operator.GE: one >= other,
        Operator.GT: one > other,
    }[Operator(rule.params["operator"])]
    return pl.when(filled(left, types) & filled(right, types)).then(compared.fill_null(False)).otherwise(None)


def fingerprints(data: pl.DataFrame, names: tuple[str, ...], types: Types) -> pl.Series:
    """Give 64 bits for each row that tell the values of columns apart; `1.0` and `1.00` are one value."""
    columns: list[pl.Expr] = []
    for name in names:
        column = pl.col(name)
        if types[name] == Type.DECIMAL:
            column = column.str.replace(r"\.0+$", "").str.replace(r"(\.\d*[1-9])0+$", "$1")
        elif types[name] == Type.TEXT:
            column = column.str.strip_chars()
        columns.append(column.alias(name))
    return data.select(columns).hash_rows(seed=0)
