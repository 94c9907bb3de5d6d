"""What the page of settings shows."""

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.settings import declared
from ckanext.lrtzc.settings.domain import as_text


def lrtzc_settings(typed: dict[str, Any]) -> list[dict[str, Any]]:
    """Give `key`, `kind`, `label` and `value` (text) of each setting, as typed or as it is."""
    found = []
    for each in declared.settings():
        value = typed.get(each.key)
        try:
            value = as_text(each.kind, tk.config.get(each.key) if value is None else value)
        except ValueError:
            value = str(value)
        found.append({"key": each.key, "kind": each.kind, "label": tk._(each.description), "value": value})
    return found
