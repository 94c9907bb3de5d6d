"""The figures of a chart, whoever put them together."""

from dataclasses import dataclass
from typing import Any

from ckanext.lrtzc.explore.domain.chart import Chart
from ckanext.lrtzc.explore.domain.distribution import Classes
from ckanext.lrtzc.tabular.domain.columns import Column


@dataclass(frozen=True)
class Datum:
    """One mark: where it stands, its series and its value.

    `x` is a text, a truth, the number of a class, an ISO text for a time, or None where the value is missing.
    `series` is None where there is no colour, or where its value is missing and `other` is false.
    """

    x: Any
    value: float | None
    series: str | None = None
    other: bool = False


@dataclass(frozen=True)
class Figures:
    """What a chart draws. `groups` is the number of values of x in all, `left_out` those that aren't drawn."""

    chart: Chart
    x: Column
    y: Column | None
    colour: Column | None
    data: tuple[Datum, ...]
    groups: int
    classes: Classes | None = None

    @property
    def left_out(self) -> int:
        """Give the number of values of x that aren't drawn."""
        return max(0, self.groups - len({datum.x for datum in self.data}))

    @property
    def missing(self) -> bool:
        """Say whether some rows have no value in x."""
        return any(datum.x is None for datum in self.data)
