"""How figures and dates are written for people, by the habits of their language.

Built on Babel (CLDR). French has a non-breaking space before its units and between thousands; a date is in full.
"""

import re
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date, format_timedelta
from babel.numbers import format_decimal

NBSP = "\u00a0"
MINUS = "\u2212"

_SIZES = {"fr": ("octets", "ko", "Mo", "Go", "To"), "en": ("bytes", "kB", "MB", "GB", "TB")}
_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def locale_of(language: str) -> Locale:
    """Give the locale of a language code; English days and months come in the European order.

    :param language: `fr`, `en`, `fr_FR`, `pt-BR`…; an unknown one reads as English.
    """
    if language.partition("_")[0] == "en":
        return Locale("en", "GB")
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en", "GB")


def number(value: float | Decimal, language: str) -> str:
    """Write a number: `12 345,6` in French (non-breaking spaces), `12,345.6` in English; a real minus sign."""
    text = format_decimal(value, format="#,##0.###", locale=locale_of(language))
    return text.replace("-", MINUS).replace("\u202f", NBSP)


def quantity(value: float | Decimal, unit: str, language: str) -> str:
    """Write a number and its unit, kept on one line; English puts no space before a per cent sign."""
    written = number(value, language)
    if not unit:
        return written
    glue = "" if unit == "%" and not language.startswith("fr") else NBSP
    return f"{written}{glue}{unit.replace(' ', NBSP)}"


def keep_together(text: str, language: str) -> str:
    """Keep French punctuation, guillemets and a number's noun on the line of the word they belong to."""
    if not language.startswith("fr"):
        return text
    text = re.sub(r" ([;:!?»%])", rf"{NBSP}\1", text)
    text = re.sub(r"« ", f"«{NBSP}", text)
    return re.sub(r"(\d) (?=[a-zà-ÿ])", rf"\1{NBSP}", text)


def file_size(size: int, language: str) -> str:
    """Write a size in bytes with two significant digits: `2,4 Mo`, `2.4 MB` (powers of 1,000)."""
    units = _SIZES.get(language.partition("_")[0], _SIZES["en"])
    amount, index = float(size), 0
    while amount >= 999.5 and index < len(units) - 1:
        amount, index = amount / 1000, index + 1
    rounded = round(amount) if amount >= 9.95 or index == 0 else round(amount, 1)
    return quantity(rounded, units[index], language)


def full_date(value: str | date | datetime, language: str, timezone: str = "UTC") -> str:
    """Write a date in full, as far as it is known: `12 mai 2026`, `mai 2026`, `2026`; French `1er mai 2026`.

    :param value: a date, an aware or UTC-naive moment, or a text that starts as ISO 8601 does.
    :param timezone: where the reader's days are counted, for moments.
    :returns: the text itself when it is no date, so that nothing published is hidden.
    """
    if isinstance(value, str):
        return _date_from_text(value, language, timezone)
    if isinstance(value, datetime):
        value = _local(value, timezone).date()
    return _tidy(format_date(value, "long", locale=locale_of(language)), value.day, language)


def full_moment(value: str | datetime, language: str, timezone: str = "UTC") -> str:
    """Write a date in full and the time of day: `22 novembre 2026, 09:09`. Takes what `full_date` takes."""
    moment = moment_of(value) if isinstance(value, str) else value
    if moment is None or (isinstance(value, str) and len(value.strip()) <= len("2026-11-22")):
        return full_date(value, language, timezone)
    return f"{full_date(moment, language, timezone)}, {_local(moment, timezone):%H:%M}"


def age(value: str | date | datetime, now: datetime, language: str) -> str:
    """Say how long ago a moment was: `il y a 3 mois`, `3 months ago`; empty when it is no moment.

    :param now: an aware moment.
    """
    if isinstance(value, str):
        moment = moment_of(value)
    elif isinstance(value, datetime):
        moment = value
    else:
        moment = datetime(value.year, value.month, value.day)
    if moment is None:
        return ""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo("UTC"))
    return format_timedelta(moment - now, add_direction=True, locale=locale_of(language), threshold=1.2)


def moment_of(text: str) -> datetime | None:
    """Read an ISO 8601 moment or day; None when it is neither."""
    try:
        return datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError:
        return None


def _date_from_text(text: str, language: str, timezone: str) -> str:
    text = text.strip()
    partial = _PARTIAL.fullmatch(text)
    try:
        if partial is None:
            moment = moment_of(text)
            return full_date(moment, language, timezone) if moment else text
        year, month, day = (int(part) if part else None for part in partial.groups())
        if year and month and day:
            return full_date(date(year, month, day), language)
        if year and month:
            return format_date(date(year, month, 1), "LLLL yyyy", locale=locale_of(language))
    except (ValueError, OverflowError):
        return text
    return text


def _local(moment: datetime, timezone: str) -> datetime:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("UTC"))
    return aware.astimezone(ZoneInfo(timezone))


def _tidy(text: str, day: int, language: str) -> str:
    if language.startswith("fr") and day == 1:
        text = re.sub(r"^1\s", f"1er{NBSP}", text)
    return re.sub(r"^(\d+(?:er)?) ", rf"\1{NBSP}", text)
