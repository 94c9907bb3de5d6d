"""What a person decides of a batch, checked against what the resource holds."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from .domain.problems import Problem
from .loading.tables import Existing
from .proposal import differences


def merged(settings: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    """Give the settings of a batch with what was `asked` (the parameters of `batch_confirm`)."""
    changes = {column["name"]: column for column in asked.get("columns") or []}
    columns = []
    for column in settings["columns"]:
        change = changes.get(column["name"], {})
        if change.get("type", column["type"]) != column["type"]:
            # how values are written was inferred for another type: all ways of writing are tried
            column = {**column, "formats": []}
        columns.append({**column, **change})
    found = {**settings, "columns": columns}
    found |= {key: asked[key] for key in ("mode", "key", "empty_bad_cells") if key in asked}
    if not asked["use_geometry"]:
        found["geometry"] = None
    return found


def check(settings: dict[str, Any], before: Existing | None, *, accepted: bool) -> None:
    """Raise ValidationError where the settings can't be loaded, or would lose what wasn't `accepted` to be lost."""
    kept = {column["name"] for column in settings["columns"] if column["keep"]}
    if not kept:
        raise tk.ValidationError({"columns": [tk._("Keep one column at least.")]})
    if settings["mode"] == "upsert" and (not settings["key"] or not set(settings["key"]) <= kept):
        raise tk.ValidationError({"key": [tk._("Choose the columns that tell rows apart.")]})
    if before is None:
        return
    lost, changed = differences(settings, before)
    if changed and settings["mode"] != "replace":
        problem = Problem("changed_types", {"names": ", ".join(changed)})
        raise tk.ValidationError({"columns": [problem.sentence(tk._)]})
    if settings["mode"] == "upsert" and not set(settings["key"]) <= set(before.types):
        raise tk.ValidationError({"key": [tk._("The data there is doesn't have these columns.")]})
    if (lost or changed) and not accepted:
        named = (("lost_columns", lost), ("changed_types", changed))
        problems = [Problem(code, {"names": ", ".join(names)}) for code, names in named if names]
        raise tk.ValidationError({"accept_changes": [problem.sentence(tk._) for problem in problems]})
