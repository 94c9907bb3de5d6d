"""What every reader gives: columns, and their rows as frames of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import polars as pl

from .coltypes import ColumnType
from .problems import BatchError, Problem

POSITION = "_position"
GEOMETRY = "_geometry"


@dataclass
class Frame:
    """Some rows.

    `data` has one String column per column of the table (null is a missing value), an Int64
    `_position` (line, row or record number, see `Table.locate`) and, from geographic formats, a String `_geometry`
    of GeoJSON or hexadecimal WKB. `refused` are rows that have no place in it, `corrected` what was changed of those
    that have; `done` is the share read, 0 to 1.
    """

    data: pl.DataFrame
    refused: list[Problem] = field(default_factory=list[Problem])
    done: float = 0.0
    corrected: list[Problem] = field(default_factory=list[Problem])


class Table(Protocol):
    """A table opened for reading. `settings` is what was detected or asked: it opens the same table again."""

    headers: list[str]
    names: list[str]
    settings: dict[str, Any]
    problems: list[Problem]
    native: dict[str, ColumnType]

    def frames(self) -> Iterator[Frame]:
        """Give the rows from the first, in bounded memory. Raises BatchError."""
        ...

    def locate(self, positions: list[int]) -> dict[int, int]:
        """Give the line a person would see for each position (sorted, unique)."""
        ...


@runtime_checkable
class Reporting(Protocol):
    """A table that says more of how its rows came about."""

    def done(self) -> dict[str, Any]:
        """Give what the report of a batch keeps of it, by name, as JSON can hold it."""
        ...


LAYERS = 1_000
"""Layers or tables of one file that one may choose among, at most."""
LONGEST_NAME = 500
"""Characters of the name of one that can be chosen."""


def chosen_of(names: Sequence[str], wanted: str | None, usual: str) -> tuple[str, list[Problem]]:
    """Choose among the layers or tables of a file: the wanted one, else the usual one, saying that there are others.

    Raises BatchError where there is none of that name.
    """
    if wanted is not None:
        if wanted not in names:
            raise BatchError("no_layer", name=wanted)
        return wanted, []
    return usual, [Problem("several_layers", {"count": len(names), "name": usual})] if len(names) > 1 else []


@dataclass(frozen=True)
class Source:
    """A file to read: where it is, and the name it came with."""

    path: Path
    name: str
