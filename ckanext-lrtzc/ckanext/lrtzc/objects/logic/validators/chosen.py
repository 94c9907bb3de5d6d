"""Validators of what people choose from a list: vocabularies, axes, communes, licences."""

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.objects.domain import values
from ckanext.lrtzc.objects.domain.errors import BadValueError
from ckanext.lrtzc.objects.domain.kinds import CHOICES
from ckanext.lrtzc.objects.domain.licences import find_licence, licences
from ckanext.lrtzc.objects.domain.publication import UNSTATED_LICENCE
from ckanext.lrtzc.objects.domain.vocabulary import vocabularies
from ckanext.lrtzc.objects.logic.validators.cleaning import Data, Errors, Key, clean, clean_each, say, state_of
from ckanext.lrtzc.territory import get_territory


def lrtzc_one_of(name: str) -> Callable[[Any], str]:
    """Read one value of a controlled vocabulary; give its URI."""
    return clean(lambda value: vocabularies()[name].clean(value))


def lrtzc_each_of(name: str) -> Callable[[Any], list[str]]:
    """Read values of a controlled vocabulary; give their URIs."""
    return clean_each(lambda value: vocabularies()[name].clean(value))


def _theme(value: str) -> str:
    theme = vocabularies()["data_theme"]
    if theme.find(value) or not value.startswith(("http://", "https://")) or value.startswith(theme.base):
        return theme.clean(value)
    return values.clean_url(value)


def lrtzc_themes(value: Any) -> list[str]:
    """Read themes: those of the European table, or of another one by their web address."""
    return clean_each(_theme)(value)


def _axis(value: str) -> str:
    axes = get_territory().axes_by_code
    if value in axes:
        return value
    raise BadValueError("“{value}” is not an axis of the territory: {axes}.", value=value[:80], axes=", ".join(axes))


def lrtzc_axes(value: Any) -> list[str]:
    """Read codes of the territory's axes."""
    return clean_each(_axis)(value)


def lrtzc_communes(value: list[str]) -> list[str]:
    """Read INSEE codes of communes, of this territory or of another."""
    try:
        return values.clean_communes(value)
    except BadValueError as error:
        raise tk.Invalid(say(error)) from None


def lrtzc_choice(name: str) -> Callable[[Any], str]:
    """Read one value of a short list of `domain/kinds.py`."""
    allowed = CHOICES[name]

    def check(value: str) -> str:
        if value and value not in allowed:
            raise BadValueError("“{value}” is not one of: {allowed}.", value=value[:80], allowed=", ".join(allowed))
        return value

    return clean(check)


def lrtzc_licence_stated(key: Key, data: Data, errors: Errors, context: Any) -> None:
    """Say plainly that no licence is stated, where another catalogue gave none."""
    if context.get("ignore_auth") and data.get(key) in (None, "", tk.missing) and state_of(data, context) != "draft":
        package = context.get("package")
        if package is None or not package.license_id:
            data[key] = UNSTATED_LICENCE


def lrtzc_licence(value: Any, context: Any) -> str:
    """Read a licence by its identifier, its address or its title; give its identifier."""
    if not isinstance(value, str):
        raise tk.Invalid(tk._("A text is expected here."))
    if not value.strip():
        return ""
    licence = find_licence(value)
    if licence is None:
        raise tk.Invalid(tk._("This licence is not in the list: {ids}.").format(ids=", ".join(licences())))
    if licence.id == UNSTATED_LICENCE and not context.get("ignore_auth"):
        package = context.get("package")
        if package is None or package.license_id != UNSTATED_LICENCE:
            raise tk.Invalid(tk._("Choose a licence: without one, nobody knows what they may do with the data."))
    return licence.id
