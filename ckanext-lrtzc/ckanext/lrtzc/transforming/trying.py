"""Steps tried on the first rows of a file, to be seen before they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ckan.plugins.toolkit as tk
import polars as pl

from ckanext.lrtzc.batches.api import BatchError, last_batch, resource_of_batch, table_of_batch

from .domain.catalogue import Step
from .domain.working import POSITION, Unfit
from .geocoder import Geocoder
from .preparing import started

MOST_ROWS = 1_000
SHOWN_ROWS = 15
FEW = 50
"""Addresses whose place is asked for."""
SHOWN_COLUMNS = 30
_SHOWN_LENGTH = 60


def tried(resource_id: str, steps: Sequence[Step], author: str, batch_id: str | None) -> dict[str, Any]:
    """Run steps on rows of a file; see the action `lrtzc_steps_try`. Raises ValidationError."""
    try:
        names, rows = sample(resource_id, batch_id)
        run = started(steps, names, author, Geocoder(FEW))
        after = pl.concat([rows.clear().select([POSITION, *names]), *_made(run, rows)], how="diagonal")
    except BatchError as error:
        number = error.problem.params.get("number")
        which = {"step": [str(number)]} if number else {}
        raise tk.ValidationError({"steps": [error.problem.sentence(tk._)], **which}) from error
    # one more than is tried tells whether these are all
    return {
        "before": {"names": names[:SHOWN_COLUMNS], "count": len(rows), "rows": _shown(rows, names)},
        "after": {
            "names": run.names[:SHOWN_COLUMNS],
            "count": len(after),
            "rows": _shown(after, run.names, rows),
        },
        "steps": run.report(),
        "whole": len(rows) < MOST_ROWS,
    }


def _made(run: Any, rows: pl.DataFrame) -> list[pl.DataFrame]:
    try:
        return list(run.apply([rows]))
    except Unfit as error:
        raise BatchError(f"step_{error.code}", **error.params) from error


def sample(resource_id: str, batch_id: str | None) -> tuple[list[str], pl.DataFrame]:
    """Give the columns and the first rows that came for a file, as they came.

    :raises ValidationError: where none are kept
    :raises BatchError: where they can't be read
    """
    chosen = batch_id or last_batch(resource_id)
    if chosen is None or resource_of_batch(chosen) != resource_id:
        raise tk.ValidationError({"batch_id": [tk._("No data of this file is kept as it came: send some first.")]})
    found = table_of_batch(chosen, MOST_ROWS)
    if found is None:
        raise tk.ValidationError({"batch_id": [tk._("No data of this file is kept as it came: send some first.")]})
    return found


def _shown(rows: pl.DataFrame, names: Sequence[str], before: pl.DataFrame | None = None) -> list[dict[str, Any]]:
    """Give the first rows, with the places of the cells that are others than `before`."""
    columns = list(names)[:SHOWN_COLUMNS]
    head = rows.head(SHOWN_ROWS)
    known: dict[int, dict[str, Any]] = {}
    if before is not None:
        same = before.filter(pl.col(POSITION).is_in(head[POSITION].implode()))
        known = {int(row[POSITION]): row for row in same.iter_rows(named=True)}
    found: list[dict[str, Any]] = []
    for row in head.iter_rows(named=True):
        was = known.get(int(row[POSITION]), {})
        at = [place for place, name in enumerate(columns) if before is not None and was.get(name) != row[name]]
        found.append({"line": int(row[POSITION]), "cells": [_cut(row[name]) for name in columns], "at": at})
    return found


def _cut(value: str | None) -> str | None:
    return value if value is None or len(value) <= _SHOWN_LENGTH else f"{value[: _SHOWN_LENGTH - 1]}…"
