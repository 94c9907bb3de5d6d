"""Single values: dates, addresses, codes. Each function gives the canonical text or raises `BadValueError`."""

import datetime as dt
import re
from urllib.parse import urlsplit

from ckanext.lrtzc.objects.domain.errors import BadValueError
from ckanext.lrtzc.objects.domain.text import storable

MAX_URL = 2000
MAX_EMAIL = 254

_FRENCH_DATE = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
_FRENCH_MONTH = re.compile(r"(\d{1,2})/(\d{4})")
_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2}))?")
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9-]{1,63})+"
)
_URL_FORBIDDEN = re.compile(r"[\s<>\"{}|\\^`\x00-\x20]")
_URN = re.compile(r"(?:urn:[a-z0-9][a-z0-9-]{1,31}:|doi:|info:)\S+", re.IGNORECASE)
_COMMUNE = re.compile(r"(?:(?:0[1-9]|[1-8]\d|9[0-5]|2[AB])\d{3}|97[1-8]\d{2}|98[4678]\d{2})")
_SEPARATORS = re.compile(r"[\s,;]+")
_DURATION = re.compile(r"P(?=.)(?:\d+Y)?(?:\d+M)?(?:\d+W)?(?:\d+D)?(?:T(?=.)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?")

_DATE_MESSAGE = (
    "“{value}” is not a date. Write it as day/month/year, for instance 31/12/2024, or 2024-12-31, 2024-12, 2024."
)


def _shorten(value: str) -> str:
    return value if len(value) <= 80 else value[:79] + "…"


def clean_date(value: str) -> str:
    """Give a date in ISO 8601: `YYYY`, `YYYY-MM`, `YYYY-MM-DD` or a date with time.

    French writing (31/12/2024, 12/2024) is understood, day first.
    """
    text = storable(value).strip()
    if not text:
        return ""
    try:
        if match := _FRENCH_DATE.fullmatch(text):
            day, month, year = (int(part) for part in match.groups())
            return dt.date(year, month, day).isoformat()
        if match := _FRENCH_MONTH.fullmatch(text):
            return dt.date(int(match[2]), int(match[1]), 1).isoformat()[:7]
        if match := _PARTIAL.fullmatch(text):
            dt.date(int(match[1]), int(match[2] or 1), 1)
            return text
        if len(text) == 10:
            return dt.date.fromisoformat(text).isoformat()
        return dt.datetime.fromisoformat(text).isoformat()
    except ValueError:
        raise BadValueError(_DATE_MESSAGE, value=_shorten(text)) from None


def written_date(value: str, french: bool) -> str:
    """Give a stored date as people write it: 31/12/2024 where they are French, else as it is stored."""
    match = _ISO_DAY.fullmatch(value)
    return f"{match[3]}/{match[2]}/{match[1]}" if match and french else value


def period_bounds(start: str, end: str) -> tuple[str | None, str | None]:
    """Give the first and last day that two canonical dates cover, as `YYYY-MM-DD`, for comparing and indexing."""
    first = start[:10] + "-01-01"[len(start[:10]) - 4 :] if start and len(start) < 10 else start[:10] or None
    if not end:
        return first, None
    if len(end) == 4:
        return first, f"{end}-12-31"
    if len(end) == 7:
        year, month = int(end[:4]), int(end[5:])
        last = dt.date(year, 12, 31) if month == 12 else dt.date(year, month + 1, 1) - dt.timedelta(days=1)
        return first, last.isoformat()
    return first, end[:10]


def clean_email(value: str) -> str:
    """Give an e-mail address, without `mailto:`."""
    text = storable(value).strip()
    text = text[7:] if text.lower().startswith("mailto:") else text
    if not text:
        return ""
    if len(text) > MAX_EMAIL or not _EMAIL.fullmatch(text):
        raise BadValueError("“{value}” is not an e-mail address, such as name@example.org.", value=_shorten(text))
    return text


def clean_url(value: str) -> str:
    """Give a web address whose scheme is http or https, without a password in it."""
    text = storable(value).strip()
    if not text:
        return ""
    bad = BadValueError("“{value}” is not a web address. It starts with https:// or http://.", value=_shorten(text))
    if len(text) > MAX_URL or _URL_FORBIDDEN.search(text):
        raise bad
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise bad from None
    if parts.scheme.lower() not in ("http", "https") or not host:
        raise bad
    if parts.username is not None or parts.password is not None:
        raise BadValueError("A web address that is published can't hold an account name or a password.")
    return text


def clean_uri(value: str) -> str:
    """Give an identifier of the web: a web address, or a URN or DOI."""
    text = storable(value).strip()
    if len(text) <= MAX_URL and _URN.fullmatch(text) and not _URL_FORBIDDEN.search(text):
        return text
    return clean_url(text)


def clean_communes(values: list[str]) -> list[str]:
    """Give the INSEE codes of communes, each once, in their order of arrival.

    :raises BadValueError: naming the first item that has not the shape of a code (five characters, 2A and 2B included)
    """
    codes: dict[str, None] = {}
    for value in values:
        for code in _SEPARATORS.split(storable(value).strip().upper()):
            if not code:
                continue
            if not _COMMUNE.fullmatch(code):
                raise BadValueError(
                    "“{value}” is not the INSEE code of a commune: five characters, for instance 01004 or 2A004.",
                    value=_shorten(code),
                )
            codes[code] = None
    return list(codes)


def clean_number(value: str) -> str:
    """Give a positive decimal number as text, with a point; a decimal comma is understood."""
    text = storable(value).strip().replace("\u00a0", "").replace("\u202f", "").replace(" ", "").replace(",", ".", 1)
    if not text:
        return ""
    if len(text) > 20 or not re.fullmatch(r"\d+(?:\.\d+)?", text, re.ASCII):
        raise BadValueError("“{value}” is not a positive number.", value=_shorten(value))
    return text


def clean_duration(value: str) -> str:
    """Give a duration of ISO 8601, for instance `P1D` for a day or `PT15M` for fifteen minutes."""
    text = storable(value).strip().upper()
    if text and not _DURATION.fullmatch(text):
        raise BadValueError(
            "“{value}” is not a duration. Write P1Y for a year, P1D for a day, PT15M for fifteen minutes.",
            value=_shorten(text),
        )
    return text
