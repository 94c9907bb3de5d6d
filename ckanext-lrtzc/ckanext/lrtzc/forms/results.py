"""The figures of a form's answers, by three statements whatever their number.

Told are those that are in the dataset, as far as whoever asks may read them.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from ckanext.lrtzc.explore.api import Classes, Selection, round_classes
from ckanext.lrtzc.explore.api import Kind as ColumnKind
from ckanext.lrtzc.forms.domain import columns
from ckanext.lrtzc.forms.domain.kinds import Kind
from ckanext.lrtzc.forms.domain.results import CLASSES, VALUES, Figure, Topic, unit_of

LATEST = 5
"""Texts that are shown of a question."""
_LOOKED = 200
_CUT = 500


@dataclass
class Told:
    """What is told of one question. `answered` counts the answers to it; the rest as its figure wants.

    `counts` are choices, classes (by their place) or steps of time (their first day, ISO 8601) with their numbers.
    `stepped` says that all numbers are among those that can be answered now; `each` that a class is a single one.
    """

    topic: Topic
    answered: int = 0
    low: Any = None
    high: Any = None
    mean: float | None = None
    median: float | None = None
    classes: Classes | None = None
    stepped: bool = True
    each: bool = False
    unit: str = ""
    counts: dict[Any, int] = field(default_factory=dict[Any, int])
    texts: list[str] = field(default_factory=list[str])


@dataclass
class Results:
    """What is told of a form: how many answers are in the dataset, when they came, and each question."""

    answers: int
    course: Told | None
    topics: list[Told]
    placed: int = 0


def results(selection: Selection, connection: sa.Connection, topics: Sequence[Topic]) -> Results:
    """Compute what is told of questions over the rows of a selection; columns that it lacks aren't told of."""
    seen = [Told(topic) for topic in topics if selection.table.get(topic.column) is not None]
    course = Told(Topic(columns.RECEIVED, Figure.TIMES, "", Kind.DATETIME, {}))
    timed = [course] if selection.table.get(columns.RECEIVED) is not None else []
    told = [*timed, *seen]
    found = Results(0, timed[0] if timed else None, seen)
    if not told:
        found.answers, _about = selection.count(connection)
        return found
    _figures(found, told, selection, connection)
    _counts(told, selection, connection)
    _latest([one for one in told if one.topic.figure is Figure.TEXTS and one.answered], selection, connection)
    return found


def _figures(found: Results, told: list[Told], selection: Selection, connection: sa.Connection) -> None:
    wanted: list[sa.ColumnElement[Any]] = [sa.func.count().label("answers")]
    if selection.table.has_geometry:
        wanted.append(sa.func.count(selection.source.geometry).label("placed"))
    for place, one in enumerate(told):
        column = selection.source.column(one.topic.column)
        texts = selection.table[one.topic.column].kind is ColumnKind.TEXT
        present = sa.func.nullif(column, "") if texts else column
        wanted.append(sa.func.count(present).label(f"n{place}"))
        if one.topic.figure in (Figure.NUMBERS, Figure.TIMES):
            wanted += [sa.func.min(column).label(f"low{place}"), sa.func.max(column).label(f"high{place}")]
        if one.topic.figure is Figure.NUMBERS:
            middle = sa.func.percentile_cont(0.5).within_group(sa.cast(column, sa.Double()).asc())
            wanted += [sa.func.avg(column).label(f"mean{place}"), middle.label(f"median{place}")]
            if (scale := one.topic.scale) is not None:
                steps = (sa.cast(column, sa.Double()) - scale.start) / scale.step
                wanted.append(sa.func.bool_and(sa.func.abs(steps - sa.func.round(steps)) < 1e-6).label(f"even{place}"))
    row = connection.execute(selection.statement(wanted)).mappings().one()
    found.answers, found.placed = row["answers"], row.get("placed", 0)
    for place, one in enumerate(told):
        one.answered = row[f"n{place}"]
        one.low, one.high = row.get(f"low{place}"), row.get(f"high{place}")
        one.stepped = row.get(f"even{place}", True) is not False
        mean, median = row.get(f"mean{place}"), row.get(f"median{place}")
        one.mean, one.median = (None if value is None else float(value) for value in (mean, median))


def _classes(one: Told) -> Classes:
    """Cut numbers into classes: one for each value where few can be answered, else round ones; and note which."""
    low, high = float(one.low), float(one.high)
    step = one.topic.step if one.stepped else 0.0
    scale = one.topic.scale
    if step and scale is not None and (scale.end - scale.start) / step < VALUES:
        # a scale is shown whole; what an earlier definition of it allowed, too
        last = scale.start + math.floor((scale.end - scale.start) / step + 1e-9) * step
        low, high = min(low, scale.start), max(high, last)
    if step and round((high - low) / step) < VALUES:
        one.each = True
        return Classes(low, step, round((high - low) / step) + 1)
    return round_classes(low, high, CLASSES, step if one.topic.whole else 0.0)


def _cell(one: Told, selection: Selection) -> sa.ColumnElement[Any] | None:
    """Give, as text, by what the answers to a question are counted: the choice, the class, the step of time."""
    column = selection.source.column(one.topic.column)
    match one.topic.figure:
        case Figure.CHOICES:
            return sa.cast(column, sa.Text())
        case Figure.NUMBERS if one.answered:
            one.classes = _classes(one)
            place = sa.func.floor((sa.cast(column, sa.Double()) - one.classes.start) / one.classes.step + 1e-9)
            return sa.cast(sa.cast(sa.func.least(place, one.classes.count - 1), sa.Integer()), sa.Text())
        case Figure.TIMES if one.answered:
            one.unit = unit_of((one.high - one.low) / dt.timedelta(days=1))
            return sa.cast(sa.cast(sa.func.date_trunc(one.unit, sa.cast(column, sa.DateTime())), sa.Date()), sa.Text())
        case _:
            return None


def _counts(told: list[Told], selection: Selection, connection: sa.Connection) -> None:
    """Count choices, classes and steps of all questions, in one pass over the rows."""
    cells = [(one, cell) for one in told if (cell := _cell(one, selection)) is not None]
    if not cells:
        return
    wide = selection.statement([cell.label(f"c{place}") for place, (_one, cell) in enumerate(cells)]).subquery("wide")
    each = [wide.c[f"c{place}"] for place in range(len(cells))]
    counted = sa.select(sa.func.grouping(*each), sa.func.count(), *each).group_by(sa.func.grouping_sets(*each))
    for left_out, number, *values in connection.execute(counted):
        # one bit a column, set where the row isn't of its groups (PostgreSQL 15, section 9.21)
        place = len(each) - ((1 << len(each)) - 1 - left_out).bit_length()
        if values[place]:
            _add(cells[place][0], values[place], number)


def _add(one: Told, value: str, number: int) -> None:
    match one.topic.figure:
        case Figure.CHOICES:
            # names of choices hold no spaces: what is chosen of several is parted by them
            names: list[Any] = [name if name in one.topic.choices else "" for name in value.split()]
        case Figure.NUMBERS:
            names = [int(value)]
        case _:
            names = [value]
    for name in names:
        one.counts[name] = one.counts.get(name, 0) + number


def _latest(told: list[Told], selection: Selection, connection: sa.Connection) -> None:
    """Read the last texts of all questions at once, among the last answers."""
    if not told:
        return
    wanted = [
        sa.func.left(sa.cast(selection.source.column(one.topic.column), sa.Text()), _CUT).label(f"t{place}")
        for place, one in enumerate(told)
    ]
    rows = selection.statement(wanted).order_by(selection.source.key.desc()).limit(_LOOKED)
    for row in connection.execute(rows):
        for one, text in zip(told, row, strict=True):
            if text and len(one.texts) < LATEST:
                one.texts.append(text)
