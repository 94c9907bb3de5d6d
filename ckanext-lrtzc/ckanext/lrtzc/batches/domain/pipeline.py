"""From frames of text to chunks of typed rows, with what was refused or corrected on the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from .analysis import drop_blank
from .casting import Column, cast_frame
from .checking import BatchCheck, Judged
from .coltypes import ColumnType
from .geometry import Geometry, locate
from .problems import Problem
from .tables import GEOMETRY, POSITION, Table


@dataclass(frozen=True)
class Plan:
    """How a table becomes rows: its columns as confirmed (others are left out) and its geometry.

    `empty_bad_cells` says whether cells that don't fit are emptied rather than their row refused.
    """

    columns: tuple[Column, ...]
    geometry: Geometry | None = None
    empty_bad_cells: bool = False


@dataclass
class Chunk:
    """Some typed rows: columns of the plan, `_position` and, where the plan has a geometry, `_geometry`."""

    data: pl.DataFrame
    read: int = 0
    blank: int = 0
    done: float = 0.0
    refused: list[Problem] = field(default_factory=list[Problem])
    corrected: list[Problem] = field(default_factory=list[Problem])
    judged: list[Judged] = field(default_factory=list[Judged])
    rows: dict[int, list[str | None]] = field(default_factory=dict[int, "list[str | None]"])


def chunks(table: Table, plan: Plan, kept_rows: int = 20_000, checks: Sequence[BatchCheck] = ()) -> Iterator[Chunk]:
    """Give the rows of `table` as `plan` says and `checks` let them.

    The first `kept_rows` rows that are refused, or with which a check finds fault, come with their text, by position.
    """
    left = kept_rows
    for frame in table.frames():
        data, blank = drop_blank(frame.data)
        cast = cast_frame(data, list(plan.columns), empty_bad_cells=plan.empty_bad_cells)
        chunk = Chunk(cast.data, len(data) + len(frame.refused), blank, frame.done)
        chunk.refused += frame.refused + cast.refused
        chunk.corrected += _of_others(frame.corrected, cast.refused) + cast.corrected
        if plan.geometry is not None:
            placed = locate(cast.data, plan.geometry)
            chunk.data = placed.data
            chunk.refused += placed.refused
            chunk.corrected += placed.corrected
        elif GEOMETRY in chunk.data.columns:
            chunk.data = chunk.data.drop(GEOMETRY)
        for check in checks:
            judged = check.judge(chunk.data)
            chunk.data = judged.data
            chunk.judged.append(judged)
        told = [problem for part in (chunk.refused, *(each.listed for each in chunk.judged)) for problem in part]
        bad = sorted({problem.line for problem in told if problem.line is not None})[:left]
        left -= len(bad)
        if bad:
            found = data.filter(pl.col(POSITION).is_in(bad)).select([POSITION, *table.names])
            chunk.rows = {int(row[0]): list(row[1:]) for row in found.iter_rows()}
        yield chunk


def _of_others(problems: list[Problem], refused: list[Problem]) -> list[Problem]:
    """Give the problems of rows other than those that were refused."""
    lines = {problem.line for problem in refused} if problems else set[int | None]()
    return [problem for problem in problems if problem.line not in lines]


def longest_texts(data: pl.DataFrame, plan: Plan) -> dict[str, int]:
    """Give the size in bytes of the longest value of each text column."""
    texts = [column.name for column in plan.columns if column.type is ColumnType.TEXT]
    if not texts or data.is_empty():
        return {}
    longest = data.select([pl.col(name).str.len_bytes().max() for name in texts]).row(0)
    return {name: int(size or 0) for name, size in zip(texts, longest, strict=True)}
