"""Template helpers of batches."""

from __future__ import annotations

import re
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.asking import request_context
from ckanext.lrtzc.schedule import DAYS

from . import storage
from .domain.coltypes import LABELS
from .domain.detect import RECORDS
from .domain.infer import REASONS
from .domain.limits import readable_size
from .domain.problems import OF_LINES, Problem
from .domain.timing import Way


def lrtzc_batches_problem(found: dict[str, Any]) -> str:
    """Say a problem of a batch's analysis or report."""
    return Problem.from_dict(found).sentence(tk._)


def lrtzc_batches_place(found: dict[str, Any], kind: str | None = None) -> str:
    """Say where a problem is: line (of a file of records, by its kind: record) and column, where known."""
    parts = []
    if found.get("line") is not None:
        counted = kind in RECORDS and found.get("code") not in OF_LINES
        words = tk._("record {number}") if counted else tk._("line {number}")
        parts.append(words.format(number=found["line"]))
    if found.get("column"):
        parts.append(tk._("column {name}").format(name=found["column"]))
    if found.get("byte") is not None:
        parts.append(tk._("byte {number}").format(number=found["byte"]))
    return ", ".join(parts)


def lrtzc_batches_reason(column: dict[str, Any]) -> str:
    """Say why a type was proposed for a column of an analysis."""
    params = {key: tk._(value) if key == "kind" else value for key, value in column["params"].items()}
    if "form" in params:
        letters = {"YYYY": tk._("YYYY"), "YY": tk._("YY"), "DD": tk._("DD"), "month": tk._("month")}
        params["form"] = re.sub("|".join(letters), lambda found: letters[found[0]], params["form"])
    sentence = REASONS[column["reason"]]
    return tk._(sentence).format(**params)


def lrtzc_batches_types() -> list[dict[str, str]]:
    """Give the types a column may have: `value` and `text`, for a select."""
    return [{"value": kind.value, "text": tk._(label)} for kind, label in LABELS.items()]


def lrtzc_batches_type(kind: str) -> str:
    """Say a column's type; types that aren't ours keep the database's name."""
    names = {known.value: tk._(label) for known, label in LABELS.items()}
    return names.get(kind, kind)


def lrtzc_batches_state(state: str, waits: Any = None) -> str:
    """Say a batch's state; `waits` where it waits for the hour or the number of its resource."""
    if waits:
        return tk._("checked, waiting to go in")
    words = {
        "received": tk._("being read"),
        "analysed": tk._("to be confirmed"),
        "confirmed": tk._("waiting to be loaded"),
        "loading": tk._("being loaded"),
        "integrated": tk._("published"),
        "waiting": tk._("waiting for moderation"),
        "rejected": tk._("rejected"),
        "quarantined": tk._("put aside"),
        "failed": tk._("failed"),
        "withdrawn": tk._("withdrawn"),
    }
    return words[state]


def lrtzc_batches_when(timing: dict[str, Any]) -> str:
    """Say when the data of a resource goes in; `timing` as `batch_timing_show` gives it."""
    way = Way(timing["way"])
    if way is Way.HOURS:
        times = ", ".join(timing["times"])
        if len(timing["days"]) == len(DAYS):
            return tk._("Every day at {times}").format(times=times)
        days = ", ".join(tk._(DAYS[day]) for day in timing["days"])
        return tk._("{days} at {times}").format(days=days, times=times)
    if way is Way.NUMBER:
        said = tk._("When {n} files wait").format(n=tk.h.localised_number(timing["number"]))
        if hours := timing["hours"]:
            late = tk.ungettext("at the latest {n} hour later", "at the latest {n} hours later", hours)
            said = f"{said}, {late.format(n=tk.h.localised_number(hours))}"
        return said
    return tk._("On arrival")


def lrtzc_batches_timing(resource_id: str) -> dict[str, Any] | None:
    """Give when the data of a resource goes in, to those who may change it; None where that is on arrival."""
    try:
        found = tk.get_action("batch_timing_show")(request_context(), {"resource_id": resource_id})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return None
    return found if found["way"] != Way.ARRIVAL else None


def lrtzc_batches_days() -> list[tuple[int, str]]:
    """Give the days of the week: number and name."""
    return [(number, tk._(name)) for number, name in DAYS.items()]


def lrtzc_batches_phase(phase: str) -> str:
    """Say what is being done to a batch."""
    words = {
        "waiting": tk._("Waiting for its turn"),
        "loading": tk._("Reading and storing rows"),
        "searching": tk._("Preparing the search"),
        "indexing": tk._("Preparing filters"),
    }
    return words.get(phase, words["waiting"])


def lrtzc_batches_max_size() -> int:
    """Give the size of the largest file accepted, in bytes."""
    return storage.max_size()


def lrtzc_batches_size(size: int) -> str:
    """Write a size in bytes for people: `500 Mo` in French, `500 MB` elsewhere."""
    text = readable_size(size).replace(" ", "\u00a0")
    return text if tk.h.lang() == "fr" else text.replace("o", "B")


def lrtzc_batches_can_upload(package_id: str) -> bool:
    """Say whether the visitor may send files to a dataset."""
    return tk.h.check_access("batch_create", {"package_id": package_id})
