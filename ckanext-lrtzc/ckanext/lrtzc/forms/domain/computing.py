"""What depends on what was answered: which questions concern an answer, what is required, what is calculated."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .definition import Choice, Definition, Node, said
from .expressions import Call, Column, Current, Expression, Literal, Ref, Rows, walk
from .functions import FUNCTIONS, OPERATORS
from .instances import Instance, grow_to
from .kinds import CHOSEN, COMPUTED, Kind
from .searching import offered as searched
from .tables import data_name
from .values import as_number, as_text, as_truth, single

_REPEATS = 100


class Computing:
    """The values of one answer, each computed once.

    :param typed: gives what a question was answered
    :param now: the instant, in the territory's time
    """

    def __init__(
        self,
        definition: Definition,
        root: Instance,
        typed: Callable[[Instance], Any],
        now: dt.datetime,
        language: str,
    ):
        self.definition, self.root, self.typed, self.language = definition, root, typed, language
        self.now = now.replace(tzinfo=None, microsecond=0)
        self.noted: Mapping[str, dt.datetime] = {}
        """What a telephone noted by itself of when it was filled in, by path."""
        self._values: dict[Instance, Any] = {}
        self._relevant: dict[Instance, bool] = {}
        self._cells: dict[tuple[int, Instance], list[str]] = {}
        self._nodes: dict[str, Node] = {}
        for node in definition.walk():
            self._nodes.setdefault(node.name, node)

    def settle(self) -> None:
        """Compute all in the order of what depends on what, so that nothing is computed from far down."""
        for name in self.definition.order:
            node = self._nodes.get(name)
            if node is None:
                continue
            for instance in self._instances(node):
                self.relevant(instance)
                if node.kind is Kind.REPEAT and node.repeat_count is not None and instance.parent is not None:
                    self._count(instance.parent, node)
                self.value(instance)

    def _count(self, parent: Instance, node: Node) -> None:
        if node.repeat_count is None:
            return
        wanted = as_number(self.evaluate(node.repeat_count, parent))
        number = max(0, min(int(wanted), _REPEATS)) if math.isfinite(wanted) else 0
        if len(parent.children[node.name]) != number:
            grow_to(parent, node, number, _REPEATS)

    def _instances(self, node: Node) -> list[Instance]:
        found = [self.root]
        for name in node.path:
            found = [child for one in found for child in one.children.get(name, ())]
        return found

    def relevant(self, instance: Instance) -> bool:
        """Say whether a question concerns this answer: its own condition and those of the groups it stands in."""
        known = self._relevant.get(instance)
        if known is not None:
            return known
        outer = instance.parent is None or self.relevant(instance.parent)
        condition = instance.node.relevant
        found = outer and (condition is None or as_truth(self.evaluate(condition, instance)))
        self._relevant[instance] = found
        return found

    def required(self, instance: Instance) -> bool:
        """Say whether an answer is needed."""
        condition = instance.node.required
        return condition is not None and as_truth(self.evaluate(condition, instance))

    def value(self, instance: Instance) -> Any:
        """Give the value of a question; an empty text where it isn't answered, or doesn't concern this answer."""
        if instance not in self._values:
            self._values[instance] = ""
            if self.relevant(instance):
                self._values[instance] = self._computed(instance)
        return self._values[instance]

    def _computed(self, instance: Instance) -> Any:
        node = instance.node
        match node.kind:
            case Kind.TODAY:
                return self.noted.get(instance.key, self.now).date()
            case Kind.START | Kind.END:
                return self.noted.get(instance.key, self.now)
            case kind if kind in COMPUTED:
                if node.calculation is None:
                    return node.default
                return _finite(single(self.evaluate(node.calculation, instance)))
            case Kind.GROUP | Kind.REPEAT | Kind.NOTE | Kind.ABSENT:
                return ""
            case _:
                if node.calculation is not None:
                    return _finite(single(self.evaluate(node.calculation, instance)))
                return self.typed(instance)

    def choices(self, instance: Instance) -> Sequence[Choice]:
        """Give the choices that a question offers this answer."""
        node = instance.node
        if node.kind not in CHOSEN:
            return ()
        offered: Sequence[Choice] = self.definition.choices.get(node.list, ())
        if node.search is not None:
            asked = (node.search.text, node.search.value)
            text, value = ("" if one is None else as_text(self.evaluate(one, instance)) for one in asked)
            offered = searched(node.search, offered, text, value)
        if node.choice_filter is None:
            return offered
        return [one for one in offered if as_truth(self.evaluate(node.choice_filter, instance, choice=one))]

    def told(self, name: str, instance: Instance) -> Any:
        """Give what a text says of another question: what was answered, choices by their labels."""
        node = self._nodes.get(name)
        if node is None:
            return ""
        value = self.lookup(name, instance)
        return self._labels(node, value) if node.kind in CHOSEN else value

    def _labels(self, node: Node, value: Any) -> str:
        # a file may hold a value several times: its first row names it
        listed = reversed(self.definition.choices.get(node.list, ()))
        labels = {one.name: said(one.label, self.language) for one in listed}
        return ", ".join(labels.get(name, name) for name in as_text(value).split())

    def lookup(self, name: str, context: Instance) -> Any:
        """Give the answer to a question seen from another: its own repeat's, or all where it stands in others."""
        node = self._nodes.get(name)
        if node is None:
            return ""
        trail: list[Instance] = []
        here: Instance | None = context
        while here is not None:
            trail.append(here)
            here = here.parent
        shared = self.root
        depth = 0
        for instance in list(reversed(trail))[1:]:
            if depth < len(node.path) and instance.node.path == node.path[: depth + 1]:
                shared, depth = instance, depth + 1
            else:
                break
        found, several = [shared], False
        for place in range(depth, len(node.path)):
            name = node.path[place]
            several = several or any(child.index is not None for one in found for child in one.children.get(name, ()))
            found = [child for one in found for child in one.children.get(name, ())]
        if node.kind is Kind.REPEAT:
            return ["1" for each in found if self.relevant(each)]
        values = [self.value(each) for each in found]
        return values if several else values[0] if values else ""

    def evaluate(self, expression: Expression, instance: Instance, choice: Choice | None = None) -> Any:
        """Compute an expression as seen from a question."""
        match expression:
            case Literal(value):
                return value
            case Ref(name):
                return self.lookup(name, instance)
            case Column(name):
                return choice.more.get(name, "") if choice is not None else ""
            case Current():
                return self.value(instance)
            case Rows():
                return self._looked(expression, instance)
            case Call():
                return self._call(expression.name, expression.arguments, instance, choice)

    def _looked(self, asked: Rows, instance: Instance) -> list[str]:
        """Give the cells that rows of a file or a list hold, once for each place that asks."""
        # the definition holds the expression for longer than this answer is computed
        key = (id(asked), instance)
        if key not in self._cells:
            rows: Sequence[Choice] = self.definition.instances.get(asked.source, ())
            for where in asked.where:
                rows = self._holding(rows, where, instance)
            column = asked.column
            cells = [one.more[column] for one in rows if column in one.more] if column else ["1"] * len(rows)
            self._cells[key] = cells
        return self._cells[key]

    def _holding(self, rows: Sequence[Choice], where: Expression, instance: Instance) -> Sequence[Choice]:
        """Give the rows that hold to a condition; a number is the place of one, from 1."""
        match where:
            case Call("=", (Column(name), other)) | Call("=", (other, Column(name))) if not _asks_rows(other):
                # most conditions are this one, over rows by the thousand
                key = self.evaluate(other, instance)
                if isinstance(key, str):
                    return [one for one in rows if one.more.get(name, "") == key]
            case _:
                pass
        found: list[Choice] = []
        for place, one in enumerate(rows, 1):
            told = self.evaluate(where, instance, one)
            numeric = isinstance(told, int | float) and not isinstance(told, bool)
            if told == place if numeric else as_truth(told):
                found.append(one)
        return found

    def _call(self, name: str, arguments: tuple[Expression, ...], instance: Instance, choice: Choice | None) -> Any:
        def given(place: int) -> Any:
            return self.evaluate(arguments[place], instance, choice)

        match name:
            case "and":
                return as_truth(given(0)) and as_truth(given(1))
            case "or":
                return as_truth(given(0)) or as_truth(given(1))
            case "if":
                return given(1) if as_truth(given(0)) else given(2)
            case "today":
                return self.now.date()
            case "now":
                return self.now
            case "position":
                return float(_position(instance))
            case "jr:choice-name":
                asked = as_text(given(1)).strip()
                node = self._nodes.get(asked[2:-1].strip() if asked.startswith("${") else asked)
                return self._labels(node, given(0)) if node is not None else ""
            case "pulldata":
                file, wanted, column, key = (as_text(given(place)) for place in range(4))
                table = self.definition.tables.get(data_name(file))
                return table.pulled(wanted, column, key) if table is not None else ""
            case _:
                pass
        values = [given(place) for place in range(len(arguments))]
        if name in OPERATORS:
            return OPERATORS[name](*values)
        return FUNCTIONS[name].work(*values)


def _asks_rows(expression: Expression) -> bool:
    return any(isinstance(part, Column) for part in walk(expression))


def _finite(value: Any) -> Any:
    """Give a value; nothing for what can't be computed yet, rather than “NaN” in a table."""
    return "" if isinstance(value, float) and not math.isfinite(value) else value


def _position(instance: Instance) -> int:
    here: Instance | None = instance
    while here is not None and here.index is None:
        here = here.parent
    return 1 if here is None or here.index is None else here.index + 1
