"""Statistics of the columns of a selection, in two statements however many columns there are.

Small selections are read whole. Larger ones are read by a sample of whole pages of the table
(`TABLESAMPLE SYSTEM`), and the number of different values is then estimated as in PostgreSQL's own ANALYZE
(Haas and Stokes 1998, estimator Duj1).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from ckanext.lrtzc.explore.api import Selection
from ckanext.lrtzc.explore.domain.distribution import distinct_estimate
from ckanext.lrtzc.tabular.conditions import comparable
from ckanext.lrtzc.tabular.domain.columns import Column, Kind

SAMPLE = 100_000
BINS = 20
TOP = 5
# Beyond, a sum of squares or a difference overflows a double.
_FINITE = 1e150
_TOP_TEXT = 100


@dataclass(frozen=True)
class ColumnStatistics:
    """What the rows of a selection hold in one column.

    `missing` and `distinct` are scaled up when the statistics come from a sample. `low`, `high`, `mean`, `median`
    and the quartiles are numbers, or seconds since 1970 for times (which have no mean). `top` holds the most
    frequent values with their number of rows; `bins` the number of rows in equal classes between `low` and `high`.
    """

    column: Column
    missing: int
    distinct: int
    low: float | None = None
    high: float | None = None
    mean: float | None = None
    quartile1: float | None = None
    median: float | None = None
    quartile3: float | None = None
    top: tuple[tuple[str, int], ...] = ()
    bins: tuple[int, ...] = ()


@dataclass(frozen=True)
class Statistics:
    """The statistics of some columns: `rows` in the selection, of which `read` were looked at."""

    rows: int
    about: bool
    read: int
    columns: tuple[ColumnStatistics, ...]

    @property
    def sampled(self) -> bool:
        """Say whether the figures come from a sample."""
        return self.read < self.rows


def measure(expression: sa.ColumnElement[Any], column: Column) -> sa.ColumnElement[Any] | None:
    """Make a finite double out of a number or a time (seconds since 1970), NULL where there is none.

    None for columns that can't be measured.
    """
    if column.kind.is_number:
        return sa.case((sa.func.abs(expression) < _FINITE, sa.cast(expression, sa.Double())))
    if column.kind.is_time:
        return sa.case((sa.func.isfinite(expression), sa.cast(sa.extract("epoch", expression), sa.Double())))
    return None


def _sample(selection: Selection, columns: Sequence[Column], expected: int) -> sa.CTE:
    if expected > SAMPLE and selection.table.estimate:
        selection = selection.sampled(min(100.0, 100.0 * SAMPLE / expected))
    source = selection.source
    expressions: list[sa.ColumnElement[Any]] = [sa.literal(1).label("one")]
    for index, column in enumerate(columns):
        raw = source.column(column.id)
        expressions.append(comparable(raw, column).label(f"v{index}"))
        measured = measure(raw, column)
        if measured is not None:
            expressions.append(measured.label(f"m{index}"))
    return selection.statement(expressions).limit(SAMPLE).cte("s").prefix_with("MATERIALIZED", dialect="postgresql")


def _figures(sample: sa.CTE, columns: Sequence[Column]) -> sa.Select[Any]:
    found: list[sa.ColumnElement[Any]] = [sa.func.count().label("read")]
    for index, column in enumerate(columns):
        value = sample.c[f"v{index}"]
        present = sa.func.nullif(value, "") if column.kind is Kind.TEXT else value
        found.append(sa.func.count(present).label(f"n{index}"))
        measured = sample.c.get(f"m{index}")
        if measured is None:
            continue
        low, high = sa.func.min(measured), sa.func.max(measured)
        found += [low.label(f"low{index}"), high.label(f"high{index}")]
        quartiles = sa.func.percentile_disc(sa.cast([0.25, 0.5, 0.75], ARRAY(sa.Double()))).within_group(measured.asc())
        found.append(quartiles.label(f"q{index}"))
        if column.kind.is_number:
            found.append(sa.func.avg(measured).label(f"mean{index}"))
    return sa.select(*found)


def _frequencies(sample: sa.CTE, columns: Sequence[Column]) -> sa.CompoundSelect[Any]:
    parts: list[sa.Select[Any]] = []
    for index, column in enumerate(columns):
        value = sample.c[f"v{index}"]
        kept = sa.and_(value.is_not(None), value != "") if column.kind is Kind.TEXT else value.is_not(None)
        groups = (
            sa.select(value.label("value"), sa.func.count().label("rows")).where(kept).group_by(value).subquery("g")
        )
        best = (
            sa.select(
                groups.c.value,
                groups.c.rows,
                sa.func.count().over().label("distinct"),
                sa.func.count().filter(groups.c.rows == 1).over().label("single"),
            )
            .order_by(groups.c.rows.desc(), groups.c.value.asc())
            .limit(TOP)
            .subquery("best")
        )
        parts.append(
            sa.select(
                sa.literal(index).label("column"),
                sa.func.left(sa.cast(best.c.value, sa.Text()), _TOP_TEXT).label("value"),
                best.c.rows,
                best.c.distinct,
                best.c.single,
            )
        )
    return sa.union_all(*parts)


def _classes(column: Column, low: float, high: float) -> int:
    """Give the number of classes: whole numbers that are few have one each."""
    return round(high - low) + 1 if column.kind is Kind.INTEGER and high - low < BINS else BINS


def _histograms(sample: sa.CTE, spans: dict[int, tuple[float, float, int]]) -> sa.CompoundSelect[Any]:
    parts: list[sa.Select[Any]] = []
    for index, (low, high, classes) in spans.items():
        measured = sample.c[f"m{index}"]
        place = sa.func.least(sa.func.floor((measured - low) / (high - low) * classes), classes - 1)
        place = sa.cast(place, sa.Integer()).label("place")
        parts.append(
            sa.select(sa.literal(index).label("column"), place, sa.func.count().label("rows"))
            .where(measured.is_not(None))
            .group_by(sa.literal_column("2"))
        )
    return sa.union_all(*parts)


def statistics(selection: Selection, connection: sa.Connection, columns: Sequence[Column]) -> Statistics:
    """Compute the statistics of some columns over the rows of a selection."""
    total, about = selection.count(connection)
    sample = _sample(selection, columns, total)
    figures = connection.execute(_figures(sample, columns)).mappings().one()
    read = figures["read"]
    if not about:
        total = max(total, read)
    tops: dict[int, list[Any]] = {}
    if columns:
        for row in connection.execute(_frequencies(sample, columns)):
            tops.setdefault(row.column, []).append(row)
    spans: dict[int, tuple[float, float, int]] = {
        index: (low, high, _classes(column, low, high))
        for index, column in enumerate(columns)
        if (low := figures.get(f"low{index}")) is not None and (high := figures[f"high{index}"]) > low
    }
    bins: dict[int, list[int]] = {index: [0] * classes for index, (_low, _high, classes) in spans.items()}
    if spans:
        for row in connection.execute(_histograms(sample, spans)):
            bins[row.column][row.place] = row.rows
    scale = total / read if read else 1.0
    found: list[ColumnStatistics] = []
    for index, column in enumerate(columns):
        present = figures[f"n{index}"]
        best = sorted(tops.get(index, ()), key=lambda row: -row.rows)
        distinct = distinct_estimate(round(present * scale), present, best[0].distinct, best[0].single) if best else 0
        quartiles = figures.get(f"q{index}") or (None, None, None)
        found.append(
            ColumnStatistics(
                column,
                missing=round((read - present) * scale),
                distinct=distinct,
                low=figures.get(f"low{index}"),
                high=figures.get(f"high{index}"),
                mean=figures.get(f"mean{index}"),
                quartile1=quartiles[0],
                median=quartiles[1],
                quartile3=quartiles[2],
                top=tuple((row.value, row.rows) for row in best),
                bins=tuple(bins.get(index, ())),
            )
        )
    return Statistics(total, about, read, tuple(found))
