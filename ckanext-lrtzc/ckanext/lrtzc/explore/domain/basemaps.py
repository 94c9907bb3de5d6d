"""Tiles that maps may be drawn on, besides the contours that the portal serves itself."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Background:
    """Raster tiles in the usual scheme: their address with `{z}`, `{x}` and `{y}`, and whom to credit."""

    tiles: str
    credit: str


_KNOWN = {
    "ign": Background(
        "https://data.geopf.fr/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=GEOGRAPHICALGRIDSYSTEMS.PLANIGNV2"
        "&STYLE=normal&FORMAT=image/png&TILEMATRIXSET=PM&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}",
        "© IGN – Plan IGN",
    ),
    "osm": Background("https://tile.openstreetmap.org/{z}/{x}/{y}.png", "© OpenStreetMap"),
}


def background(setting: str, credit: str = "") -> Background | None:
    """Give the tiles that a setting names (`ign`, `osm`, or the address of others), or None for none.

    An address without the three coordinates, or that isn't https or of this portal, is no background.
    """
    wanted = setting.strip()
    if wanted.casefold() in _KNOWN:
        return _KNOWN[wanted.casefold()]
    ours = wanted.startswith("/") and not wanted.startswith("//")
    if (ours or wanted.startswith("https://")) and all(part in wanted for part in ("{z}", "{x}", "{y}")):
        return Background(wanted, credit)
    return None
