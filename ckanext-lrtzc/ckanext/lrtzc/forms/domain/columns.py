"""Which table a form's answers make, and which row each becomes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from . import places
from .answers import ADDRESS
from .definition import PATH, Definition, Node, said
from .instances import without_places
from .kinds import ASKED, CHOSEN, COMPUTED, FILES, PLACES, Kind

ANSWER = "answer"
"""The column that tells answers apart."""
RECEIVED = "received"
"""The column of the instant at which an answer was first received."""
_LONGEST = 50
"""Characters of a column's name, under PostgreSQL's 63 bytes with accents."""

_TYPES = {
    Kind.INTEGER: "int8",
    Kind.DECIMAL: "numeric",
    Kind.RANGE: "numeric",
    Kind.DATE: "date",
    Kind.DATETIME: "timestamp",
    Kind.START: "timestamp",
    Kind.END: "timestamp",
    Kind.TODAY: "date",
    Kind.TICK: "bool",
}


@dataclass(frozen=True)
class Column:
    """A column: its name, its type as the DataStore calls it, its text, and what its values stand for.

    `key` is the path of the question that fills it, or of the repeat whose answers it holds as JSON.
    """

    name: str
    type: str
    label: str
    notes: str
    key: str


@dataclass(frozen=True)
class Place:
    """The column from which a row has its place on the map, and how it is written: `point` or `wkt`."""

    column: str
    written: str


def columns_of(definition: Definition, language: str) -> list[Column]:
    """Give the columns of a form's table, in order: the answer's number and date, then one a question."""
    found = [Column(ANSWER, "text", "", "", ""), Column(RECEIVED, "timestamp", "", "", "")]
    taken = {ANSWER, RECEIVED}
    for node in _filling(definition.children):
        name = _free(node.name, taken)
        label = re.sub(r"\$\{\s*([^{}]+?)\s*\}", r"[\1]", said(node.label, language))
        found.append(Column(name, _TYPES.get(node.kind, "text"), label, _notes(node, definition, language), node.key))
        if node.kind in PLACES:
            told = _free(f"{node.name}_address", taken)
            found.append(Column(told, "text", label, "", node.key + ADDRESS))
    return found


def _free(name: str, taken: set[str]) -> str:
    """Give a name that no column has: a low line begins those that tables keep to themselves."""
    base = name.lstrip("_")[:_LONGEST] or "question"
    free, number = base, 1
    while free.lower() in taken:
        number += 1
        free = f"{base}_{number}"
    taken.add(free.lower())
    return free


def _filling(nodes: tuple[Node, ...]) -> list[Node]:
    """Give the nodes that fill a column: questions, and repeats as a whole."""
    found: list[Node] = []
    for node in nodes:
        if node.kind is Kind.GROUP:
            found += _filling(node.children)
        elif node.kind is Kind.REPEAT or node.kind in ASKED | COMPUTED:
            found.append(node)
    return found


def _notes(node: Node, definition: Definition, language: str) -> str:
    """Say what the values of a chosen answer stand for."""
    if node.kind not in CHOSEN:
        return ""
    choices = definition.choices.get(node.list, ())[:50]
    return "; ".join(
        f"{one.name}: {label}" for one in choices if (label := said(one.label, language)) and label != one.name
    )


def place_of(definition: Definition) -> Place | None:
    """Give the column that says where rows are: that of the first location that isn't repeated."""
    for column in columns_of(definition, ""):
        node = next((one for one in definition.questions() if one.key == column.key), None)
        if node is not None and node.kind in PLACES:
            return Place(column.name, "point" if node.kind is Kind.POINT else "wkt")
    return None


def row_of(
    definition: Definition,
    answer_id: str,
    received: str,
    values: Mapping[str, str],
    address: Callable[[str], str] = str,
) -> dict[str, str]:
    """Give the row of an answer, as text by column.

    :param received: the instant, ISO 8601 in UTC without its zone
    :param values: as `answers.Answer` holds them
    :param address: gives where a file is had, from what the answer says of it
    """
    filed = {node.key for node in definition.questions() if node.kind in FILES}
    if filed:
        values = {key: address(text) if without_places(key) in filed else text for key, text in values.items()}
    nodes = {node.key: node for node in definition.walk()}
    row = {ANSWER: answer_id, RECEIVED: received}
    for column in columns_of(definition, ""):
        node = nodes.get(column.key)
        if node is not None and node.kind is Kind.REPEAT:
            told = _repeated(column.key, values)
            if told:
                row[column.name] = json.dumps(told, ensure_ascii=False)
        elif column.key in values:
            row[column.name] = values[column.key] if node is None else _cell(node.kind, values[column.key])
    return row


def _cell(kind: Kind, value: str) -> str:
    match kind:
        case Kind.POINT:
            return value.replace(" ", ", ", 1)
        case Kind.LINE:
            return places.as_wkt("line", places.line(value))
        case Kind.AREA:
            return places.as_wkt("area", places.area(value))
        case Kind.TICK:
            return "true" if value == "OK" else "false"
        case _:
            return value


def _repeated(key: str, values: Mapping[str, str]) -> list[dict[str, Any]]:
    """Give the answers of a repeat as a list, those within each by their path in it."""
    found: dict[int, dict[str, Any]] = {}
    for name, value in values.items():
        if name.startswith(f"{key}[") and f"]{PATH}" in name[len(key) :]:
            place, _, rest = name[len(key) + 1 :].partition(f"]{PATH}")
            if place.isdecimal():
                found.setdefault(int(place), {})[rest] = value
    return [found[place] for place in sorted(found)]
