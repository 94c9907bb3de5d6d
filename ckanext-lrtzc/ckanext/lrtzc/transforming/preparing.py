"""Tables of batches made what their steps say, before their columns are typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import ckan.model as model
import polars as pl

from ckanext.lrtzc.access.api import Action, decide
from ckanext.lrtzc.batches.api import (
    BatchError,
    ColumnType,
    Frame,
    Problem,
    Table,
    as_written,
    missing,
    numbers_of,
    rows_in,
    stored,
)

from .domain.catalogue import Kind, Step, steps_of
from .domain.running import Run
from .domain.working import Tools, Unfit
from .geocoder import Geocoder
from .model import Steps

NAME = "transformations"
"""Where the report of a batch keeps what the steps did."""
MOST_REFERENCES = 500_000
FEW = 200
"""Addresses asked for where only the first rows of a file are looked at."""
_STEPS, _AUTHOR = "steps", "author"


def declared(resource_id: str) -> dict[str, Any] | None:
    """Give what is declared for a file now, as a batch keeps it; None where nothing is."""
    kept = Steps.of_resource(resource_id)
    return {_STEPS: kept.steps, _AUTHOR: kept.author} if kept is not None and kept.steps else None


def prepare(asked: dict[str, Any], table: Table, *, first: bool = False) -> Table:
    """Give a table as steps make it; `first` where few rows are looked at. Raises BatchError."""
    return Transformed(table, steps_of(asked[_STEPS]), str(asked[_AUTHOR]), Geocoder(FEW if first else None))


def tools_of(author: str, geocoder: Geocoder) -> Tools:
    """Give what steps need, with reference data read in the name of a person."""
    return Tools(numbers_of, _days, as_written, missing, lambda *asked: _reference(author, *asked), geocoder.places)


def _days(values: pl.Series) -> pl.Series:
    days = as_written(values, ColumnType.DATE)
    if days.null_count() == values.null_count():
        return days
    return days.fill_null(as_written(values, ColumnType.TIMESTAMP).str.slice(0, 10))


def may_read(user_id: str, resource: Any) -> bool:
    """Say whether a person may read all rows of a resource."""
    user = model.User.get(user_id) if user_id else None
    context: Any = {"user": user.name if user else "", "auth_user_obj": user}
    return decide(context, str(resource.package_id), str(resource.id), Action.READ).whole


def _reference(author: str, resource_id: str, match: str, take: str) -> pl.DataFrame:
    """Give the `key`s and `value`s of reference data, as far as its author may read all of it. Raises Unfit."""
    resource = model.Session.get(model.Resource, resource_id)
    if resource is None or resource.state != "active" or not may_read(author, resource):
        raise Unfit("reference")
    table = stored(resource_id)
    if table is None or not {match, take} <= set(table.types):
        raise Unfit("reference")
    kinds = {name: table.types[name] for name in dict.fromkeys((match, take))}
    parts, rows = [pl.DataFrame(schema={"key": pl.String, "value": pl.String})], 0
    for data in rows_in(resource_id, kinds, most=MOST_REFERENCES + 1):
        rows += len(data)
        if rows > MOST_REFERENCES:
            raise Unfit("reference_large", limit=MOST_REFERENCES)
        texts = [data[name].cast(pl.String) for name in (match, take)]
        parts.append(pl.DataFrame({"key": texts[0].str.strip_chars(), "value": texts[1]}))
    return pl.concat(parts)


def started(steps: Sequence[Step], names: Sequence[str], author: str, geocoder: Geocoder) -> Run:
    """Begin a run of steps over a table of columns. Raises BatchError where one doesn't apply."""
    try:
        return Run(steps, names, tools_of(author, geocoder))
    except Unfit as error:
        raise BatchError(f"step_{error.code}", **error.params) from error


class Transformed:
    """A table as steps make it; rows keep the line of the file that they come from."""

    def __init__(self, table: Table, steps: Sequence[Step], author: str, geocoder: Geocoder):
        self._table, self._steps, self._author, self._geocoder = table, steps, author, geocoder
        self._run = started(steps, table.names, author, geocoder)
        self.names = list(self._run.names)
        shown = dict(zip(table.names, table.headers, strict=True))
        self.headers = [shown.get(name, name) for name in self.names]
        self.settings = table.settings
        self.problems: list[Problem] = table.problems
        known = dict(table.native)
        for step in steps:
            for name in _new(step):
                known.pop(name, None)
            known |= _typed(step)
        self.native = {name: kind for name, kind in known.items() if name in self.names}

    def frames(self) -> Iterator[Frame]:
        """Give the rows, from the first. Raises BatchError."""
        # a table is read as often as its checks need
        run = self._run = started(self._steps, self._table.names, self._author, self._geocoder)
        came = gone = 0
        refused: list[Problem] = []
        corrected: list[Problem] = []
        share = 0.0

        def data() -> Iterator[pl.DataFrame]:
            nonlocal came, share
            for frame in self._table.frames():
                came += len(frame.data)
                share = frame.done
                refused.extend(frame.refused)
                corrected.extend(frame.corrected)
                yield frame.data

        try:
            for made in run.apply(data()):
                gone += len(made)
                told, refused = refused, []
                said, corrected = corrected, []
                yield Frame(made, told, share, said)
        except Unfit as error:
            raise BatchError(f"step_{error.code}", **error.params) from error
        if came and not gone:
            raise BatchError("step_nothing")

    def locate(self, positions: list[int]) -> dict[int, int]:
        """Give the line a person would see for each position."""
        return self._table.locate(positions)

    def done(self) -> dict[str, Any]:
        """Give what each step did, for the report of the batch."""
        return {NAME: self._run.report()}


def _new(step: Step) -> list[str]:
    """Give the columns whose values a step makes."""
    params = step.params
    made = ["into", "to", "longitude", "latitude", "score", "label", "count"]
    if step.kind in (Kind.CAST, Kind.REPLACE, Kind.CONVERT):
        made.append("column")
    found = [params[name] for name in made if params.get(name)]
    return [*found, *params.get("names", []), *params.get("roles", {})]


def _typed(step: Step) -> dict[str, ColumnType]:
    """Give the columns that a step makes of a type, whatever stands in the first rows."""
    if step.kind is Kind.CAST:
        return {step.params["column"]: ColumnType(step.params["type"])}
    if step.kind is Kind.GEOCODE:
        # addresses of the first rows may be found nowhere
        return {step.params[name]: ColumnType.DECIMAL for name in ("longitude", "latitude", "score")}
    return {}
