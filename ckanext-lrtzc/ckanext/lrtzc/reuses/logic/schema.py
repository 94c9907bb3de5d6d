"""What the actions of reuses take."""

from typing import Any

import ckan.plugins.toolkit as tk
from werkzeug.datastructures import FileStorage

from ckanext.lrtzc.moderation.api import fields as f
from ckanext.lrtzc.objects.api import BadValueError, clean_url
from ckanext.lrtzc.reuses.domain.kinds import Kind

TITLE, DESCRIPTION = 200, 5_000
"""Signs."""
MOST_OBJECTS = 30
ORDERS = ("latest", "title")


def _url(value: Any) -> str:
    given = f.text(2_000)(value)
    try:
        return clean_url(given)
    except BadValueError as error:
        raise tk.Invalid(tk._(error.message).format(**error.params)) from None


def _objects(value: Any) -> list[str]:
    given = [value] if isinstance(value, str) and value else value
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_OBJECTS:
        raise tk.Invalid(tk._("Say which objects it uses: from 1 to {most}.").format(most=MOST_OBJECTS))
    return list(dict.fromkeys(f.name(each) for each in given))


def _picture(value: Any) -> Any:
    if isinstance(value, FileStorage):
        return value
    raise tk.Invalid(tk._("A picture is sent as a file."))


CHECKS = {
    "title": f.text(TITLE),
    "kind": f.one_of(Kind),
    "url": _url,
    "description": f.text(DESCRIPTION, lines=True),
    "objects": _objects,
}


def create() -> dict[str, Any]:
    """Take a new reuse."""
    return {
        **{name: f.needed(check) for name, check in CHECKS.items()},
        "picture": f.optional(_picture),
        **f.rest(),
    }


def update() -> dict[str, Any]:
    """Take changes of a reuse: what isn't sent stays."""
    return {
        **{name: [tk.get_validator("ignore_missing"), check] for name, check in CHECKS.items()},
        "id": f.needed(f.name),
        "picture": f.optional(_picture),
        "no_picture": f.default(False, f.flag),
        **f.rest(),
    }


def one() -> dict[str, Any]:
    """Take which reuse."""
    return {"id": f.needed(f.name), **f.rest()}


def listed() -> dict[str, Any]:
    """Take which reuses to list."""
    return {
        "q": f.default("", f.text(500, empty=True)),
        "kind": f.optional(f.one_of(Kind)),
        "object": f.optional(f.name),
        "organization": f.optional(f.name),
        "sort": f.default("latest", f.one_of(ORDERS)),
        **f.paged(20),
    }
