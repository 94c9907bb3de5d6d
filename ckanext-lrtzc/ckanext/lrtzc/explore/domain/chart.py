"""What a chart shows: the mark, the columns, how rows are put together.

An address writes it with the parameters `mark`, `x`, `y`, `agg`, `colour`, `bins` and `unit`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from ckanext.lrtzc.explore.domain.roles import Role, adds_up, role_of
from ckanext.lrtzc.tabular.domain.columns import Column, Table
from ckanext.lrtzc.tabular.domain.problems import Code, Wrong

T = TypeVar("T")

BINS = (5, 10, 20, 50)
DEFAULT_BINS = 20
# Enough that each year of half a century stands alone.
YEAR_BINS = 50
PARAMETERS = ("mark", "x", "y", "agg", "colour", "bins", "unit")


class Mark(StrEnum):
    """How values are drawn."""

    BAR = "bar"
    LINE = "line"
    AREA = "area"
    POINT = "point"


class Aggregate(StrEnum):
    """How the rows that share an x become one value."""

    COUNT = "count"
    SUM = "sum"
    MEAN = "mean"
    MEDIAN = "median"
    MIN = "min"
    MAX = "max"
    DISTINCT = "distinct"


class Unit(StrEnum):
    """The step of time that instants are put together by."""

    YEAR = "year"
    QUARTER = "quarter"
    MONTH = "month"
    WEEK = "week"
    DAY = "day"
    HOUR = "hour"


@dataclass(frozen=True)
class Chart:
    """A chart that can be drawn: columns exist and the aggregate suits them.

    `y` is None exactly when rows are counted. `bins` is set exactly when `x` is a number that is put in classes,
    `unit` exactly when `x` is a time. A POINT draws rows as they are: its aggregate means nothing and is COUNT.
    """

    mark: Mark
    x: str
    y: str | None = None
    aggregate: Aggregate = Aggregate.COUNT
    colour: str | None = None
    bins: int | None = None
    unit: Unit | None = None


Report = Callable[[str, str, Wrong], None]


def _choice(raw: str, choices: tuple[str, ...]) -> str:
    if raw not in choices:
        raise Wrong(Code.WRONG_CHOICE, choices)
    return raw


def _mark(raw: str) -> Mark:
    return Mark(_choice(raw, tuple(Mark)))


def _aggregate(raw: str) -> Aggregate:
    return Aggregate(_choice(raw, tuple(Aggregate)))


def _bins(raw: str) -> int:
    return int(_choice(raw, tuple(str(number) for number in BINS)))


def _unit(raw: str) -> Unit:
    return Unit(_choice(raw, tuple(Unit)))


def _column(table: Table, raw: str) -> Column:
    column = table.get(raw)
    if column is None:
        raise Wrong(Code.UNKNOWN_COLUMN)
    return column


def default_chart(table: Table) -> Chart | None:
    """Suggest a first chart: a measure, or else the number of rows, along time, years or categories.

    Identifiers serve only where there is nothing else. None where the table has no column.
    """
    by_role: dict[Role, list[Column]] = {}
    for column in table.columns:
        by_role.setdefault(role_of(column), []).append(column)
    measures = sorted(by_role.get(Role.MEASURE, []), key=lambda column: not column.unit)
    for role in (Role.TIME, Role.YEAR, Role.CATEGORY, Role.NAME, Role.MEASURE, Role.IDENTIFIER):
        for x in by_role.get(role, [])[:1]:
            y = next((column for column in measures if column is not x), None)
            aggregate = Aggregate.COUNT if y is None else Aggregate.SUM if adds_up(y) else Aggregate.MEAN
            return Chart(
                Mark.LINE if x.kind.is_time else Mark.BAR,
                x.id,
                y.id if y else None,
                aggregate,
                bins=(YEAR_BINS if role is Role.YEAR else DEFAULT_BINS) if x.kind.is_number else None,
                unit=Unit.MONTH if x.kind.is_time else None,
            )
    return None


def read_chart(given: dict[str, str], table: Table, report: Report) -> Chart | None:
    """Read the chart of an address.

    `given` holds the parameters of the chart that aren't blank. Each one that can't be read is reported as
    `report(parameter, value, wrong)` and the chart is then None; with nothing given it is the default chart.
    """
    if not given:
        return default_chart(table)
    failed = False

    def attempt(parameter: str, reader: Callable[[str], T]) -> T | None:
        nonlocal failed
        if parameter not in given:
            return None
        try:
            return reader(given[parameter])
        except Wrong as wrong:
            failed = True
            report(parameter, given[parameter], wrong)
            return None

    def column(raw: str) -> Column:
        return _column(table, raw)

    mark = attempt("mark", _mark) or Mark.BAR
    x = attempt("x", column)
    y = attempt("y", column)
    aggregate = attempt("agg", _aggregate)
    colour = attempt("colour", column)
    bins = attempt("bins", _bins)
    unit = attempt("unit", _unit)
    if failed:
        return None
    if x is None:
        report("x", "", Wrong(Code.NEEDS_COLUMN))
        return None
    try:
        return _suited(mark, x, y, aggregate, colour, bins, unit)
    except _Unsuited as unsuited:
        report(unsuited.parameter, given.get(unsuited.parameter, ""), unsuited.wrong)
        return None


class _Unsuited(Exception):
    def __init__(self, parameter: str, wrong: Wrong):
        super().__init__(parameter)
        self.parameter, self.wrong = parameter, wrong


def _suited(
    mark: Mark,
    x: Column,
    y: Column | None,
    aggregate: Aggregate | None,
    colour: Column | None,
    bins: int | None,
    unit: Unit | None,
) -> Chart:
    colour_id = colour.id if colour else None
    if mark is Mark.POINT:
        if not (x.kind.is_number or x.kind.is_time):
            raise _Unsuited("x", Wrong(Code.NEEDS_NUMBER))
        if y is None:
            raise _Unsuited("y", Wrong(Code.NEEDS_COLUMN))
        if not y.kind.is_number:
            raise _Unsuited("y", Wrong(Code.NEEDS_NUMBER))
        return Chart(mark, x.id, y.id, colour=colour_id)
    if not (x.kind.is_number or x.kind.is_time):
        mark = Mark.BAR  # categories have no order that a line could follow
    if aggregate is None:
        aggregate = Aggregate.SUM if y and y.kind.is_number else Aggregate.COUNT
    if aggregate is Aggregate.COUNT:
        y = None
    elif y is None:
        raise _Unsuited("y", Wrong(Code.NEEDS_COLUMN))
    elif aggregate is not Aggregate.DISTINCT and not y.kind.is_number:
        raise _Unsuited("y", Wrong(Code.NEEDS_NUMBER))
    return Chart(
        mark,
        x.id,
        y.id if y else None,
        aggregate,
        colour_id,
        (bins or DEFAULT_BINS) if x.kind.is_number else None,
        (unit or Unit.MONTH) if x.kind.is_time else None,
    )


def write_chart(chart: Chart) -> list[tuple[str, str]]:
    """Write a chart as the parameters of an address."""
    written = [("mark", str(chart.mark)), ("x", chart.x)]
    if chart.y is not None:
        written.append(("y", chart.y))
    if chart.mark is not Mark.POINT:
        written.append(("agg", str(chart.aggregate)))
    if chart.colour is not None:
        written.append(("colour", chart.colour))
    if chart.bins is not None:
        written.append(("bins", str(chart.bins)))
    if chart.unit is not None:
        written.append(("unit", str(chart.unit)))
    return written
