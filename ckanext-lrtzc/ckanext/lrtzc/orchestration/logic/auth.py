"""Administrators only."""

from typing import Any

import ckan.plugins.toolkit as tk

__all__ = ["lrtzc_orchestration_show"]


def lrtzc_orchestration_show(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Administrators only, whom CKAN lets pass before it asks here."""
    return {"success": False, "msg": tk._("Only administrators see what the portal does by itself.")}
