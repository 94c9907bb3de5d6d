"""What the actions of automatic opening take."""

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.asking import name
from ckanext.lrtzc.opening.model import Choice


def of_one() -> dict[str, Any]:
    """Which dataset or organisation."""
    return {"id": [tk.get_validator("not_missing"), name], "__extras": [tk.get_validator("ignore")]}


def choosing() -> dict[str, Any]:
    """Which dataset, and what is chosen."""
    one_of = tk.get_validator("one_of")([each.value for each in Choice])
    return {**of_one(), "choice": [tk.get_validator("default")(""), one_of]}


def switching() -> dict[str, Any]:
    """Which organisation, and whether it is on."""
    return {**of_one(), "on": [tk.get_validator("not_missing"), tk.get_validator("boolean_validator")]}
