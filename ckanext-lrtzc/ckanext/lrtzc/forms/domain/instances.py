"""The tree of an answer: each question once, those of a repeat as often as it was repeated."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .definition import PATH, Definition, Node
from .kinds import Kind

_INDEXED = re.compile(r"\[(\d{1,4})\]")


@dataclass(eq=False)
class Instance:
    """A node in an answer. `index` is its place where it is one of a repeat; `key` the path that leads to it."""

    node: Node
    key: str
    parent: Instance | None = None
    index: int | None = None
    children: dict[str, list[Instance]] = field(default_factory=dict[str, "list[Instance]"])

    def each(self) -> Iterator[Instance]:
        """Give those directly under it, in order."""
        for some in self.children.values():
            yield from some

    def walk(self) -> Iterator[Instance]:
        """Give all those under it, in order."""
        for child in self.each():
            yield child
            yield from child.walk()


def without_places(key: str) -> str:
    """Give the path of the question of an answer's path, whichever of a repeat it is.

    >>> without_places("tree[2]/name")
    'tree/name'
    """
    return _INDEXED.sub("", key)


def build(definition: Definition, fields: Mapping[str, Sequence[str]], most: int) -> Instance:
    """Make the tree that some fields fill: a repeat stands as often as they name it, `most` times at most."""
    counts: dict[str, int] = {}
    for key in fields:
        for found in _INDEXED.finditer(key):
            repeat = key[: found.start()]
            counts[repeat] = max(counts.get(repeat, 0), min(int(found[1]) + 1, most))
    root = Instance(Node(Kind.GROUP, 0, "", "", (), {}, {}, children=definition.children), "")
    _grow(root, counts, most)
    return root


def _grow(parent: Instance, counts: Mapping[str, int], most: int, total: list[int] | None = None) -> None:
    total = [0] if total is None else total
    for node in parent.node.children:
        key = f"{parent.key}{PATH}{node.name}" if parent.key else node.name
        if node.kind is Kind.REPEAT:
            number = max(counts.get(key, 0), 1)
            made = [Instance(node, f"{key}[{place}]", parent, place) for place in range(number)]
        else:
            made = [Instance(node, key, parent)]
        parent.children[node.name] = made
        for one in made:
            total[0] += 1
            # repeats within repeats would multiply
            if total[0] <= 20 * most:
                _grow(one, counts, most, total)


def grow_to(parent: Instance, node: Node, number: int, most: int) -> None:
    """Have a repeat stand so many times, as its definition counts it."""
    made = parent.children[node.name][:number]
    base = f"{parent.key}{PATH}{node.name}" if parent.key else node.name
    for place in range(len(made), number):
        one = Instance(node, f"{base}[{place}]", parent, place)
        _grow(one, {}, most)
        made.append(one)
    parent.children[node.name] = made
