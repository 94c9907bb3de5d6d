"""CKAN's validators around this room's pure rules; named in `dataset.yaml`."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.objects.domain import geometry, values
from ckanext.lrtzc.objects.domain.errors import BadValueError
from ckanext.lrtzc.objects.domain.licences import find_licence, licences
from ckanext.lrtzc.objects.domain.publication import UNSTATED_LICENCE
from ckanext.lrtzc.objects.domain.text import clean_text
from ckanext.lrtzc.objects.domain.vocabulary import vocabularies
from ckanext.lrtzc.territory import Territory, get_territory

Key = tuple[Any, ...]
Data = dict[Key, Any]
Errors = dict[Key, list[str]]

STATES = ("draft", "active", "deleted")


def say(error: BadValueError) -> str:
    """Give the message of a refused value in the reader's language."""
    return tk._(error.message).format(**error.params)


def _clean(clean: Callable[[str], str]) -> Callable[[Any], str]:
    def validator(value: Any) -> str:
        if isinstance(value, bool | int | float):
            value = str(value)
        if not isinstance(value, str):
            raise tk.Invalid(tk._("A text is expected here."))
        try:
            return clean(value)
        except BadValueError as error:
            raise tk.Invalid(say(error)) from None

    return validator


def _clean_each(clean: Callable[[str], str]) -> Callable[[Any], list[str]]:
    one = _clean(clean)

    def validator(value: Any) -> list[str]:
        return list(dict.fromkeys(item for item in (one(item) for item in value) if item))

    return validator


def _state(data: Data, context: Any) -> str:
    given = data.get(("state",))
    if given in STATES:
        return given
    package = context.get("package")
    return package.state if package is not None else "active"


def _absent(data: Data, key: Key) -> bool:
    value = data.get(key)
    return value is tk.missing or value is None


def lrtzc_publishable(key: Key, data: Data, errors: Errors, context: Any) -> None:
    """Refuse an empty value, but in a draft, in what another catalogue gave, or where nothing is changed."""
    value = data.get(key)
    if not _absent(data, key) and (not isinstance(value, str) or value.strip()):
        return
    if _state(data, context) == "draft" or context.get("ignore_auth"):
        if _absent(data, key):
            data.pop(key, None)
            raise tk.StopOnError
        return
    errors[key].append(tk._("This field is missing."))
    raise tk.StopOnError


def lrtzc_chosen_id(key: Key, data: Data, errors: Errors, context: Any) -> None:
    """Let this room's form choose an identifier, so that a form sent twice makes one dataset; else as CKAN does."""
    if not context.get("lrtzc_objects_draft"):
        empty: Any = tk.get_validator("empty_if_not_sysadmin")
        empty(key, data, errors, context)


def lrtzc_title_or_name(key: Key, data: Data, errors: Errors, context: Any) -> None:
    """Give an untitled object of another catalogue its name for a title, as CKAN does."""
    if not data.get(key) and _state(data, context) != "draft" and data.get(("name",)):
        data[key] = data[("name",)]


def lrtzc_text(limit: int) -> Callable[[Any], str]:
    """Clean a text of at most `limit` characters."""
    return _clean(lambda value: clean_text(value, limit))


def lrtzc_texts(limit: int) -> Callable[[Any], list[str]]:
    """Clean several texts of at most `limit` characters each."""
    return _clean_each(lambda value: clean_text(value, limit))


def lrtzc_list(limit: int) -> Callable[[Key, Data, Errors, Any], None]:
    """Read a list of texts: a list, its JSON, or one item a line; an empty list is not kept."""

    def validator(key: Key, data: Data, errors: Errors, context: Any) -> None:
        value = data[key]
        if isinstance(value, str):
            text = value.strip()
            try:
                value = json.loads(text) if text.startswith("[") else text.splitlines()
            except (ValueError, RecursionError):
                value = [text]
        if isinstance(value, tuple | set | frozenset):
            value = list(value)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            errors[key].append(tk._("A list of texts is expected here."))
            raise tk.StopOnError
        items = [item.strip() for item in value if item.strip()]
        if len(items) > limit:
            errors[key].append(
                tk._("There are {count} items; at most {limit} are kept.").format(count=len(items), limit=limit)
            )
            raise tk.StopOnError
        if not items:
            data.pop(key)
            raise tk.StopOnError
        data[key] = items

    return validator


def lrtzc_one_of(name: str) -> Callable[[Any], str]:
    """Read one value of a controlled vocabulary; give its URI."""
    return _clean(lambda value: vocabularies()[name].clean(value))


def lrtzc_each_of(name: str) -> Callable[[Any], list[str]]:
    """Read values of a controlled vocabulary; give their URIs."""
    return _clean_each(lambda value: vocabularies()[name].clean(value))


def _theme(value: str) -> str:
    theme = vocabularies()["data_theme"]
    if theme.find(value) or not value.startswith(("http://", "https://")) or value.startswith(theme.base):
        return theme.clean(value)
    return values.clean_url(value)


def lrtzc_themes(value: Any) -> list[str]:
    """Read themes: those of the European table, or of another one by their web address."""
    return _clean_each(_theme)(value)


def _axis(value: str) -> str:
    axes = get_territory().axes_by_code
    if value in axes:
        return value
    raise BadValueError("“{value}” is not an axis of the territory: {axes}.", value=value[:80], axes=", ".join(axes))


def lrtzc_axes(value: Any) -> list[str]:
    """Read codes of the territory's axes."""
    return _clean_each(_axis)(value)


def lrtzc_communes(value: list[str]) -> list[str]:
    """Read INSEE codes of communes, of this territory or of another."""
    try:
        return values.clean_communes(value)
    except BadValueError as error:
        raise tk.Invalid(say(error)) from None


lrtzc_date = _clean(values.clean_date)
lrtzc_email = _clean(values.clean_email)
lrtzc_url = _clean(values.clean_url)
lrtzc_uri = _clean(values.clean_uri)
lrtzc_urls = _clean_each(values.clean_url)
lrtzc_uris = _clean_each(values.clean_uri)
lrtzc_number = _clean(values.clean_number)
lrtzc_duration = _clean(values.clean_duration)


def lrtzc_size(value: Any) -> int | None:
    """Read a size in bytes."""
    if value in ("", None):
        return None
    try:
        size = int(value)
    except (TypeError, ValueError, OverflowError):
        size = -1
    if not 0 <= size < 2**63:
        raise tk.Invalid(tk._("A size is a whole number of bytes."))
    return size


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


def lrtzc_licence_stated(key: Key, data: Data, errors: Errors, context: Any) -> None:
    """Say plainly that no licence is stated, where another catalogue gave none."""
    if context.get("ignore_auth") and data.get(key) in (None, "", tk.missing) and _state(data, context) != "draft":
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


def lrtzc_issued(key: Key, data: Data, errors: Errors, context: Any) -> None:
    """Date the first publication of an object, unless a date is given."""
    package = context.get("package")
    if _absent(data, key) or not data.get(key):
        becomes_public = package is None or package.state == "draft"
        if becomes_public and _state(data, context) == "active":
            data[key] = dt.datetime.now(dt.UTC).date().isoformat()


def lrtzc_resource_address(key: Key, data: Data, errors: Errors, context: Any) -> None:
    """Read the address of a file or a link: http or https, or the name of an uploaded file."""
    value = data[key]
    kind = data.get((*key[:-1], "url_type"))
    if kind in ("upload", "datastore", "tabledesigner"):
        data[key] = lrtzc_text(2000)(value)
    else:
        data[key] = lrtzc_url(value)


def lrtzc_state(key: Key, data: Data, errors: Errors, context: Any) -> None:
    """Let who may edit an object make it a draft or publish it; only who may delete it, delete it."""
    if _absent(data, key) or data[key] == "":
        data.pop(key, None)
        raise tk.StopOnError
    value = data[key]
    if value not in STATES:
        errors[key].append(tk._("The state is draft, active or deleted."))
        return
    if value != "deleted" or context.get("ignore_auth"):
        return
    package = context.get("package")
    if package is not None and package.state == "deleted":
        return
    try:
        if package is None:
            raise tk.NotAuthorized
        tk.check_access("package_delete", {"user": context.get("user")}, {"id": package.id})
    except tk.NotAuthorized:
        errors[key].append(tk._("You may not delete this dataset."))


def lrtzc_dataset_consistent(key: Key, data: Data, errors: Errors, context: Any) -> None:
    """Check fields against each other: a period ends after it starts."""
    starts = [field for field in data if field[0] == "temporal_coverage" and field[-1] == "start"]
    for field in starts:
        end = (*field[:2], "end")
        start_text, end_text = data.get(field), data.get(end)
        if not isinstance(start_text, str) or not isinstance(end_text, str) or errors.get(field) or errors.get(end):
            continue
        first, last = values.period_bounds(start_text, end_text)
        if first and last and first > last:
            errors.setdefault(end, []).append(tk._("The period ends before it starts."))


_KEYWORD_FORBIDDEN = '"\\<>{}[]|^`*?~'


def tag_name_validator(value: Any, context: Any) -> str:
    """Read a keyword, in place of CKAN's rule, which refuses the apostrophes that French needs (qualité de l'air)."""
    if not isinstance(value, str):
        raise tk.Invalid(tk._("A text is expected here."))
    for character in value:
        if character in _KEYWORD_FORBIDDEN or not character.isprintable():
            raise tk.Invalid(
                tk._("The keyword “{value}” holds a character that can't be searched: {character}").format(
                    value=value[:80], character=character
                )
            )
    return value
