"""Guess the type of a column from its name and values, and say why.

Codes are text even when they look like numbers: a leading zero, a department of Corsica or the name of the column
shows them. A column gets a type other than text only when every value seen fits.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from .casting import Column, cast_column, is_missing
from .coltypes import ColumnType
from .dates import DATE_FORMATS, TIMESTAMP_FORMATS, parse_date, parse_timestamp

# why a type was proposed: code -> sentence
REASONS: dict[str, str] = {
    "empty": "The column has no value.",
    "unseen": "The rows looked at have no value here: any is kept as it is written.",
    "native": "The file itself says so.",
    "code_name": "The name of the column announces a code: its zeros and letters are kept.",
    "leading_zeros": "Values such as {sample} start with a zero: they are codes.",
    "phone": "Values look like telephone numbers.",
    "siren": "Values look like SIREN or SIRET numbers.",
    "too_long": "Values such as {sample} have too many digits for a number.",
    "booleans": "Values are words for yes and no.",
    "integers": "All values are whole numbers.",
    "decimals": "All values are numbers, with “{mark}” for decimals.",
    "dates": "All values are dates written {form}.",
    "timestamps": "All values are dates with a time.",
    "utc": "All values are dates with a time and an offset; they are kept in universal time (UTC).",
    "month_first": "Dates are written with the month first.",
    "texts": "Values are words.",
    "almost": "{share} % of values are {kind}, but others such as “{sample}” are not.",
}

_CODE_NAME = re.compile(
    r"(^|_)(insee|siren|siret|rna|uai|finess|naf|ape|nic|codgeo|depcom|iris|cp|postal|postcode|zip|zipcode|tel|telephone|"
    r"phone|fax|mobile|portable|code|cod|dep|departement|dept|reg|matricule|immat|immatriculation|iban|bic|ean|gtin|"
    r"cadastre|parcelle|section|idu|identifiant|uuid|guid|reference|ref)(_|$)"
)
# of these only those that surely are codes bind when values are plain numbers
_LOOSE = re.compile(r"(^|_)(section|reference|ref|identifiant|mobile|portable|reg|zip|code|cod)(_|$)")
_PHONE = r"^(?:\+\d{1,3}|0)[\s.\-]?[1-9](?:[\s.\-]?\d{2}){4}$"
_WORDS = {"oui", "non", "vrai", "faux", "true", "false", "yes", "no"}
_DATE_NAME = re.compile(r"(^|_)(date|jour|day|debut|fin|maj|le)(_|$)")
_FORM_SHOWN = str.maketrans({"%": None, "Y": "YYYY", "m": "MM", "d": "DD", "y": "YY", "B": "month"})


@dataclass(frozen=True)
class Inference:
    """What a column seems to be.

    `confidence` is the share of values that fit (0 to 1); `contradictions` are values
    that don't fit the type that nearly fitted.
    """

    name: str
    type: ColumnType
    reason: str
    params: dict[str, Any] = field(default_factory=dict[str, Any])
    decimal: str = "."
    formats: tuple[str, ...] = ()
    confidence: float = 1.0
    samples: tuple[str, ...] = ()
    contradictions: tuple[str, ...] = ()
    missing: int = 0

    @property
    def column(self) -> Column:
        """The column as it would be loaded if nobody objects."""
        return Column(self.name, self.type, self.decimal, self.formats)


def plain_name(name: str) -> str:
    """Fold a column name to lower-case words of a–z and 0–9 joined by `_`.

    >>> plain_name("Code INSEE (commune)")
    'code_insee_commune'
    """
    folded = unicodedata.normalize("NFKD", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", folded.lower()).strip("_")


@dataclass(frozen=True)
class _Try:
    column: Column
    reason: str
    params: dict[str, Any]
    share: float
    contradictions: tuple[str, ...]
    kind: str


def _luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    return sum(digits[::2]) % 10 == (-sum(d * 2 - 9 * (d > 4) for d in digits[1::2])) % 10


def _share(unique: pl.Series, weights: pl.Series, column: Column) -> tuple[float, tuple[str, ...]]:
    _typed, failed = cast_column(unique, column)
    if not len(failed):
        return 1.0, ()
    lost = float(weights.gather(failed).sum())
    return 1.0 - lost / float(weights.sum()), tuple(unique.gather(failed).head(3).to_list())


def _try(unique: pl.Series, weights: pl.Series, column: Column, reason: str, kind: str, **params: Any) -> _Try:
    share, contradictions = _share(unique, weights, column)
    return _Try(column, reason, params, share, contradictions, kind)


def _decimal_mark(unique: pl.Series) -> str:
    commas = unique.str.contains(r"\d,\d*$").sum()
    dots = unique.str.contains(r"\d\.\d*$").sum()
    return "," if commas > dots else "."


def _forms(unique: pl.Series, known: tuple[str, ...], parse: Any) -> tuple[str, ...]:
    """Choose the forms that together read the most values; never day first and month first together."""
    chosen: list[str] = []
    left = unique
    while len(left) and len(chosen) < 4:
        allowed = [
            form
            for form in known
            if not any({form[:5], other[:5]} == {"%d/%m", "%m/%d"} for other in chosen) and form not in chosen
        ]
        counts = {form: int(parse(left, form).is_not_null().sum()) for form in allowed}
        best = max(counts, key=lambda form: counts[form])
        if not counts[best]:
            break
        chosen.append(best)
        left = left.filter(parse(left, best).is_null())
    return tuple(chosen)


def _code(name: str, unique: pl.Series) -> tuple[str, dict[str, Any]] | None:
    """Say why the column's numbers are codes, or None."""
    digits = unique.str.contains(r"^\d+$")
    zeros = unique.filter(unique.str.contains(r"^0\d+$"))
    plain = plain_name(name)
    if unique.str.contains(_PHONE).all():
        return "phone", {}
    if (
        len(zeros)
        and int(digits.sum()) * 2 >= len(digits)
        and not (_DATE_NAME.search(plain) and unique.str.contains(r"[/\-]").any())
    ):
        return "leading_zeros", {"sample": zeros[0]}
    if digits.all():
        lengths = unique.str.len_chars()
        if _CODE_NAME.search(plain) and not _LOOSE.search(plain):
            return "code_name", {}
        if _LOOSE.search(plain) and lengths.n_unique() == 1 and lengths[0] >= 2:
            return "code_name", {}
        if lengths.is_in([9, 14]).all() and len(unique) >= 3 and all(_luhn(number) for number in unique.head(50)):
            return "siren", {}
    long = unique.filter(unique.str.contains(r"^[+-]?\d{19,}$"))
    if len(long):
        return "too_long", {"sample": long[0]}
    return None


def _typed(name: str, unique: pl.Series, weights: pl.Series) -> list[_Try]:
    """Try each type, the narrowest first; stop at the first that takes all."""
    tries: list[_Try] = []
    if unique.str.to_lowercase().is_in(list(_WORDS)).any():
        tries.append(_try(unique, weights, Column(name, ColumnType.BOOLEAN), "booleans", "yes or no"))
    dated = unique.head(1000)
    eight = dated.str.contains(r"^(?:19|20)\d{6}$").all() and _DATE_NAME.search(plain_name(name))
    if not eight:
        tries.append(_try(unique, weights, Column(name, ColumnType.INTEGER), "integers", "whole numbers"))
        mark = _decimal_mark(unique)
        column = Column(name, ColumnType.DECIMAL, mark)
        tries.append(_try(unique, weights, column, "decimals", "numbers", mark=mark))
    if any(attempt.share == 1.0 for attempt in tries):
        return tries
    known = DATE_FORMATS if eight else tuple(form for form in DATE_FORMATS if form != "%Y%m%d")
    if forms := _forms(dated, known, parse_date):
        reason = "month_first" if forms[0] == "%m/%d/%Y" else "dates"
        column = Column(name, ColumnType.DATE, formats=forms)
        shown = ", ".join(form.translate(_FORM_SHOWN) for form in forms)
        tries.append(_try(unique, weights, column, reason, "dates", form=shown))
    if forms := _forms(dated, TIMESTAMP_FORMATS, parse_timestamp):
        reason = "utc" if all(form.endswith("%:z") for form in forms) else "timestamps"
        tries.append(
            _try(unique, weights, Column(name, ColumnType.TIMESTAMP, formats=forms), reason, "dates with a time")
        )
    return tries


def infer(name: str, values: pl.Series, native: ColumnType | None = None) -> Inference:
    """Guess the type of one column from `values` (String, null is missing)."""
    missing = is_missing(values)
    present = values.filter(~missing)
    counted = present.value_counts(sort=True, name="_n") if len(present) else pl.DataFrame()
    told: dict[str, Any] = {"missing": int(missing.sum())}
    if native is not None:
        samples = tuple(present.unique(maintain_order=True).head(3).to_list())
        formats = {ColumnType.DATE: ("%Y-%m-%d",), ColumnType.TIMESTAMP: ("%Y-%m-%dT%H:%M:%S%.f",)}.get(native, ())
        return Inference(name, native, "native", formats=formats, samples=samples, **told)
    if counted.is_empty():
        return Inference(name, ColumnType.TEXT, "empty", **told)
    unique = counted[counted.columns[0]].str.strip_chars()
    weights = counted["_n"]
    told["samples"] = tuple(unique.head(3).to_list())
    if why := _code(name, unique):
        return Inference(name, ColumnType.TEXT, why[0], why[1], **told)
    tries = _typed(name, unique, weights)
    for attempt in tries:
        if attempt.share == 1.0:
            column = attempt.column
            return Inference(name, column.type, attempt.reason, attempt.params, column.decimal, column.formats, **told)
    best = max(tries, key=lambda attempt: attempt.share, default=None)
    if best is None or best.share < 0.9:
        return Inference(name, ColumnType.TEXT, "texts", **told)
    # rounded down: “100 %” must not be said of a column that has an exception
    params = {"share": int(best.share * 1000) / 10, "kind": best.kind, "sample": best.contradictions[0]}
    return Inference(
        name, ColumnType.TEXT, "almost", params, best.column.decimal, best.column.formats,
        confidence=best.share, contradictions=best.contradictions, **told,
    )  # fmt: skip
