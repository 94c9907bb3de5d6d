"""What the statistics, the map and the chart hold, read for one view and put into words."""

from decimal import Decimal
from typing import Any, assert_never

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from markupsafe import Markup

from ckanext.lrtzc.explore import words
from ckanext.lrtzc.explore.api import Selection
from ckanext.lrtzc.explore.charting import figures
from ckanext.lrtzc.explore.domain import pictures
from ckanext.lrtzc.explore.domain.chart import Mark
from ckanext.lrtzc.explore.domain.figures import Figures
from ckanext.lrtzc.explore.domain.query import View
from ckanext.lrtzc.explore.domain.vega import Words, label_of, series_of
from ckanext.lrtzc.explore.maps import FEATURES
from ckanext.lrtzc.explore.statistics import BINS, ColumnStatistics, statistics
from ckanext.lrtzc.tabular.domain.columns import Column, Kind
from ckanext.lrtzc.tabular.domain.formats import Format

MEASURED_COLUMNS = 6


def view_parts(selection: Selection, connection: sa.Connection, habits: Format) -> dict[str, Any]:
    """Read what the open view needs besides the rows."""
    match selection.query.view:
        case View.TABLE:
            return {}
        case View.STATS:
            return _statistics(selection, connection, habits)
        case View.MAP:
            return _map(selection, connection)
        case View.CHART:
            return _chart(selection, connection, habits)
        case _:
            assert_never(selection.query.view)


def _map(selection: Selection, connection: sa.Connection) -> dict[str, Any]:
    box = selection.query.box or selection.extent(connection)
    total, _about = selection.count(connection)
    return {
        "bounds": [box.west, box.south, box.east, box.north] if box else None,
        "tiled": total > FEATURES,
    }


def _statistics(selection: Selection, connection: sa.Connection, habits: Format) -> dict[str, Any]:
    columns = selection.columns(MEASURED_COLUMNS)
    found = statistics(selection, connection, columns)
    return {
        "measured": found,
        "cards": [_card(item, found.rows, habits) for item in found.columns],
        "more_columns": len(selection.columns()) - len(columns),
    }


def _card(item: ColumnStatistics, rows: int, habits: Format) -> dict[str, Any]:
    column = item.column

    def written(value: float | None) -> str:
        if value is None:
            return ""
        if column.kind.is_time:
            return habits.seconds(value, with_time=column.kind is Kind.DATETIME)
        return habits.number(value)

    facts = [(tk._("With a value"), habits.number(max(0, rows - item.missing)))]
    facts.append((tk._("Without value"), habits.number(item.missing)))
    facts.append((tk._("Different values"), habits.number(item.distinct)))
    if item.low is not None:
        facts += [(tk._("Smallest"), written(item.low)), (tk._("Largest"), written(item.high))]
        if item.mean is not None:
            facts.append((tk._("Mean"), habits.rounded(item.mean)))
        facts.append((tk._("Median"), written(item.median)))
        if column.kind.is_number:
            facts.append((tk._("Quartiles"), f"{written(item.quartile1)} – {written(item.quartile3)}"))
    label = tk._("Distribution of “{column}” from {low} to {high}").format(
        column=column.title, low=written(item.low), high=written(item.high)
    )
    return {
        "column": column,
        "kind": words.kind(column),
        "facts": facts,
        "picture": Markup(pictures.distribution(item.bins, label)),  # noqa: S704 - the picture escapes its texts
        "top": [_top(column, value, count, habits) for value, count in item.top] if _has_top(item) else [],
    }


def _has_top(item: ColumnStatistics) -> bool:
    """Say whether the most frequent values say something: not where each is there once, nor of a measure."""
    if item.column.kind is Kind.NUMBER and item.distinct > BINS:
        return False
    return bool(item.top) and (item.top[0][1] > 1 or item.distinct <= len(item.top))


def _top(column: Column, value: str, count: int, habits: Format) -> dict[str, Any]:
    if column.kind is Kind.BOOLEAN:
        shown = tk._("yes") if value == "true" else tk._("no")
    elif column.kind.is_time:
        shown = habits.moment(value)
    elif column.kind.is_number:
        shown = habits.number(Decimal(value))
    else:
        shown = value
    return {"value": value, "shown": shown, "count": habits.number(count)}


def _chart(selection: Selection, connection: sa.Connection, habits: Format) -> dict[str, Any]:
    chart = selection.query.chart
    if chart is None:
        return {}
    found = figures(selection, connection, chart)
    texts = words.chart_words(chart, selection.table)
    return {
        "chart": chart,
        "figures": found,
        "texts": texts,
        "sentence": words.chart_sentence(found, texts, habits),
        "picture": Markup(_picture(found, texts, habits)),  # noqa: S704 - the picture escapes its texts
        "lines": [
            (
                label_of(found, datum.x, texts, habits),
                series_of(datum, found, texts) if found.colour else "",
                "" if datum.value is None else habits.rounded(datum.value),
            )
            for datum in found.data[:500]
        ],
    }


def _picture(found: Figures, texts: Words, habits: Format) -> str:
    """Draw what can be drawn plainly: one series of bars or a line. The rest has its table and its sentence."""
    if found.colour is not None or found.chart.mark is Mark.POINT or not found.data:
        return ""
    bars = [
        pictures.Bar(
            label_of(found, datum.x, texts, habits),
            datum.value,
            "" if datum.value is None else habits.rounded(datum.value),
        )
        for datum in found.data
    ]
    if found.chart.mark is Mark.BAR and len(bars) <= 60:
        return pictures.bars(bars, texts.title)
    placed = [bar for bar, datum in zip(bars, found.data, strict=True) if datum.x is not None]
    known = [bar.value for bar in placed if bar.value is not None]
    low, high = min([0.0, *known]), max([0.0, *known])
    return pictures.line(placed, habits.rounded(low), habits.rounded(high), texts.title)
