"""Reading one value of uncertain origin: a well-formed value, or nothing.

Metadata comes from forms, from other portals and from scripts. A value that a format can't carry (a control
character, an address that isn't one, a date in words) is left out of what we publish; it is never an error.
"""

import json
import math
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit

import pyoxigraph

# What XML 1.0 §2.2 excludes; the other formats could carry it, but one cleaning serves all.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_ESCAPED = str.maketrans({character: f"%{ord(character):02X}" for character in ' <>"{}|\\^`[]'})
_BLANK = re.compile(r"[^\S ]")
_NOT_IN_HOSTS = frozenset(" <>\"'{}|\\^`")
_LINK_SCHEMES = frozenset({"http", "https", "ftp", "ftps", "sftp"})
_NAME_SCHEMES = frozenset({"urn", "doi", "info", "ark", "mailto", "tel"})
_YEAR = re.compile(r"\d{4}")
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DURATION = re.compile(r"P(?=.)(\d+Y)?(\d+M)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?")
_EMAIL = re.compile(r"[^@\s<>\"',;:()\[\]\\]{1,64}@[^@\s<>\"',;:()\[\]\\]{1,255}")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}){4,64}")


def text(value: object) -> str | None:
    """Give `value` as a text without characters that XML forbids, or None if nothing is left."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if not isinstance(value, str | int | float):
        return None
    return _FORBIDDEN.sub("", str(value)).strip() or None


def texts(value: object) -> list[str]:
    """Give a list of texts from a list, from a JSON list in a text, or from one text; duplicates once."""
    found: dict[str, None] = {}
    for item in items(value):
        one = text(item)
        if one:
            found.setdefault(one)
    return list(found)


def items(value: object) -> list[Any]:
    """Give the members of a list, of a JSON list in a text, or the value alone as a list."""
    if isinstance(value, str):
        stripped = value.strip()
        if stripped.startswith(("[", "{")):
            parsed = from_json(stripped)
            if parsed is not None:
                return items(parsed)
        return [stripped] if stripped else []
    if isinstance(value, dict):
        return [value] if value else []  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        return list(value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return [] if value is None else [value]


def from_json(value: str) -> Any:
    """Parse JSON, or give None: also for what is too deep to parse."""
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def uri(value: object) -> str | None:
    """Give an absolute IRI of a harmless scheme (web, ftp, urn, doi, mailto…), or None.

    Blanks and quotes inside are percent-encoded, as people paste them. `javascript:` and its like are refused.
    """
    raw = text(value)
    if not raw or len(raw) > 4000 or _BLANK.search(raw):
        return None
    scheme, colon, rest = raw.partition(":")
    scheme = scheme.lower()
    if not colon or not rest.strip():
        return None
    if scheme in _LINK_SCHEMES:
        escaped = _escape_link(raw)
    elif scheme in _NAME_SCHEMES:
        escaped = raw.translate(_ESCAPED)
    else:
        return None
    if escaped is None:
        return None
    try:
        pyoxigraph.NamedNode(escaped)
    except ValueError:
        return None
    return escaped


def _escape_link(raw: str) -> str | None:
    try:
        parts = urlsplit(raw)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return None
    if not host or not _NOT_IN_HOSTS.isdisjoint(parts.netloc):
        return None
    head, _, tail = raw.partition(parts.netloc)
    return head + parts.netloc + tail.translate(_ESCAPED)


def link(value: object) -> str | None:
    """Give an address on the web (`http` or `https`), or None."""
    found = uri(value)
    return found if found and found.lower().startswith(("http://", "https://")) else None


def uris(value: object) -> list[str]:
    """Give the well-formed IRIs among several values; duplicates once."""
    found: dict[str, None] = {}
    for item in items(value):
        one = uri(item)
        if one:
            found.setdefault(one)
    return list(found)


def email(value: object) -> str | None:
    """Give an address of electronic mail without `mailto:`, or None."""
    raw = text(value)
    if not raw:
        return None
    raw = raw.removeprefix("mailto:").strip()
    return raw if _EMAIL.fullmatch(raw) else None


def moment(value: object) -> str | None:
    """Give a date in an ISO 8601 form that XML Schema knows: year, month, day, or date and time.

    CKAN's own times have no zone and are UTC: `Z`'s offset is added to them. Anything else gives None.
    """
    raw = value.isoformat() if isinstance(value, date) else text(value)
    if not raw:
        return None
    if _YEAR.fullmatch(raw):
        return raw if raw != "0000" else None
    if _MONTH.fullmatch(raw):
        return raw if not raw.startswith("0000") else None
    try:
        if _DAY.fullmatch(raw):
            return date.fromisoformat(raw).isoformat()
        parsed = datetime.fromisoformat(raw)
    except (ValueError, OverflowError):
        return None
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=UTC)
    return parsed.isoformat()


def day(value: object) -> str | None:
    """Give the day of a date as `YYYY-MM-DD`, or None if the date is less exact than a day."""
    found = moment(value)
    return found[:10] if found and len(found) >= 10 else None


def duration(value: object) -> str | None:
    """Give an ISO 8601 duration such as `P1D` or `PT15M`, or None."""
    raw = text(value)
    return raw if raw and _DURATION.fullmatch(raw) else None


def whole(value: object) -> int | None:
    """Give a count ≥ 0 (bytes, rows), or None."""
    raw = text(value)
    if not raw:
        return None
    try:
        number = int(raw) if raw.lstrip("+-").isdecimal() else int(float(raw))
    except (ValueError, OverflowError):
        return None
    return number if 0 <= number < 2**63 else None


def decimal(value: object) -> str | None:
    """Give a number ≥ 0 as a plain decimal text, or None."""
    raw = text(value)
    if not raw:
        return None
    try:
        number = float(raw)
    except ValueError:
        return None
    if not math.isfinite(number) or number < 0:
        return None
    return f"{number:.6f}".rstrip("0").rstrip(".")


def checksum(value: object) -> tuple[str, str] | None:
    """Give (algorithm, hexadecimal digest) from `sha256:…`, or from a bare digest by its length; None otherwise.

    The algorithm's name is as SPDX writes it: md5, sha1, sha224, sha256, sha384 or sha512.
    """
    raw = text(value)
    if not raw:
        return None
    digest = raw.rpartition(":")[2].lower()
    by_length = {32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}
    algorithm = by_length.get(len(digest))
    return (algorithm, digest) if algorithm and _HEX.fullmatch(digest) else None
