"""What is told of the answers to each question: shares of choices, spread of numbers, course of time, last texts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from . import columns
from .definition import Definition, Node, Scale, said
from .kinds import Kind

FEW = 5
"""Under as many answers, what was counted of personal data isn't told."""
CLASSES = 12
"""About how many classes numbers are cut into."""
VALUES = 21
"""Values of a number that have a line each, at most."""
_UNITS = (("day", 1), ("week", 7), ("month", 31), ("year", 366))


class Figure(StrEnum):
    """What is told of a question."""

    CHOICES = "choices"
    NUMBERS = "numbers"
    TIMES = "times"
    TEXTS = "texts"
    COUNT = "count"


_FIGURES = {
    Kind.ONE: Figure.CHOICES,
    Kind.MANY: Figure.CHOICES,
    Kind.TICK: Figure.CHOICES,
    Kind.INTEGER: Figure.NUMBERS,
    Kind.DECIMAL: Figure.NUMBERS,
    Kind.RANGE: Figure.NUMBERS,
    Kind.DATE: Figure.TIMES,
    Kind.DATETIME: Figure.TIMES,
    Kind.TEXT: Figure.TEXTS,
    Kind.TIME: Figure.TEXTS,
}


@dataclass(frozen=True)
class Topic:
    """A question as its answers are told of: the column that holds them, its text, and what choices are called.

    `personal` marks what is told with caution; `scale` are the bounds within which numbers are chosen.
    """

    column: str
    figure: Figure
    label: str
    kind: Kind
    choices: Mapping[str, str]
    personal: bool = False
    scale: Scale | None = None

    @property
    def step(self) -> float:
        """What lies between a number that can be answered and the next; 0 where any can be."""
        if self.scale is not None:
            return self.scale.step
        return 1.0 if self.kind is Kind.INTEGER else 0.0

    @property
    def whole(self) -> bool:
        """Whether only whole numbers, one by one, can be answered."""
        return self.step == 1 and (self.scale is None or self.scale.start.is_integer())


def topics_of(definition: Definition, language: str) -> list[Topic]:
    """Give the questions of which something is told, in the order of the form; what is computed isn't."""
    nodes = {node.key: node for node in definition.questions()}
    labels = {one.name: one.label for one in columns.columns_of(definition, language)}
    found: list[Topic] = []
    for column in columns.columns_of(definition, language):
        node = nodes.get(column.key)
        if node is None or not node.given:
            continue
        figure = _FIGURES.get(node.kind, Figure.COUNT)
        label = labels[column.name] or node.name
        called = _called(node, definition, language)
        found.append(Topic(column.name, figure, label, node.kind, called, node.personal, node.scale))
    return found


def _called(node: Node, definition: Definition, language: str) -> dict[str, str]:
    if node.kind is Kind.TICK:
        return {"true": "", "false": ""}
    return {one.name: said(one.label, language) or one.name for one in definition.choices.get(node.list, ())}


def unit_of(days: float) -> str:
    """Give the step of time by which a span is told, so that it makes 31 steps at most: a day, week, month or year."""
    return next((unit for unit, length in _UNITS if days / length <= 31), "year")


def steps(first: str, last: str, unit: str) -> list[str]:
    """Give the first days (ISO 8601) of all steps of time from one to another, both included."""
    day, end, found = dt.date.fromisoformat(first), dt.date.fromisoformat(last), list[str]()
    while day <= end:
        found.append(day.isoformat())
        match unit:
            case "day" | "week":
                day += dt.timedelta(days=1 if unit == "day" else 7)
            case "month":
                day = dt.date(day.year + day.month // 12, day.month % 12 + 1, 1)
            case _:
                day = dt.date(day.year + 1, 1, 1)
    return found


@dataclass(frozen=True)
class Bar:
    """One line of a chart that is a table as well: what it is, how many, of how many."""

    label: str
    count: int
    most: int
    total: int

    @property
    def width(self) -> float:
        """The length of the bar, of 100 for the longest."""
        return round(100 * self.count / self.most, 2) if self.most else 0.0

    @property
    def share(self) -> float:
        """The share of those who answered, between 0 and 1."""
        return self.count / self.total if self.total else 0.0


def bars(counted: list[tuple[str, int]], total: int, cautious: bool) -> list[Bar]:
    """Give the lines of a chart; with caution, those that are few are left out, as is the next that would tell them."""
    kept = counted
    if cautious:
        kept = [(label, count) for label, count in counted if count >= FEW]
        hidden = [(label, count) for label, count in counted if 0 < count < FEW]
        if len(hidden) == 1 and kept:
            kept.remove(min(kept, key=lambda one: one[1]))
    most = max((count for _label, count in kept), default=0)
    return [Bar(label, count, most, total) for label, count in kept]
