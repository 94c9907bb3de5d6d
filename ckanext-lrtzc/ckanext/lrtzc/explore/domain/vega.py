"""Vega-Lite specifications, built from figures that the database already put together."""

from dataclasses import dataclass
from typing import Any, assert_never

from ckanext.lrtzc.explore.domain.chart import Chart, Mark, Unit
from ckanext.lrtzc.explore.domain.figures import Datum, Figures
from ckanext.lrtzc.tabular.domain.columns import Kind
from ckanext.lrtzc.tabular.domain.formats import Format

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
# Okabe and Ito (2008), safe for colour blindness; the last one is for all that isn't named.
PALETTE = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#5b5b5b")
_FORMATS = {
    Unit.YEAR: "%Y",
    Unit.QUARTER: "%m/%Y",
    Unit.MONTH: "%b %Y",
    Unit.WEEK: "%d %b %Y",
    Unit.DAY: "%d %b %Y",
    Unit.HOUR: "%d %b %H:%M",
}


@dataclass(frozen=True)
class Words:
    """The texts of a chart in the language of the page."""

    title: str
    x: str
    y: str
    colour: str
    missing: str
    other: str
    yes: str
    no: str


def _stands_alone(figures: Figures) -> bool:
    """Say whether each class is one whole number, such as a year."""
    return figures.x.kind is Kind.INTEGER and figures.classes is not None and figures.classes.step == 1


def label_of(figures: Figures, value: Any, words: Words, habits: Format) -> str:
    """Give a value of x as one reads it: a category, the bounds of a class, a step of time."""
    if value is None:
        return words.missing
    if isinstance(value, bool):
        return words.yes if value else words.no
    if figures.classes is not None:
        low, high = figures.classes.bounds(int(value))
        if _stands_alone(figures):
            return habits.number(low)
        return f"{habits.number(low)} – {habits.number(high)}"
    if figures.x.kind.is_time:
        unit = figures.chart.unit
        return habits.step(str(value), str(unit)) if unit else habits.moment(str(value))
    if isinstance(value, (int, float)):
        return habits.number(value)
    return str(value)


def series_of(datum: Datum, figures: Figures, words: Words) -> str:
    """Give the name of the series of a mark."""
    if datum.other:
        return words.other
    if datum.series is None:
        return words.missing
    if figures.colour is not None and figures.colour.kind is Kind.BOOLEAN:
        return words.yes if datum.series == "true" else words.no
    return datum.series


def _values(figures: Figures, words: Words, habits: Format) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for datum in figures.data:
        continuous = figures.x.kind.is_number or figures.x.kind.is_time
        if datum.x is None and continuous:
            continue
        value: dict[str, Any] = {"y": datum.value, "label": label_of(figures, datum.x, words, habits)}
        if figures.classes is not None and datum.x is not None:
            value["x"], value["x2"] = figures.classes.bounds(int(datum.x))
        elif figures.x.kind.is_time:
            value["x"] = str(datum.x).replace(" ", "T")
        else:
            value["x"] = value["label"] if not figures.x.kind.is_number else datum.x
        if figures.colour is not None:
            value["series"] = series_of(datum, figures, words)
        found.append(value)
    return found


def _mark(chart: Chart) -> dict[str, Any]:
    match chart.mark:
        case Mark.BAR:
            return {"type": "bar", "tooltip": True}
        case Mark.LINE:
            return {"type": "line", "tooltip": True, "point": True, "invalid": "break-paths-show-domains"}
        case Mark.AREA:
            return {"type": "area", "tooltip": True, "line": True, "opacity": 0.6}
        case Mark.POINT:
            return {"type": "point", "tooltip": True, "filled": True, "opacity": 0.6}
        case _:
            assert_never(chart.mark)


def _x_encoding(figures: Figures, words: Words, habits: Format) -> dict[str, Any]:
    chart = figures.chart
    if figures.classes is not None and _stands_alone(figures):
        # Numbers without rows keep their place.
        domain = [label_of(figures, index, words, habits) for index in range(figures.classes.count)]
        axis = {"labelAngle": 0, "labelOverlap": True}
        return {"field": "label", "type": "ordinal", "title": words.x, "scale": {"domain": domain}, "axis": axis}
    if figures.x.kind.is_time:
        axis = {"format": _FORMATS[chart.unit], "labelOverlap": True} if chart.unit else {"labelOverlap": True}
        return {"field": "x", "type": "temporal", "title": words.x, "axis": axis}
    if figures.classes is not None:
        binned: dict[str, Any] = {"field": "x", "type": "quantitative", "title": words.x, "scale": {"zero": False}}
        if chart.mark is Mark.BAR:
            binned["bin"] = {"binned": True, "step": figures.classes.step}
        return binned
    if figures.x.kind.is_number:
        return {"field": "x", "type": "quantitative", "title": words.x, "scale": {"zero": False}}
    return {"field": "x", "type": "nominal", "title": words.x, "sort": None, "axis": {"labelLimit": 220}}


def spec(figures: Figures, words: Words, habits: Format) -> dict[str, Any]:
    """Build the specification of a chart, its values within.

    Categories are drawn as horizontal bars, so that their names can be read; bars always start at zero.
    """
    chart = figures.chart
    across = _x_encoding(figures, words, habits)
    up: dict[str, Any] = {"field": "y", "type": "quantitative", "title": words.y}
    if chart.mark is Mark.POINT:
        up["scale"] = {"zero": False}
    horizontal = chart.mark is Mark.BAR and across["type"] == "nominal"
    encoding: dict[str, Any] = {"y": across, "x": up} if horizontal else {"x": across, "y": up}
    if figures.classes is not None and chart.mark is Mark.BAR and not _stands_alone(figures):
        encoding["x2"] = {"field": "x2"}
    tips: list[dict[str, Any]] = [
        {"field": "label", "type": "nominal", "title": words.x},
        {"field": "y", "type": "quantitative", "title": words.y},
    ]
    if figures.colour is not None:
        names = list(dict.fromkeys(series_of(datum, figures, words) for datum in figures.data))
        encoding["color"] = {
            "field": "series",
            "type": "nominal",
            "title": words.colour,
            "scale": {"domain": names, "range": list(PALETTE[: max(1, len(names))])},
        }
        tips.insert(1, {"field": "series", "type": "nominal", "title": words.colour})
    else:
        encoding["color"] = {"value": PALETTE[0]}
    encoding["tooltip"] = tips
    return {
        "$schema": SCHEMA,
        "description": words.title,
        "title": {"text": words.title, "anchor": "start"},
        "width": "container",
        "height": {"step": 22} if horizontal else 320,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "data": {"values": _values(figures, words, habits)},
        "mark": _mark(chart),
        "encoding": encoding,
        "config": {
            "background": "transparent",
            "font": "system-ui, sans-serif",
            "axis": {"labelFontSize": 13, "titleFontSize": 13},
            "legend": {"labelFontSize": 13, "titleFontSize": 13},
            "title": {"fontSize": 16},
            "locale": {"number": _number_locale(habits), "time": _time_locale(habits)},
        },
    }


def _number_locale(habits: Format) -> dict[str, Any]:
    return {"decimal": habits.decimal, "thousands": habits.group, "grouping": [3], "currency": ["", ""]}


def _time_locale(habits: Format) -> dict[str, Any]:
    written = {"dateTime": "%A %e %B %Y %X", "date": "%d/%m/%Y", "time": "%H:%M:%S"}
    return {**written, **habits.time_names()}
