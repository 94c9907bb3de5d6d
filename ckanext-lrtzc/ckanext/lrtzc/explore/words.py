"""What the room says, in the language of the page."""

from typing import assert_never

from ckan.common import _

from ckanext.lrtzc.explore.domain.chart import Aggregate, Chart, Mark, Unit
from ckanext.lrtzc.explore.domain.figures import Figures
from ckanext.lrtzc.explore.domain.vega import Words, label_of
from ckanext.lrtzc.tabular.domain.columns import Column, Kind, Table
from ckanext.lrtzc.tabular.domain.filters import Box, Near
from ckanext.lrtzc.tabular.domain.formats import Format
from ckanext.lrtzc.tabular.domain.problems import Code, Problem
from ckanext.lrtzc.tabular.reading import Failure


def kind(column: Column) -> str:
    """Name the kind of a column."""
    return {
        Kind.TEXT: _("text"),
        Kind.INTEGER: _("whole number"),
        Kind.NUMBER: _("number"),
        Kind.BOOLEAN: _("yes or no"),
        Kind.DATE: _("date"),
        Kind.DATETIME: _("date and time"),
        Kind.OTHER: _("other"),
    }[column.kind]


def titled(column: Column) -> str:
    """Give a column's title with its unit."""
    return f"{column.title} ({column.unit})" if column.unit else column.title


def problem(found: Problem, table: Table) -> str:
    """Say what is wrong with a parameter, where, and what would be right."""
    known = table.get(found.column)
    said = {"value": found.value, "column": known.title if known else found.column, "parameter": found.parameter}
    match found.code:
        case Code.UNKNOWN_COLUMN:
            text = _("There is no column named “{value}” here.").format(value=found.column or found.value)
        case Code.UNKNOWN_FILTER:
            text = _("“{parameter}” is not a filter we know.")
        case Code.NOT_FOR_COLUMN:
            text = _("The filter “{parameter}” doesn't suit the column “{column}”.")
        case Code.WRONG_NUMBER:
            text = _("“{value}” is not a number ({parameter}).")
        case Code.WRONG_DATE:
            text = _("“{value}” is not a date: write it as 2024-12-31 or 31/12/2024 ({parameter}).")
        case Code.WRONG_BOOLEAN:
            text = _("“{value}” is neither yes nor no ({parameter}).")
        case Code.WRONG_TEXT:
            text = _("The text of “{parameter}” holds characters that can't be searched for.")
        case Code.WRONG_CHOICE:
            text = _("“{value}” is not a choice for “{parameter}”.")
        case Code.WRONG_BBOX:
            text = _("“{value}” is not a rectangle: give west, south, east and north in degrees.")
        case Code.WRONG_NEAR:
            text = _("“{value}” is not a point: give its longitude, its latitude and a distance in metres.")
        case Code.NO_GEOMETRY:
            text = _("This data has no place on a map.")
        case Code.REPEATED:
            text = _("“{parameter}” is given several times with different values.")
        case Code.TOO_MANY:
            text = _("That is too many of “{parameter}”: {limit} at the most.")
        case Code.TOO_LONG:
            text = _("The text of “{parameter}” is too long: {limit} characters at the most.")
        case Code.TOO_FAR:
            text = _("“{value}” is too far: filter, sort or download the data instead.")
        case Code.NEEDS_COLUMN:
            text = _("Choose a column for “{parameter}”.")
        case Code.NEEDS_NUMBER:
            text = _("“{parameter}” needs a column of numbers or of dates.")
        case _:
            assert_never(found.code)
    for name, value in {**said, "limit": str(found.limit)}.items():
        text = text.replace("{" + name + "}", value)
    if found.choices and len(found.choices) < 12:
        text += " " + _("Possible: {choices}.").format(choices=", ".join(found.choices)).replace("….", "…")
    return text


def failure(found: Failure) -> str:
    """Say why there is no answer, and what to do."""
    match found:
        case Failure.TOO_SLOW:
            return _("This takes too long to compute. Add a filter, or download the data.")
        case Failure.GONE:
            return _("This data is being replaced. Try again in a moment.")
        case Failure.REFUSED:
            return _("The database can't compute this. Change the filters or the chart.")
        case _:
            assert_never(found)


def place(item: Box | Near, habits: Format) -> str:
    """Say what a filter on the map keeps."""
    if isinstance(item, Near):
        return _("Within {distance} m of a point").format(distance=habits.number(item.radius))
    return _("In the area chosen on the map")


def marks() -> dict[Mark, str]:
    """Name the marks."""
    return {Mark.BAR: _("Bars"), Mark.LINE: _("Line"), Mark.AREA: _("Filled area"), Mark.POINT: _("Points")}


def aggregates() -> dict[Aggregate, str]:
    """Name the aggregates."""
    return {
        Aggregate.COUNT: _("Number of rows"),
        Aggregate.SUM: _("Sum"),
        Aggregate.MEAN: _("Mean"),
        Aggregate.MEDIAN: _("Median"),
        Aggregate.MIN: _("Smallest"),
        Aggregate.MAX: _("Largest"),
        Aggregate.DISTINCT: _("Number of different values"),
    }


def units() -> dict[Unit, str]:
    """Name the steps of time."""
    return {
        Unit.YEAR: _("Year"),
        Unit.QUARTER: _("Quarter"),
        Unit.MONTH: _("Month"),
        Unit.WEEK: _("Week"),
        Unit.DAY: _("Day"),
        Unit.HOUR: _("Hour"),
    }


def measured(chart: Chart, table: Table) -> str:
    """Name what the upright axis measures."""
    if chart.y is None:
        return _("Number of rows")
    if chart.mark is Mark.POINT:
        return titled(table[chart.y])
    unit = f" ({table[chart.y].unit})" if table[chart.y].unit and chart.aggregate is not Aggregate.DISTINCT else ""
    return (
        _("{aggregate} of “{column}”").format(aggregate=aggregates()[chart.aggregate], column=table[chart.y].title)
        + unit
    )


def chart_words(chart: Chart, table: Table) -> Words:
    """Give the texts of a chart."""
    what = measured(chart, table)
    title = _("{what} by “{column}”").format(what=what, column=table[chart.x].title)
    return Words(
        title=title,
        x=titled(table[chart.x]),
        y=what,
        colour=table[chart.colour].title if chart.colour else "",
        missing=_("No value"),
        other=_("Others"),
        yes=_("yes"),
        no=_("no"),
    )


def chart_sentence(figures: Figures, words: Words, habits: Format) -> str:
    """Say in a sentence or two what a chart shows."""
    if figures.chart.mark is Mark.POINT:
        text = _("{shown} points are shown.").format(shown=habits.number(len(figures.data)))
        if figures.groups > len(figures.data):
            text += " " + _("They are a sample of {total} rows.").format(total=habits.number(figures.groups))
        return text
    known = [datum for datum in figures.data if datum.value is not None]
    if not known:
        return _("There is nothing to draw in this selection.")
    high = max(known, key=lambda datum: datum.value or 0)
    low = min(known, key=lambda datum: datum.value or 0)
    text = _("Highest: {high} ({high_value}); lowest: {low} ({low_value}).").format(
        high=label_of(figures, high.x, words, habits),
        high_value=habits.rounded(high.value or 0),
        low=label_of(figures, low.x, words, habits),
        low_value=habits.rounded(low.value or 0),
    )
    if figures.left_out:
        text += " " + _("{count} other values are not drawn.").format(count=habits.number(figures.left_out))
    if figures.missing and (figures.x.kind.is_number or figures.x.kind.is_time):
        text += " " + _("Rows without a value are only in the table.")
    return text
