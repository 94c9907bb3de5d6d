"""The reference system that coordinates are in: as a file says it, or as a person does."""

from __future__ import annotations

import pyproj
from pyproj.exceptions import CRSError, ProjError

from .problems import Problem

# a description longer than this is no description
_LONGEST = 20_000
WGS84 = 4326
LAMBERT93 = 2154
# west, south, east, north: the world in degrees; Lambert-93 over metropolitan France in metres
_WORLD = (-180.0, -90.0, 180.0, 90.0)
_FRANCE = (80_000.0, 6_000_000.0, 1_300_000.0, 7_200_000.0)
SYSTEMS: dict[int, str] = {
    WGS84: "WGS 84",
    LAMBERT93: "Lambert-93",
    **{3942 + zone: f"CC{42 + zone}" for zone in range(9)},
    27572: "Lambert II étendu",
    3857: "Web Mercator",
    5490: "RGAF09 / UTM 20N",
    2972: "RGFG95 / UTM 22N",
    2975: "RGR92 / UTM 40S",
    4471: "RGM04 / UTM 38S",
    4467: "RGSPM06 / UTM 21N",
}
"""Systems that French data is often in, by EPSG code: names that stay the same in all languages."""


def usable(code: int) -> bool:
    """Say whether a number is the EPSG code of coordinates that can be turned into longitude and latitude."""
    try:
        return _on_the_ground(pyproj.CRS.from_epsg(code))
    except CRSError:
        return False


def system_of(described: str) -> int | str | None:
    """Give the EPSG code of a system described in WKT (1, 2 or ESRI's), the description where it has none.

    None where it can't be understood, or coordinates in it stand on no ground.
    """
    described = described.strip(" \t\r\n\0\ufeff")
    if not described or len(described) > _LONGEST:
        return None
    try:
        found = pyproj.CRS.from_wkt(described)
        if not _on_the_ground(found):
            return None
        return found.to_epsg() or described
    except CRSError:
        return None


def _on_the_ground(found: pyproj.CRS) -> bool:
    if not (found.is_geographic or found.is_projected):
        return False
    try:
        pyproj.Transformer.from_crs(found, WGS84, always_xy=True)
    except ProjError:
        return False
    return True


def system_of_extent(west: float, south: float, east: float, north: float) -> int | None:
    """Guess the system of coordinates from their extent: degrees, Lambert-93 over France, else None."""
    for code, (left, low, right, high) in ((WGS84, _WORLD), (LAMBERT93, _FRANCE)):
        if left <= west <= east <= right and low <= south <= north <= high:
            return code
    return None


def unsaid(guess: int | None) -> Problem:
    """Say that a file doesn't tell the system of its coordinates, and what was made of it."""
    if guess is None:
        return Problem("projection_unknown")
    return Problem("projection_guessed", {"name": SYSTEMS[guess], "code": guess})
