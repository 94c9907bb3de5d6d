"""Template helpers of batches."""

from __future__ import annotations

import re
from typing import Any

import ckan.plugins.toolkit as tk

from . import storage
from .domain.coltypes import LABELS
from .domain.infer import REASONS
from .domain.limits import readable_size
from .domain.problems import Problem


def lrtzc_batches_problem(found: dict[str, Any]) -> str:
    """Say a problem of a batch's analysis or report."""
    return Problem.from_dict(found).sentence(tk._)


def lrtzc_batches_place(found: dict[str, Any]) -> str:
    """Say where a problem is: line and column, where known."""
    parts = []
    if found.get("line") is not None:
        parts.append(tk._("line {number}").format(number=found["line"]))
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


def lrtzc_batches_state(state: str) -> str:
    """Say a batch's state."""
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
