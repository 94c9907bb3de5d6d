"""A list of steps run over a table's chunks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import polars as pl

from .catalogue import Kind, Step
from .geocoding import Geocode
from .rows import Aggregate, Filter
from .shaping import Drop, Join, Rename, Select, Split
from .values import Cast, Compute, Convert, Lookup, Normalise, Replace, Reproject
from .working import POSITION, Tools, Unfit, Work, hidden

WORKS: dict[Kind, type[Work]] = {
    Kind.SELECT: Select,
    Kind.DROP: Drop,
    Kind.RENAME: Rename,
    Kind.CAST: Cast,
    Kind.FILTER: Filter,
    Kind.NORMALISE: Normalise,
    Kind.REPLACE: Replace,
    Kind.SPLIT: Split,
    Kind.JOIN: Join,
    Kind.CONVERT: Convert,
    Kind.REPROJECT: Reproject,
    Kind.GEOCODE: Geocode,
    Kind.AGGREGATE: Aggregate,
    Kind.LOOKUP: Lookup,
    Kind.COMPUTE: Compute,
}


class Run:
    """One run of steps over one table. Raises Unfit, with the `number` (from 1) of the step that doesn't apply."""

    def __init__(self, steps: Sequence[Step], names: Sequence[str], tools: Tools):
        self.works: list[Work] = []
        self.columns: list[list[str]] = [list(names)]
        for number, step in enumerate(steps, start=1):
            try:
                work = WORKS[step.kind](step, tools)
                self.columns.append(work.names(self.columns[-1]))
            except Unfit as error:
                error.params["number"] = number
                raise
            self.works.append(work)

    @property
    def names(self) -> list[str]:
        """The columns after all steps."""
        return self.columns[-1]

    def apply(self, frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """Give the rows after all steps; of steps that need the whole table, at the end."""
        for data in frames:
            yield self._pass(data, 0)
        for place, work in enumerate(self.works):
            for data in work.end():
                yield self._pass(data, place + 1)

    def _pass(self, data: pl.DataFrame, start: int) -> pl.DataFrame:
        places = hidden(data)
        for number, work in enumerate(self.works[start:], start=start + 1):
            if data.is_empty():
                break
            try:
                data = work.apply(data)
            except Unfit as error:
                error.params["number"] = number
                raise
        if data.is_empty():
            # of no row, with the columns that the others have
            kinds = {name: pl.Int64 if name == POSITION else pl.String for name in [*places, *self.names]}
            return pl.DataFrame(schema=kinds)
        return data.select([*hidden(data), *self.names])

    def report(self) -> list[dict[str, Any]]:
        """Give what each step did: `kind`, `params`, cells `changed`, rows `dropped`, values `left` as they were."""
        return [
            {**work.step.as_dict(), "changed": work.changed, "dropped": work.dropped, "left": work.left, **work.more()}
            for work in self.works
        ]
