"""The form that builds a chart."""

from dataclasses import dataclass

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.explore import words
from ckanext.lrtzc.explore.domain.chart import BINS, DEFAULT_BINS, Aggregate, Chart, Mark, Unit
from ckanext.lrtzc.tabular.domain.columns import Kind, Table

# Columns with more different values than a legend can hold are still offered: the rest becomes “others”.
_COLOURS = (Kind.TEXT, Kind.BOOLEAN)


@dataclass(frozen=True)
class Field:
    """One choice of the form: its parameter, its label, and what may be chosen as (value, text, selected)."""

    name: str
    label: str
    choices: list[tuple[str, str, bool]]


def builder(table: Table, chart: Chart | None) -> list[Field]:
    """Give the choices that make sense for a table, with those of a chart selected."""
    titles = [(column.id, words.titled(column)) for column in table.columns]
    numbers = [(column.id, words.titled(column)) for column in table.columns if column.kind.is_number]
    x = table.get(chart.x) if chart else None
    fields = [
        _field(
            "mark",
            tk._("Drawn as"),
            [(str(mark), name) for mark, name in words.marks().items()],
            chart.mark if chart else Mark.BAR,
        ),
        _field("x", tk._("Along"), titles, chart.x if chart else ""),
        _field(
            "agg",
            tk._("Measure"),
            [(str(item), name) for item, name in words.aggregates().items()],
            chart.aggregate if chart else Aggregate.COUNT,
        ),
        _field(
            "y",
            tk._("Of the column"),
            [("", tk._("(rows)")), *_offered(titles, numbers, chart)],
            (chart.y if chart else None) or "",
        ),
        _field(
            "colour",
            tk._("Coloured by"),
            [
                ("", tk._("(nothing)")),
                *((column.id, column.title) for column in table.columns if column.kind in _COLOURS),
            ],
            (chart.colour if chart else None) or "",
        ),
    ]
    if x is not None and x.kind.is_number and chart is not None and chart.mark is not Mark.POINT:
        classes = [(str(number), tk._("about {count}").format(count=number)) for number in BINS]
        fields.append(_field("bins", tk._("Classes"), classes, str(chart.bins or DEFAULT_BINS)))
    if x is not None and x.kind.is_time and chart is not None and chart.mark is not Mark.POINT:
        units = [(str(unit), name) for unit, name in words.units().items()]
        fields.append(_field("unit", tk._("By"), units, str(chart.unit or Unit.MONTH)))
    return fields


def _offered(
    titles: list[tuple[str, str]], numbers: list[tuple[str, str]], chart: Chart | None
) -> list[tuple[str, str]]:
    """Give every column where different values are counted, else those one can add up."""
    return titles if chart is not None and chart.aggregate is Aggregate.DISTINCT else numbers


def _field(name: str, label: str, choices: list[tuple[str, str]], selected: str) -> Field:
    return Field(name, label, [(value, text, value == selected) for value, text in choices])
