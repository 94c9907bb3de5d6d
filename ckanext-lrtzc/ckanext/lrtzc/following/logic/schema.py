"""What the actions of following take."""

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.asking import name


def of_object() -> dict[str, Any]:
    """Which object."""
    return {"id": [tk.get_validator("not_missing"), name], "__extras": [tk.get_validator("ignore")]}
