"""The small graph of an object: what it stands on at the left, itself in the middle, what stands on it at the right."""

from collections.abc import Sequence
from dataclasses import dataclass

BOX_WIDTH, BOX_HEIGHT = 210, 50
ROW, COLUMN = 66, 255
"""From one box to the next, downwards and sidewards, in the drawing's units."""
MOST = 5
"""Objects drawn on a side; the list names the others."""


@dataclass(frozen=True, slots=True)
class Node:
    """An object of the graph: its title, type and address."""

    title: str
    type: str
    url: str


@dataclass(frozen=True, slots=True)
class Box:
    """A node in its place; `x`, `y` is the upper left corner."""

    node: Node
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line from one box to another, with an arrow at its end."""

    x1: int
    y1: int
    x2: int
    y2: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """The boxes and lines of a graph, and how many objects of both sides aren't drawn."""

    width: int
    height: int
    centre: Box
    boxes: list[Box]
    lines: list[Line]
    more: int


def draw(centre: Node, left: Sequence[Node], right: Sequence[Node], total: int) -> Drawing:
    """Place an object between what it stands on and what stands on it; the first `MOST` of each side are drawn.

    :param total: how many there are on both sides, where these are only the first of them
    """
    left, right = left[:MOST], right[:MOST]
    height = max(1, len(left), len(right)) * ROW
    middle = Box(centre, COLUMN if left else 0, (height - BOX_HEIGHT) // 2)
    lefts, rights = _column(left, 0, height), _column(right, middle.x + COLUMN, height)
    lines = [_line(middle, box) for box in lefts] + [_line(box, middle) for box in rights]
    width = middle.x + BOX_WIDTH + (COLUMN if right else 0)
    return Drawing(width, height, middle, [*lefts, *rights], lines, total - len(left) - len(right))


def _column(nodes: Sequence[Node], x: int, height: int) -> list[Box]:
    top = (height - len(nodes) * ROW) // 2 + (ROW - BOX_HEIGHT) // 2
    return [Box(node, x, top + index * ROW) for index, node in enumerate(nodes)]


def _line(start: Box, end: Box) -> Line:
    """Draw from the left edge of a box to the right edge of the one before it."""
    return Line(start.x, start.y + BOX_HEIGHT // 2, end.x + BOX_WIDTH, end.y + BOX_HEIGHT // 2)
