"""Who may ask: everybody, each answered with what they may see; the index is administered by administrators."""

from typing import Any

import ckan.plugins.toolkit as tk

__all__ = [
    "lrtzc_search_index_again",
    "lrtzc_search_index_show",
    "lrtzc_synonym_create",
    "lrtzc_synonym_delete",
    "lrtzc_synonym_list",
    "lrtzc_synonym_update",
    "search_suggest",
]


@tk.auth_allow_anonymous_access
def search_suggest(context: Any, data_dict: dict[str, Any] | None = None) -> dict[str, Any]:
    """Suggestions are of what whoever asks finds by searching."""
    return {"success": True}


def lrtzc_search_index_show(context: Any, data_dict: dict[str, Any] | None = None) -> dict[str, Any]:
    """Leave it to administrators: it names objects of all."""
    return {"success": False, "msg": tk._("Only administrators look after the search.")}


def lrtzc_search_index_again(context: Any, data_dict: dict[str, Any] | None = None) -> dict[str, Any]:
    """Leave it to administrators."""
    return {"success": False, "msg": tk._("Only administrators look after the search.")}


def lrtzc_synonym_list(context: Any, data_dict: dict[str, Any] | None = None) -> dict[str, Any]:
    """Leave it to administrators."""
    return {"success": False, "msg": tk._("Only administrators look after the search.")}


def lrtzc_synonym_create(context: Any, data_dict: dict[str, Any] | None = None) -> dict[str, Any]:
    """Leave it to administrators."""
    return {"success": False, "msg": tk._("Only administrators look after the search.")}


def lrtzc_synonym_update(context: Any, data_dict: dict[str, Any] | None = None) -> dict[str, Any]:
    """Leave it to administrators."""
    return {"success": False, "msg": tk._("Only administrators look after the search.")}


def lrtzc_synonym_delete(context: Any, data_dict: dict[str, Any] | None = None) -> dict[str, Any]:
    """Leave it to administrators."""
    return {"success": False, "msg": tk._("Only administrators look after the search.")}
