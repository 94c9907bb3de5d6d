"""Numbers, days and texts as a page shows them, by language."""

# Babel has no types.
# pyright: basic

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import get_decimal_symbol, get_group_symbol

_DIGITS = 12


@dataclass(frozen=True)
class Format:
    """The habits of one language."""

    locale: Locale
    decimal: str
    group: str

    def number(self, value: float | Decimal) -> str:
        """Write a number; thousands are parted from five digits on, so that years and codes stay readable."""
        if not math.isfinite(value):
            return str(value)
        if abs(value) >= 1e15 or 0 < abs(value) < 1e-6:
            text = f"{value:.6g}" if isinstance(value, float) else f"{Decimal(value):.6g}"
            return text.replace(".", self.decimal).replace("-", "\N{MINUS SIGN}")
        exact = Decimal(f"{value:.{_DIGITS}g}") if isinstance(value, float) else Decimal(value)
        text = f"{exact:f}"
        sign, digits = ("\N{MINUS SIGN}", text[1:]) if text.startswith("-") else ("", text)
        whole, _point, fraction = digits.partition(".")
        if len(whole) > 4:
            first = len(whole) % 3
            parts = ([whole[:first]] if first else []) + [whole[at : at + 3] for at in range(first, len(whole), 3)]
            whole = self.group.join(parts)
        return sign + whole + (self.decimal + fraction if fraction else "")

    def rounded(self, value: float) -> str:
        """Write a computed number, to four significant digits or to the unit."""
        if math.isfinite(value) and abs(value) >= 1000:
            return self.number(round(value))
        return self.number(float(f"{value:.4g}")) if math.isfinite(value) else str(value)

    def moment(self, iso: str) -> str:
        """Write a day or an instant given as ISO text; what can't be dated is given back."""
        try:
            moment = datetime.fromisoformat(iso)
        except ValueError:
            return iso
        day = format_date(moment.date(), "d MMM y", locale=self.locale)
        if len(iso) <= len("2024-12-31"):
            return day
        return f"{day} {format_time(moment.time(), 'HH:mm:ss' if moment.second else 'HH:mm', locale=self.locale)}"

    def seconds(self, value: float, with_time: bool) -> str:
        """Write an instant given in seconds since 1970 (UTC); beyond the years that Python knows, the year alone."""
        try:
            moment = datetime.fromtimestamp(value, UTC)
        except (ValueError, OverflowError, OSError):
            return str(round(1970 + value / 31_556_952))
        iso = moment.replace(tzinfo=None).isoformat(timespec="seconds")
        return self.moment(iso if with_time else iso[:10])

    def step(self, iso: str, unit: str) -> str:
        """Write the step of time that begins at an ISO instant: such as its year or its month."""
        try:
            moment = datetime.fromisoformat(iso)
        except ValueError:
            return iso
        match unit:
            case "year":
                return format_date(moment.date(), "y", locale=self.locale)
            case "quarter":
                return format_date(moment.date(), "QQQ y", locale=self.locale)
            case "month":
                return format_date(moment.date(), "MMM y", locale=self.locale)
            case "hour":
                return self.moment(moment.isoformat(sep=" "))
            case _:
                return self.moment(moment.date().isoformat())

    def time_names(self) -> dict[str, list[str]]:
        """Give the names of days (Sunday first) and of months, whole and short, as d3-time-format calls them."""
        week = (6, 0, 1, 2, 3, 4, 5)
        days, months = self.locale.days["format"], self.locale.months["format"]
        return {
            "days": [days["wide"][day] for day in week],
            "shortDays": [days["abbreviated"][day] for day in week],
            "months": [months["wide"][month] for month in range(1, 13)],
            "shortMonths": [months["abbreviated"][month] for month in range(1, 13)],
            "periods": ["AM", "PM"],
        }


@lru_cache(maxsize=16)
def format_for(language: str) -> Format:
    """Give the habits of a language code; those of English for one that nobody knows."""
    try:
        locale = Locale.parse(language.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        locale = Locale.parse("en")
    return Format(locale, get_decimal_symbol(locale), get_group_symbol(locale))
