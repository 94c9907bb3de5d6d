"""From what was found in a file to how it will be loaded, given what the resource already holds."""

from __future__ import annotations

from typing import Any

from .domain.analysis import Analysis
from .domain.casting import Column
from .domain.coltypes import ColumnType
from .domain.geometry import Geometry
from .domain.infer import Inference
from .domain.pipeline import Plan
from .loading.tables import Existing, existing, work


def table_of(resource_id: str) -> Existing | None:
    """Describe the resource's table as it is now; None if it has none."""
    with work() as cursor:
        return existing(cursor, resource_id)


def _column(inference: Inference, header: str, remembered: dict[str, Any], info: dict[str, Any]) -> dict[str, Any]:
    column = inference.column
    # what was confirmed for this column once is proposed again, whatever the new values look like
    kind = ColumnType(remembered["type"]) if remembered else column.type
    kept = kind is not column.type
    return {
        "name": column.name,
        "type": kind.value,
        "decimal": remembered.get("decimal", column.decimal) if kept else column.decimal,
        "formats": list(remembered.get("formats", ())) if kept else list(column.formats),
        "keep": bool(remembered.get("keep", True)),
        "label": info.get("label") or (header.strip() if header.strip() != column.name else ""),
        "notes": info.get("notes", ""),
        "unit": info.get("unit", ""),
    }


def propose(found: Analysis, last: dict[str, Any], before: Existing | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give (settings, analysis) as stored: how to load, and what to show of the file.

    Columns that the resource's table `before` has keep their type and dictionary; `last` are the settings of the last
    batch, which say how values were written, the mode and the key.
    """
    remembered = {column["name"]: column for column in last.get("columns", [])}
    types = before.types if before else {}
    known = {kind.value for kind in ColumnType}
    infos = before.infos if before else {}
    columns = []
    for inference, header in zip(found.columns, found.headers, strict=True):
        memory = dict(remembered.get(inference.name, {}))
        if types.get(inference.name) in known:
            memory["type"] = types[inference.name]
        elif "type" in memory and memory.get("keep", True) and before:
            memory = {}
        columns.append(_column(inference, header, memory, infos.get(inference.name, {})))
    names = {column["name"] for column in columns}
    settings = {
        "table": found.settings,
        "columns": columns,
        "geometry": found.geometry.as_dict() if found.geometry else None,
        "mode": last.get("mode", "replace"),
        "key": [name for name in last.get("key", []) if name in names],
        "empty_bad_cells": bool(last.get("empty_bad_cells", False)),
    }
    analysis = {
        "rows": found.rows,
        "whole": found.whole,
        "preview": found.preview,
        "problems": [problem.as_dict() for problem in found.problems],
        "columns": [
            {
                "name": inference.name,
                "inferred": inference.type.value,
                "reason": inference.reason,
                "params": inference.params,
                "samples": [sample[:80] for sample in inference.samples],
                "contradictions": [value[:80] for value in inference.contradictions],
                "confidence": inference.confidence,
                "missing": inference.missing,
            }
            for inference in found.columns
        ],
    }
    return settings, analysis


def plan_of(settings: dict[str, Any]) -> Plan:
    """Give the plan that stored settings describe."""
    columns = tuple(
        Column(column["name"], ColumnType(column["type"]), column["decimal"], tuple(column["formats"]))
        for column in settings["columns"]
        if column["keep"]
    )
    geometry = Geometry(**settings["geometry"]) if settings.get("geometry") else None
    if geometry and not set(geometry.columns) <= {column.name for column in columns}:
        geometry = None
    return Plan(columns, geometry, settings["empty_bad_cells"])


def infos_of(settings: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Give the dictionary of each column; texts left empty take the place of what was there."""
    return {
        column["name"]: {key: column[key] for key in ("label", "notes", "unit")}
        for column in settings["columns"]
        if column["keep"] and any(column[key] for key in ("label", "notes", "unit"))
    }


def differences(settings: dict[str, Any], before: Existing | None) -> tuple[list[str], list[str]]:
    """Give (columns that would be lost, columns whose type would change) if the batch replaced or joined `before`."""
    if before is None:
        return [], []
    new = {column.name: column.type.value for column in plan_of(settings).columns}
    lost = [name for name in before.types if name not in new] if settings["mode"] == "replace" else []
    changed = [name for name, kind in before.types.items() if name in new and new[name] != kind]
    return lost, changed


def as_text(settings: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """Give settings in which the columns `names` are text."""
    columns = [
        {**column, "type": "text", "formats": []} if column["name"] in names else column
        for column in settings["columns"]
    ]
    return {**settings, "columns": columns}
