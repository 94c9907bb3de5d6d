"""Steps at work on one table, chunk after chunk: what each asks of the columns, and what it makes of the rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from .catalogue import MOST_COLUMNS, Step

POSITION, GEOMETRY = "_position", "_geometry"
MOST_TEXT = 256 << 20
"""Bytes of text that one step may make of one chunk."""


class Unfit(ValueError):
    """A step doesn't apply to a table: `code` says why, `params` complete its sentence."""

    def __init__(self, code: str, **params: Any):
        self.code, self.params = code, params
        super().__init__(f"{code}: {params}")


def _nowhere(_addresses: Sequence[Any]) -> Sequence[Any]:
    """Stand for a geocoding service where there is none. Raises Unfit."""
    raise Unfit("geocoder_none")


@dataclass(frozen=True)
class Tools:
    """What steps need of those who run them.

    `numbers`: text to Float64, in French and English habits. `days`: text to ISO 8601 days, as text. `typed`: text to
    the way a type is written, null where it isn't one. `missing`: whether a text stands for a missing value.
    `reference`: (resource, column to find by, column to take) to a frame of `key` and `value`; raises Unfit.
    `places`: addresses (`geocoding.Address`), each once, to a place for each, in their order; raises Unfit.
    """

    numbers: Callable[[pl.Series], pl.Series]
    days: Callable[[pl.Series], pl.Series]
    typed: Callable[[pl.Series, str], pl.Series]
    missing: Callable[[pl.Series], pl.Series]
    reference: Callable[[str, str, str], pl.DataFrame]
    places: Callable[[Sequence[Any]], Sequence[Any]] = _nowhere


class Work(ABC):
    """One step on one table. `changed` counts cells, `dropped` rows, `left` values that could not be read."""

    def __init__(self, step: Step, tools: Tools):
        self.step, self.params, self.tools = step, step.params, tools
        self.changed = self.dropped = self.left = 0

    @abstractmethod
    def names(self, names: Sequence[str]) -> list[str]:
        """Give the columns after the step, from those before. Raises Unfit where it doesn't apply."""

    @abstractmethod
    def apply(self, data: pl.DataFrame) -> pl.DataFrame:
        """Give the rows of a chunk after the step. Raises Unfit."""

    def more(self) -> Mapping[str, int]:
        """Count what only this kind of step has to tell."""
        return {}

    def end(self) -> Iterator[pl.DataFrame]:
        """Give the rows that only the whole table makes."""
        return iter(())

    def put(self, data: pl.DataFrame, name: str, values: pl.Series) -> pl.DataFrame:
        """Give the chunk with a column of these values; count the cells that are others than before."""
        before = data[name] if name in data.columns else pl.Series(name, [None], pl.String).new_from_index(0, len(data))
        self.changed += int(before.ne_missing(values).sum())
        return data.with_columns(values.alias(name))

    def keep(self, data: pl.DataFrame, which: pl.Series) -> pl.DataFrame:
        """Give the rows of a chunk that stay; count the others."""
        found = data.filter(which)
        self.dropped += len(data) - len(found)
        return found


def present(names: Sequence[str], asked: Sequence[str]) -> list[str]:
    """Give the columns asked for. Raises Unfit where some aren't there."""
    if lost := [name for name in asked if name not in names]:
        raise Unfit("column", names=", ".join(lost[:10]))
    return list(asked)


def with_new(names: Sequence[str], new: Sequence[str]) -> list[str]:
    """Give the columns with new ones at their end; those that are there stay in their place."""
    found = [*names, *(name for name in new if name not in names)]
    if len(found) > MOST_COLUMNS:
        raise Unfit("columns", limit=MOST_COLUMNS)
    return found


def bounded(size: float) -> None:
    """Refuse to make more text of one chunk than memory is meant for. Raises Unfit."""
    if size > MOST_TEXT:
        raise Unfit("large", limit=f"{MOST_TEXT >> 20} MB")


def size_of(values: pl.Series) -> int:
    """Give the bytes of a column of texts."""
    return int(values.str.len_bytes().sum())


def filled(values: pl.Series) -> pl.Series:
    """Give texts of which empty ones are nothing."""
    return values.zip_with((values != "").fill_null(value=False), pl.Series([None], dtype=pl.String))


def hidden(data: pl.DataFrame) -> list[str]:
    """Give the columns that go through all steps: where a row stands, and its geometry."""
    return [name for name in (POSITION, GEOMETRY) if name in data.columns]
