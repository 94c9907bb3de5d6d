"""Look at the beginning of a file and propose how to load it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from .casting import Column, cast_column
from .geometry import Geometry, recognise
from .infer import Inference, infer
from .limits import Limits
from .opening import open_table
from .problems import BatchError, Problem
from .tables import GEOMETRY, Source, Table

PREVIEW = 20
# bytes of text looked at, at most
_WEIGHT = 256 << 20


@dataclass
class Analysis:
    """What was found.

    `rows` is the number looked at, `whole` whether these were all; `preview` holds up to 20 rows of
    text in the order of `columns`.
    """

    settings: dict[str, Any]
    columns: list[Inference]
    headers: list[str]
    geometry: Geometry | None
    rows: int
    whole: bool
    preview: list[list[str | None]]
    problems: list[Problem]


def drop_blank(data: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Leave out rows without any value; give how many they were."""
    shown = [pl.col(name) for name in data.columns if not name.startswith("_") or name == GEOMETRY]
    kept = data.filter(~pl.all_horizontal([column.is_null() for column in shown]))
    return kept, len(data) - len(kept)


def analyse(source: Source, settings: dict[str, Any] | None = None, limits: Limits | None = None) -> Analysis:
    """Read up to `limits.analysis_rows` rows and infer columns. Raises BatchError when it is no table."""
    limits = limits or Limits()
    with open_table(source, settings, limits) as table:
        return look_at_table(table, limits)


def look_at_table(table: Table, limits: Limits) -> Analysis:
    """Read up to `limits.analysis_rows` rows of an open table and infer columns. Raises BatchError where none is."""
    parts: list[pl.DataFrame] = []
    rows = blank = weight = 0
    whole = True
    ragged: list[Problem] = []
    for frame in table.frames():
        data, empty = drop_blank(frame.data)
        if GEOMETRY in data.columns:
            # that there is one is all that is asked of it here, and outlines may weigh more than all the rest
            data = data.with_columns(pl.lit(None, dtype=pl.String).alias(GEOMETRY))
        blank += empty
        ragged += frame.refused
        if len(data):
            parts.append(data)
            rows += len(data)
            weight += data.estimated_size()
        if rows >= limits.analysis_rows or weight >= _WEIGHT:
            whole = False
            break
    if not rows:
        raise ragged_or_empty(ragged)
    sample = pl.concat(parts)
    inferences = [infer(name, sample[name], table.native.get(name)) for name in table.names]
    if not whole:
        inferences = [replace(each, reason="unseen") if each.reason == "empty" else each for each in inferences]
    geometry = recognise(sample, inferences)
    if geometry is not None and geometry.kind == "feature" and table.settings.get("crs"):
        geometry = Geometry("feature", crs=table.settings["crs"])
    problems = list(table.problems)
    if blank:
        problems.append(Problem("blank_rows", {"count": blank}))
    problems += located(ragged[:20], table.locate([p.line for p in ragged[:20] if p.line]))
    preview = [list(row) for row in sample.head(PREVIEW).select(table.names).iter_rows()]
    return Analysis(table.settings, inferences, table.headers, geometry, rows, whole, preview, problems)


def ragged_or_empty(ragged: list[Problem]) -> BatchError:
    """Give the error of a file from which no row came."""
    return BatchError("no_good_row", line=ragged[0].line) if ragged else BatchError("header_only")


def located(problems: list[Problem], lines: dict[int, int]) -> list[Problem]:
    """Give the problems with positions turned into lines."""
    return [
        Problem(problem.code, problem.params, lines.get(problem.line or 0, problem.line), problem.column, problem.byte)
        for problem in problems
    ]


def cells_at_fault(preview: list[list[str | None]], columns: list[Column]) -> set[tuple[int, int]]:
    """Give the (row, column) places of a preview whose text doesn't fit the columns' types."""
    faults: set[tuple[int, int]] = set()
    for place, column in enumerate(columns):
        values = pl.Series([row[place] for row in preview], dtype=pl.String)
        faults |= {(int(row), place) for row in cast_column(values, column)[1]}
    return faults
