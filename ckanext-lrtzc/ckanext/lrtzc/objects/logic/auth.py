"""Rights on the objects' own actions."""

from typing import Any

import ckan.plugins.toolkit as tk

AuthResult = dict[str, Any]


def _as(name: str, context: Any, data_dict: dict[str, Any]) -> AuthResult:
    tk.check_access(name, context, data_dict)
    return {"success": True}


def lrtzc_objects_draft_create(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Allow who may create datasets."""
    return _as("package_create", context, {})


def lrtzc_objects_draft_list(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Allow who may create datasets: the list is their own."""
    return _as("package_create", context, {})


def lrtzc_objects_check(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Allow who may edit the dataset."""
    return _as("package_update", context, {"id": tk.get_or_bust(data_dict, "id")})


def lrtzc_objects_publish(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Allow who may edit the dataset."""
    return _as("package_update", context, {"id": tk.get_or_bust(data_dict, "id")})


def lrtzc_objects_withhold(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Allow who may edit the dataset."""
    return _as("package_update", context, {"id": tk.get_or_bust(data_dict, "id")})
