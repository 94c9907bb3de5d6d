"""Dates and times as people write them, French habits first."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

# strftime form -> the shape that text must have, since parsers take “20” for the year 20
_DATE_SHAPES: dict[str, str] = {
    "%Y-%m-%d": r"^\d{4}-\d{1,2}-\d{1,2}$",
    "%d/%m/%Y": r"^\d{1,2}/\d{1,2}/\d{4}$",
    "%Y/%m/%d": r"^\d{4}/\d{1,2}/\d{1,2}$",
    "%d-%m-%Y": r"^\d{1,2}-\d{1,2}-\d{4}$",
    "%d.%m.%Y": r"^\d{1,2}\.\d{1,2}\.\d{4}$",
    "%d/%m/%y": r"^\d{1,2}/\d{1,2}/\d{2}$",
    "%d %B %Y": r"^\d{1,2} [a-z]+ \d{4}$",
    "%Y%m%d": r"^(?:19|20)\d{6}$",
    "%m/%d/%Y": r"^\d{1,2}/\d{1,2}/\d{4}$",
}
_TIMES: dict[str, str] = {
    "%H:%M:%S%.f": r"\d{1,2}:\d{2}:\d{2}(?:\.\d+)?",
    "%H:%M": r"\d{1,2}:\d{2}",
    "%Hh%M": r"\d{1,2}h\d{2}",
}
_ZONED = ("%Y-%m-%d", "%Y/%m/%d")


def _timestamp_shapes() -> dict[str, str]:
    shapes: dict[str, str] = {}
    for date, shape in _DATE_SHAPES.items():
        if date in ("%Y%m%d", "%d %B %Y"):
            continue
        for between in ("T", " ") if date in _ZONED else (" ",):
            for time, time_shape in _TIMES.items():
                shapes[f"{date}{between}{time}"] = f"{shape[:-1]}{between}{time_shape}$"
                if date in _ZONED and time != "%Hh%M":
                    shapes[f"{date}{between}{time}%:z"] = f"{shape[:-1]}{between}{time_shape}(?:Z|[+-]\\d\\d:?\\d\\d)$"
    return shapes


_TIMESTAMP_SHAPES = _timestamp_shapes()
DATE_FORMATS: tuple[str, ...] = tuple(_DATE_SHAPES)
TIMESTAMP_FORMATS: tuple[str, ...] = tuple(_TIMESTAMP_SHAPES)

_MONTHS = {
    "janvier": "January", "janv": "January", "février": "February", "fevrier": "February", "févr": "February",
    "mars": "March", "avril": "April", "avr": "April", "mai": "May", "juin": "June", "juillet": "July",
    "juil": "July", "août": "August", "aout": "August", "septembre": "September", "sept": "September",
    "octobre": "October", "oct": "October", "novembre": "November", "nov": "November",
    "décembre": "December", "decembre": "December", "déc": "December", "dec": "December",
}  # fmt: skip


def _in_words(values: pl.Series) -> pl.Series:
    """Write French months in the parser's language: `1er mars 2024` becomes `1 March 2024`."""
    lower = values.str.to_lowercase().str.replace(r"^1er ", "1 ").str.replace(r"^(\d{1,2} \pL+)\.", "${1}")
    month = lower.str.extract(r"^\d{1,2} (\pL+) \d{4}$", 1)
    english = month.replace_strict(_MONTHS, default=None, return_dtype=pl.String)
    frame = pl.DataFrame({"v": lower, "month": month, "english": english})
    return frame.select(
        pl.when(pl.col("english").is_not_null())
        .then(
            pl.concat_str(
                [
                    pl.col("v").str.extract(r"^(\d{1,2}) ", 1),
                    pl.col("english"),
                    pl.col("v").str.extract(r"(\d{4})$", 1),
                ],
                separator=" ",
            )
        )
        .otherwise(None)
        .alias("v")
    )["v"]


def parse_date(values: pl.Series, form: str) -> pl.Series:
    """Read dates of one form; null where the text isn't of it."""
    if form == "%d %B %Y":
        return _in_words(values).str.to_date(form, strict=False)
    typed = values.str.to_date(form, strict=False)
    return _plausible(values, typed, _DATE_SHAPES[form])


def _plausible(values: pl.Series, typed: pl.Series, shape: str) -> pl.Series:
    year = typed.dt.year()
    if (len(typed) and ((year < 1000) | (year > 9999)).any()) or shape.startswith("^(?:19"):
        ok = values.str.contains(shape).fill_null(False) & year.is_between(1000, 9999).fill_null(False)
        return typed.zip_with(ok, pl.Series([None], dtype=typed.dtype))
    return typed


def parse_timestamp(values: pl.Series, form: str) -> pl.Series:
    """Read times of one form, as Datetime in microseconds without zone; text with an offset is brought to UTC."""
    if form.endswith("%:z"):
        cleaned = values.str.replace(r"Z$", "+00:00").str.replace(r"([+-]\d\d)(\d\d)$", "${1}:${2}")
        typed = cleaned.str.to_datetime(form, strict=False, time_unit="us", time_zone="UTC").dt.replace_time_zone(None)
    else:
        typed = values.str.to_datetime(form, strict=False, time_unit="us")
    return _plausible(values, typed, _TIMESTAMP_SHAPES[form])


def _first_fit(values: pl.Series, forms: tuple[str, ...], parse: Callable[[pl.Series, str], pl.Series]) -> pl.Series:
    typed = parse(values, forms[0])
    for form in forms:
        failed = typed.is_null() & values.is_not_null()
        if not failed.any():
            break
        places = failed.arg_true()
        again = parse(values.gather(places).str.strip_chars(), form)
        if again.is_not_null().any():
            typed = typed.scatter(places, again)
    return typed


def parse_dates(values: pl.Series, forms: tuple[str, ...]) -> pl.Series:
    """Read dates of any of `forms`, the first that fits; null where none does."""
    return _first_fit(values, forms, parse_date)


def parse_timestamps(values: pl.Series, forms: tuple[str, ...]) -> pl.Series:
    """Read times of any of `forms`, the first that fits; null where none does."""
    return _first_fit(values, forms, parse_timestamp)
