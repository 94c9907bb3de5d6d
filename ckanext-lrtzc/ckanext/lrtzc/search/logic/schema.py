"""What the room's actions take."""

import re
import uuid
from typing import Any

import ckan.plugins.toolkit as tk

#: Characters: what is longer isn't being typed.
LONGEST = 200
MOST = 20


def _typed(value: Any) -> str:
    if not isinstance(value, str):
        raise tk.Invalid(tk._("A text is expected."))
    return value[:LONGEST]


def _at_most(value: Any) -> int:
    if not isinstance(value, int):
        raise tk.Invalid(tk._("A number is expected."))
    return max(1, min(value, MOST))


def search_suggest() -> dict[str, Any]:
    """Give the schema of `search_suggest`."""
    default: Any = tk.get_validator("default")
    integer = tk.get_validator("natural_number_validator")
    return {
        "q": [tk.get_validator("not_missing"), _typed],
        "limit": [default(6), integer, _at_most],
    }


def lrtzc_search_index_again() -> dict[str, Any]:
    """Give the schema of `lrtzc_search_index_again`."""
    default: Any = tk.get_validator("default")
    return {
        "id": [tk.get_validator("ignore_missing"), tk.get_validator("ignore_empty"), _name],
        "rows": [default(False), tk.get_validator("boolean_validator")],
    }


def _name(value: Any) -> str:
    if not isinstance(value, str) or "\x00" in value:
        raise tk.Invalid(tk._("A text is expected."))
    return value.strip()[:LONGEST]


_TERMS = 10_000


def _terms(value: Any) -> list[str]:
    """Give terms from a list, or from a text with commas or line ends between them."""
    if isinstance(value, str):
        value = re.split(r"[,;\n]", value[:_TERMS])
    if not isinstance(value, list) or len(value) > LONGEST or not all(isinstance(one, str) for one in value):
        raise tk.Invalid(tk._("A list of terms is expected."))
    return [one.strip() for one in value if one.strip()]


def _uuid(value: Any) -> str:
    try:
        return str(uuid.UUID(value))
    except (ValueError, TypeError, AttributeError):
        raise tk.Invalid(tk._("A UUID is expected.")) from None


def lrtzc_synonym_create() -> dict[str, Any]:
    """Give the schema of `lrtzc_synonym_create`."""
    optional = [tk.get_validator("ignore_missing"), tk.get_validator("ignore_empty")]
    return {"id": [*optional, _uuid], "terms": [tk.get_validator("not_missing"), _terms]}


def lrtzc_synonym_update() -> dict[str, Any]:
    """Give the schema of `lrtzc_synonym_update`."""
    return {**lrtzc_synonym_delete(), "terms": [tk.get_validator("not_missing"), _terms]}


def lrtzc_synonym_delete() -> dict[str, Any]:
    """Give the schema of `lrtzc_synonym_delete`."""
    return {"id": [tk.get_validator("not_empty"), _name]}
