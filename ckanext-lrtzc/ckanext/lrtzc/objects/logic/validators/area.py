"""Validators of where an object is about."""

import json
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.objects.domain import geometry
from ckanext.lrtzc.objects.domain.errors import BadValueError
from ckanext.lrtzc.objects.logic.validators.cleaning import Data, Errors, Key, say
from ckanext.lrtzc.territory import Territory, get_territory


def lrtzc_geometry(value: Any) -> str:
    """Read a GeoJSON geometry, as text or already parsed."""
    if isinstance(value, str) and value in _AREAS.values():
        return value
    if not isinstance(value, str | dict):
        raise tk.Invalid(tk._("The area is not a GeoJSON geometry (Point, LineString, Polygon, or several of them)."))
    try:
        return geometry.clean_geometry(value)
    except BadValueError as error:
        raise tk.Invalid(say(error)) from None


def lrtzc_area_of_communes(key: Key, data: Data, errors: Errors, context: Any) -> None:
    """Give the contour of the communes to an object that has no area of its own."""
    if data.get(key) not in (None, "", tk.missing):
        return
    codes = data.get(("communes",))
    if not codes or codes is tk.missing or errors.get(("communes",)):
        return
    try:
        data[key] = area_of(json.loads(codes) if isinstance(codes, str) else codes)
    except ValueError:
        return


def area_of(codes: list[str]) -> str:
    """Give the GeoJSON of the communes among `codes` that the territory knows; empty when it knows none."""
    return _area_of(get_territory(), tuple(codes))


_AREAS: dict[tuple[str, tuple[str, ...]], str] = {}
_MOST_AREAS = 512


def _area_of(territory: Territory, codes: tuple[str, ...]) -> str:
    key = (str(territory.folder), codes)
    if key not in _AREAS:
        if len(_AREAS) >= _MOST_AREAS:
            _AREAS.clear()
        known = [code for code in codes if code in territory.communes_by_code]
        _AREAS[key] = geometry.clean_geometry(territory.geometry(known)) if known else ""
    return _AREAS[key]
