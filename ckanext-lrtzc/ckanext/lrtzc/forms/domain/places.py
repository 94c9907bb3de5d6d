"""Locations as people write them: latitude and longitude in degrees (WGS 84), one pair a point, one point a line."""

from __future__ import annotations

import re

POINTS = 1_000
_NUMBER = r"[-+]?\d{1,3}(?:[.,]\d+)?"
_PAIR = re.compile(rf"\s*({_NUMBER})\s*(°?\s*[NSns])?\s*[,;\s]\s*({_NUMBER})\s*(°?\s*[EWOewo])?(?:\s+[-+\d.\s]+)?\s*")

Point = tuple[float, float]
"""Latitude and longitude, in degrees."""


class PlaceError(ValueError):
    """What was written is no such location; `code` says what is expected."""

    def __init__(self, code: str):
        self.code = code
        super().__init__(code)


def point(text: str) -> Point:
    """Read a point: `46.16, -1.15`, `46,16 -1,15`, `46.16 N 1.15 W`, or ODK's `46.16 -1.15 0 0`.

    :raises PlaceError: where it is none, or outside the world
    """
    written = text.strip()
    if "." not in written and written.count(",") == 1 and re.fullmatch(r"[-+]?\d+,[-+]?\d+", written):
        written = written.replace(",", " ")
    found = _PAIR.fullmatch(written)
    if found is None:
        raise PlaceError("not_point")
    latitude, longitude = (float(found[place].replace(",", ".")) for place in (1, 3))
    if (found[2] or "").strip("° ").lower() == "s":
        latitude = -latitude
    if (found[4] or "").strip("° ").lower() in ("w", "o"):
        longitude = -longitude
    if not -90 <= latitude <= 90 or not -180 <= longitude <= 180:
        raise PlaceError("not_point")
    return latitude, longitude


def points(text: str, least: int, code: str) -> list[Point]:
    """Read several points, one a line or parted by semicolons; those that follow each other are told once.

    :raises PlaceError: `code` where they can't be read or are fewer than `least`; too many
    """
    parts = [part for part in re.split(r"[;\n\r]+", text) if part.strip()]
    if len(parts) > POINTS:
        raise PlaceError("too_many_points")
    found: list[Point] = []
    for part in parts:
        try:
            one = point(part)
        except PlaceError as error:
            raise PlaceError(code) from error
        if not found or one != found[-1]:
            found.append(one)
    if len(set(found)) < least:
        raise PlaceError(code)
    return found


def line(text: str) -> list[Point]:
    """Read a line: two points or more."""
    return points(text, 2, "not_line")


def area(text: str) -> list[Point]:
    """Read an area: three points or more; the first closes it."""
    found = points(text, 3, "not_area")
    return found if found[0] == found[-1] else [*found, found[0]]


def number(value: float) -> str:
    """Write degrees with the seven decimals that matter (a centimetre) at most."""
    return f"{value:.7f}".rstrip("0").rstrip(".") or "0"


def written(found: list[Point]) -> str:
    """Write points as ODK does: `latitude longitude`, parted by semicolons."""
    return "; ".join(f"{number(latitude)} {number(longitude)}" for latitude, longitude in found)


def as_wkt(kind: str, found: list[Point]) -> str:
    """Write a line or an area as well-known text (OGC 06-103r4): longitude before latitude."""
    inner = ", ".join(f"{number(longitude)} {number(latitude)}" for latitude, longitude in found)
    return f"LINESTRING ({inner})" if kind == "line" else f"POLYGON (({inner}))"
