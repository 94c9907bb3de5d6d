"""Who may do what with collections: those who see a dataset, those who change it."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

AuthResult = dict[str, Any]


def _as(right: str, context: Any, data_dict: dict[str, Any]) -> AuthResult:
    named = data_dict.get("id")
    if not isinstance(named, str) or not named:
        return {"success": False}
    try:
        tk.check_access(right, tk.fresh_context(context), {"id": named})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        words = (
            tk._("You may not change this dataset.") if right == "package_update" else tk._("There is no such dataset.")
        )
        return {"success": False, "msg": words}
    return {"success": True}


@tk.auth_allow_anonymous_access
def lrtzc_collection_show(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Allow those who see the dataset."""
    return _as("package_show", context, data_dict)


@tk.auth_allow_anonymous_access
def lrtzc_collection_file_list(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Allow those who see the dataset; the action asks for the access decision."""
    return _as("package_show", context, data_dict)


@tk.auth_allow_anonymous_access
def lrtzc_collection_file_show(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Allow those who see the dataset; the action asks for the access decision."""
    return _as("package_show", context, data_dict)


def lrtzc_collection_create(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Allow those who may change the dataset."""
    return _as("package_update", context, data_dict)


def lrtzc_collection_submit(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Allow those who may change the dataset."""
    return _as("package_update", context, data_dict)


def lrtzc_collection_file_update(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Allow those who may change the dataset."""
    return _as("package_update", context, data_dict)


def lrtzc_collection_file_remove(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Allow those who may change the dataset."""
    return _as("package_update", context, data_dict)
