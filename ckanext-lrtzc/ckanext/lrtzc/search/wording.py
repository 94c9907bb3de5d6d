"""The words of scores and facets, in the reader's language; beside each fault, what mends it and where."""

from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk
from flask import current_app

from ckanext.lrtzc.objects.api import kind_of, step_of
from ckanext.lrtzc.search.domain.score import WEIGHTS, Criterion
from ckanext.lrtzc.search.scoring import ACCESS, FRESHNESS, QUALITY, SCORE


@dataclass(frozen=True)
class Line:
    """A criterion: what it asks, whether it is met, what would meet it, and where; `gain` in points of the score."""

    label: str
    met: bool
    remedy: str
    url: str
    gain: int


@dataclass(frozen=True)
class Shown:
    """A score in words: `value` of 100, its lines, and the state of freshness (code and words)."""

    value: int
    lines: list[Line]
    state: str
    freshness: str
    due: str


def facet_titles() -> dict[str, str]:
    """Give the facets that this room adds, search field to title."""
    return {FRESHNESS: tk._("Freshness"), ACCESS: tk._("Access"), QUALITY: tk._("Quality of the description")}


def facet_label(field: str, value: str) -> str:
    """Give the words for a value of one of these facets; the value itself where there are none."""
    if field == QUALITY and "-" in value:
        low, high = value.split("-", 1)
        return tk._("{low} to {high} of 100").format(low=low, high=high)
    return {FRESHNESS: _freshness(), ACCESS: _access()}.get(field, {}).get(value, value)


def _freshness() -> dict[str, str]:
    return {
        "kept": tk._("Up to date"),
        "late": tk._("Late"),
        "free": tk._("No fixed rhythm"),
        "fixed": tk._("Will not change any more"),
        "undeclared": tk._("Rhythm not stated"),
    }


def _access() -> dict[str, str]:
    return {"open": tk._("Open to all"), "part": tk._("Open in part"), "request": tk._("On request")}


def _asked() -> dict[str, tuple[str, str, str]]:
    """Give, by criterion, what it asks, what meets it, and the field of the form by which."""
    return {
        Criterion.LICENCE: (
            tk._("Its licence is stated"),
            tk._("Choose a licence: without one, nobody knows what they may do."),
            "license_id",
        ),
        Criterion.DESCRIPTION: (
            tk._("It is described in some sentences"),
            tk._("Say in some sentences what it is, where it comes from and what it serves."),
            "notes",
        ),
        Criterion.OPEN_FORMAT: (
            tk._("One of its files is in an open format"),
            tk._("Add a file in a format that all can read: CSV, GeoJSON, JSON, Parquet…"),
            "resources",
        ),
        Criterion.REACHABLE: (
            tk._("Its files and links answer"),
            tk._("Add a file, or replace the links that don't answer."),
            "resources",
        ),
        Criterion.COLUMNS: (
            tk._("Each column of its tables is explained"),
            tk._("Say of each column what it holds."),
            "",
        ),
        Criterion.FREQUENCY: (
            tk._("How often it changes is stated"),
            tk._("Say how often it is brought up to date."),
            "frequency",
        ),
        Criterion.KEPT: (
            tk._("It is brought up to date as often as stated"),
            tk._("Bring it up to date, or state the rhythm that it really has."),
            "frequency",
        ),
        Criterion.PERIOD: (
            tk._("The period that it is about is stated"),
            tk._("Say from when to when it speaks."),
            "temporal_coverage",
        ),
        Criterion.EXTENT: (
            tk._("The area that it is about is stated"),
            tk._("Name its communes, or draw its area."),
            "spatial",
        ),
    }


def shown(dataset: dict[str, Any]) -> Shown | None:
    """Give the score of an object, as an action gave it, in words; None where it has none."""
    score = dataset.get(SCORE)
    if not isinstance(score, dict):
        return None
    asked, met = _asked(), score["criteria"]
    whole = sum(WEIGHTS[Criterion(code)] for code in met) or 1
    lines = []
    for code, done in met.items():
        label, remedy, field = asked[code]
        gain = round(100 * WEIGHTS[Criterion(code)] / whole)
        lines.append(Line(label, done, remedy, "" if done else _where(dataset, field), gain))
    freshness = "" if score["freshness"] == "undeclared" else _freshness()[score["freshness"]]
    return Shown(score["value"], lines, score["freshness"], freshness, score["due"] or "")


def _where(dataset: dict[str, Any], field: str) -> str:
    """Give the address of the very step of the form, or of the dictionary of the first table."""
    if not field:
        tables = (one for one in dataset.get("resources") or () if one.get("datastore_active"))
        first = next(tables, None)
        if first is None or "lrtzc_batches.dictionary" not in current_app.view_functions:
            return ""
        return tk.h.url_for("lrtzc_batches.dictionary", id=dataset["name"], resource_id=first["id"])
    kind = kind_of(dataset["type"])
    step = tk.h.url_for("lrtzc_objects.edit_step", type=kind.type.value, id=dataset["id"], step=step_of(field).value)
    return f"{step}#field-{field}"
