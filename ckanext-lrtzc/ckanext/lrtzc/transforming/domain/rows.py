"""Steps on rows: which stay, and which are put together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from ckanext.lrtzc.tabular.domain.columns import Column
from ckanext.lrtzc.tabular.domain.columns import Kind as ColumnKind
from ckanext.lrtzc.tabular.domain.filters import ColumnFilter, Operator, read_filter
from ckanext.lrtzc.tabular.domain.values import write

from .catalogue import GROUPING, Role, Step
from .formulas import written
from .working import POSITION, Tools, Unfit, Work, filled, present

MOST_GROUPS = 500_000
"""Groups that are kept in memory."""
_EMITTED = 50_000
_KINDS = {
    Operator.MIN: ColumnKind.NUMBER, Operator.MAX: ColumnKind.NUMBER, Operator.FROM: ColumnKind.DATE,
    Operator.TO: ColumnKind.DATE,
}  # fmt: skip


def condition_of(params: Any) -> tuple[ColumnFilter, Column]:
    """Give what a filter asks, as filters are read everywhere. Raises `tabular.domain.problems.Wrong`."""
    asked, values = params["operator"], list(params["values"])
    if asked in ("empty", "filled"):
        operator, values = Operator.EMPTY, ["true" if asked == "empty" else "false"]
    else:
        operator = Operator(asked)
    column = Column(params["column"], _KINDS.get(operator, ColumnKind.TEXT))
    return read_filter(column, operator, values or [""]), column


class Filter(Work):
    """Keep the rows that meet a condition, or leave them out."""

    def __init__(self, step: Step, tools: Tools):
        super().__init__(step, tools)
        self._asked, _column = condition_of(self.params)

    def names(self, names: Sequence[str]) -> list[str]:
        """See the base."""
        present(names, [self.params["column"]])
        return list(names)

    def apply(self, data: pl.DataFrame) -> pl.DataFrame:
        """See the base."""
        met = self._met(data[self.params["column"]])
        return self.keep(data, met if self.params["then"] == "keep" else ~met)

    def _met(self, values: pl.Series) -> pl.Series:
        wanted = [write(value) for value in self._asked.values]
        match self._asked.operator:
            case Operator.IS | Operator.ONE_OF:
                found = values.is_in(wanted)
            case Operator.NOT:
                return ~values.is_in(wanted).fill_null(value=False)
            case Operator.CONTAINS:
                found = values.str.to_lowercase().str.contains(wanted[0].lower(), literal=True)
            case Operator.MIN | Operator.MAX:
                numbers, bound = self._counted(values, self.tools.numbers(values)), float(wanted[0])
                found = numbers >= bound if self._asked.operator is Operator.MIN else numbers <= bound
            case Operator.FROM | Operator.TO:
                days = self._counted(values, self.tools.days(values))
                found = days >= wanted[0] if self._asked.operator is Operator.FROM else days <= wanted[0]
            case _:
                empty = values.is_null() | (values.str.strip_chars() == "")
                return empty if self._asked.values[0] else ~empty
        return found.fill_null(value=False)

    def _counted(self, values: pl.Series, found: pl.Series) -> pl.Series:
        self.left += int((found.is_null() & ~self.tools.missing(values)).sum())
        return found


class Aggregate(Work):
    """Put together the rows that are alike in some columns, and count others together."""

    def __init__(self, step: Step, tools: Tools):
        super().__init__(step, tools)
        roles = {name: Role(role) for name, role in self.params["roles"].items()}
        self._groups = {name: role for name, role in roles.items() if role in GROUPING}
        self._measures = {name: role for name, role in roles.items() if role not in GROUPING}
        self._parts: list[pl.DataFrame] = []
        self._waiting = 0
        self._rows = 0
        if self.params["count"] in roles:
            raise Unfit("taken", name=self.params["count"])

    def names(self, names: Sequence[str]) -> list[str]:
        """See the base."""
        present(names, [*self._groups, *self._measures])
        return [*self._groups, *self._measures, *([self.params["count"]] if self.params["count"] else [])]

    def apply(self, data: pl.DataFrame) -> pl.DataFrame:
        """See the base."""
        self._rows += len(data)
        columns = [self._key(data[name], role).alias(f"g{at}") for at, (name, role) in enumerate(self._groups.items())]
        for at, name in enumerate(self._measures):
            numbers = self.tools.numbers(data[name])
            self.left += int((numbers.is_null() & ~self.tools.missing(data[name])).sum())
            columns += [numbers.alias(f"{what}{at}") for what in ("sum", "min", "max")]
            columns.append(numbers.is_not_null().cast(pl.Int64).alias(f"n{at}"))
        columns += [data[POSITION], pl.Series("rows", [1], pl.Int64).new_from_index(0, len(data))]
        self._parts.append(self._together(pl.DataFrame(columns)))
        self._waiting += len(self._parts[-1])
        if self._waiting > MOST_GROUPS:
            self._compact()
        return data.clear()

    def _key(self, values: pl.Series, role: Role) -> pl.Series:
        if role is Role.GROUP:
            return values
        days = self.tools.days(values)
        self.left += int((days.is_null() & ~self.tools.missing(values)).sum())
        return days.str.slice(0, {Role.DAY: 10, Role.MONTH: 7, Role.YEAR: 4}[role])

    def _together(self, data: pl.DataFrame) -> pl.DataFrame:
        keys = [f"g{at}" for at in range(len(self._groups))]
        sums = [pl.col(f"{what}{at}").sum() for at in range(len(self._measures)) for what in ("sum", "n")]
        bounds = [pl.col(f"min{at}").min() for at in range(len(self._measures))]
        bounds += [pl.col(f"max{at}").max() for at in range(len(self._measures))]
        return data.group_by(keys, maintain_order=True).agg(
            [*sums, *bounds, pl.col("rows").sum(), pl.col(POSITION).min()]
        )

    def _compact(self) -> None:
        self._parts = [self._together(pl.concat(self._parts))]
        self._waiting = len(self._parts[0])
        if self._waiting > MOST_GROUPS:
            raise Unfit("groups", limit=MOST_GROUPS)

    def end(self) -> Iterator[pl.DataFrame]:
        """Give one row for each group, in the order in which they first came."""
        if not self._parts:
            return
        self._compact()
        found = self._parts.pop().sort(POSITION)
        self.dropped += self._rows - len(found)
        columns = [found[f"g{at}"].alias(name) for at, name in enumerate(self._groups)]
        for at, (name, role) in enumerate(self._measures.items()):
            none = found[f"n{at}"] == 0
            values = found[f"sum{at}"] / found[f"n{at}"] if role is Role.MEAN else found[f"{role.value}{at}"]
            columns.append(written(values.zip_with(~none, pl.Series([None], dtype=pl.Float64))).alias(name))
        if self.params["count"]:
            columns.append(found["rows"].cast(pl.String).alias(self.params["count"]))
        table = pl.DataFrame([found[POSITION], *(filled(column) for column in columns)])
        yield from table.iter_slices(_EMITTED)
