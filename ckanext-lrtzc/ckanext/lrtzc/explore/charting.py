"""The figures of a chart, put together by the database: at most a few hundred marks whatever the table's size."""

from typing import Any, assert_never

import sqlalchemy as sa

from ckanext.lrtzc.explore.api import Selection
from ckanext.lrtzc.explore.domain.chart import Aggregate, Chart, Mark
from ckanext.lrtzc.explore.domain.distribution import Classes, round_classes
from ckanext.lrtzc.explore.domain.figures import Datum, Figures
from ckanext.lrtzc.explore.statistics import measure
from ckanext.lrtzc.tabular.conditions import comparable
from ckanext.lrtzc.tabular.domain.columns import Column, Kind

CATEGORIES = 30
MOMENTS = 500
SERIES = 7
POINTS = 2000
_LABEL = 100


def _aggregate(chart: Chart, source_y: sa.ColumnElement[Any] | None, y: Column | None) -> sa.ColumnElement[Any]:
    if source_y is None or y is None:
        return sa.func.count()
    measured = measure(source_y, y)
    match chart.aggregate:
        case Aggregate.DISTINCT:
            return sa.func.count(comparable(source_y, y).distinct())
        case Aggregate.SUM:
            return sa.func.sum(measured)
        case Aggregate.MEAN:
            return sa.func.avg(measured)
        case Aggregate.MEDIAN:
            return sa.func.percentile_cont(sa.literal(0.5)).within_group(sa.asc(measured))
        case Aggregate.MIN:
            return sa.func.min(measured)
        case Aggregate.MAX:
            return sa.func.max(measured)
        case Aggregate.COUNT:
            return sa.func.count()
        case _:
            assert_never(chart.aggregate)


def _classes(selection: Selection, connection: sa.Connection, chart: Chart, x: Column) -> Classes | None:
    measured = measure(selection.source.column(x.id), x)
    if not x.kind.is_number or measured is None:
        return None
    low, high = connection.execute(selection.statement([sa.func.min(measured), sa.func.max(measured)])).one()
    least = 1.0 if x.kind is Kind.INTEGER else 0.0
    return None if low is None else round_classes(low, high, chart.bins or 1, least)


def _place(selection: Selection, chart: Chart, x: Column, classes: Classes | None) -> sa.ColumnElement[Any]:
    raw = selection.source.column(x.id)
    if x.kind.is_number:
        measured = measure(raw, x)
        if classes is None or measured is None:
            return sa.cast(sa.null(), sa.Integer())
        place = sa.func.floor((measured - classes.start) / classes.step + 1e-9)
        last = classes.count - 1
        return sa.cast(sa.case((place > last, last), else_=place), sa.Integer())
    if x.kind.is_time:
        finite = sa.case((sa.func.isfinite(raw), raw))
        return sa.cast(sa.func.date_trunc(str(chart.unit), sa.cast(finite, sa.DateTime())), sa.Text())
    if x.kind is Kind.BOOLEAN:
        return raw
    return sa.func.nullif(sa.func.left(comparable(raw, x), _LABEL), "")


def _series(selection: Selection, colour: Column | None) -> sa.ColumnElement[Any]:
    if colour is None:
        return sa.cast(sa.null(), sa.Text())
    return sa.func.nullif(sa.func.left(sa.cast(selection.source.column(colour.id), sa.Text()), _LABEL), "")


def figures(selection: Selection, connection: sa.Connection, chart: Chart) -> Figures:
    """Compute what a chart draws over the rows of a selection; at most three statements."""
    table = selection.table
    x, y = table[chart.x], table[chart.y] if chart.y else None
    colour = table[chart.colour] if chart.colour else None
    if chart.mark is Mark.POINT and y is not None:
        return _points(selection, connection, chart, x, y, colour)
    classes = _classes(selection, connection, chart, x)
    kept = _main_series(selection, connection, colour) if colour else []
    series = _series(selection, colour)
    other = sa.and_(series.is_not(None), series.not_in(kept)) if kept else sa.false()
    source_y = selection.source.column(y.id) if y else None
    named = sa.case((other, sa.null()), else_=series)
    grouped = selection.statement(
        [
            _place(selection, chart, x, classes).label("x"),
            sa.cast(named, sa.Text()).label("series"),
            other.label("other"),
            _aggregate(chart, source_y, y).label("value"),
            sa.func.count().label("rows"),
        ]
    ).group_by(sa.literal_column("1"), sa.literal_column("2"), sa.literal_column("3"))
    marks = grouped.cte("marks")
    weight = sa.func.sum(marks.c.value if _adds_up(chart) else marks.c.rows)
    totals = sa.select(marks.c.x, weight.label("weight"), sa.func.count().over().label("groups")).group_by(marks.c.x)
    ordered = x.kind.is_number or x.kind.is_time
    totals = totals.order_by(marks.c.x.asc().nulls_last()) if ordered else totals.order_by(weight.desc().nulls_last())
    best = totals.limit(MOMENTS if ordered else CATEGORIES).cte("best")
    found = connection.execute(
        sa.select(marks.c.x, marks.c.series, marks.c.other, marks.c.value, best.c.weight, best.c.groups)
        .join(best, marks.c.x.is_not_distinct_from(best.c.x))
        .order_by(*_reading_order(best, marks, ordered))
    ).all()
    data = tuple(Datum(row.x, _float(row.value), row.series, row.other) for row in found)
    return Figures(chart, x, y, colour, data, found[0].groups if found else 0, classes)


def _adds_up(chart: Chart) -> bool:
    return chart.aggregate in (Aggregate.COUNT, Aggregate.SUM)


def _reading_order(best: sa.CTE, marks: sa.CTE, ordered: bool) -> list[sa.ColumnElement[Any]]:
    first = marks.c.x.asc().nulls_last() if ordered else best.c.weight.desc().nulls_last()
    return [first, marks.c.x.asc().nulls_last(), marks.c.other.asc(), marks.c.series.asc().nulls_last()]


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def _main_series(selection: Selection, connection: sa.Connection, colour: Column) -> list[str]:
    series = _series(selection, colour).label("series")
    ranked = (
        selection.statement([series])
        .where(series.is_not(None))
        .group_by(sa.literal_column("1"))
        .order_by(sa.func.count().desc(), sa.literal_column("1"))
        .limit(SERIES)
    )
    return list(connection.scalars(ranked))


def _points(
    selection: Selection, connection: sa.Connection, chart: Chart, x: Column, y: Column, colour: Column | None
) -> Figures:
    total, _about = selection.count(connection)
    if total > POINTS and selection.table.estimate:
        thinned = selection.sampled(min(100.0, 120.0 * POINTS / total))
    else:
        thinned = selection
    across = measure(thinned.source.column(x.id), x)
    up = measure(thinned.source.column(y.id), y)
    if across is None or up is None:
        return Figures(chart, x, y, colour, (), 0)
    place = across if x.kind.is_number else sa.cast(thinned.source.column(x.id), sa.Text())
    statement = thinned.statement([place.label("x"), up.label("y"), _series(thinned, colour).label("series")])
    rows = connection.execute(statement.where(across.is_not(None), up.is_not(None)).limit(POINTS)).all()
    data = tuple(Datum(row.x, row.y, row.series) for row in rows)
    return Figures(chart, x, y, colour, data, total)
