"""A YAML document that remembers the line of each of its values, so that an error can name it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

Place = tuple[str | int, ...]


class TerritoryError(ValueError):
    """The folder of a territory cannot be used: the message says which file, line and key, and what is expected."""


def path_text(place: Place) -> str:
    """Write a place as people do: `axes[2].label.fr`."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


class Document:
    """The values of a YAML file and the line of each."""

    def __init__(self, path: Path):
        self.path = path
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise TerritoryError(f"{path}: cannot be read ({error}).") from error
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
            self.values = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise TerritoryError(f"{path}: not valid YAML ({error}).") from error
        self.lines: dict[Place, int] = dict(_lines(node, ())) if node else {}
        if not isinstance(self.values, dict):
            raise TerritoryError(f"{path}: keys and values are expected.")

    def error(self, place: Place, message: str) -> TerritoryError:
        """Make an error about a place; the line is that of the nearest value that exists."""
        nearest = place
        while nearest and nearest not in self.lines:
            nearest = nearest[:-1]
        line = self.lines.get(nearest, 1)
        return TerritoryError(f"{self.path}, line {line}, {path_text(place)}: {message}")

    def get(self, place: Place, kind: type | tuple[type, ...], expected: str) -> Any:
        """Give the value at a place.

        :param expected: what should stand there, for the message.
        :raises TerritoryError: if nothing is there, or something of another kind.
        """
        value: Any = self.values
        for part in place:
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                raise self.error(place, f"missing; {expected} is expected.") from None
        if not isinstance(value, kind) or isinstance(value, bool):
            raise self.error(place, f"{expected} is expected.")
        return value

    def text(self, place: Place) -> str:
        """Give a text that is not empty."""
        value = self.get(place, str, "a text").strip()
        if not value:
            raise self.error(place, "a text is expected, this one is empty.")
        return value

    def items(self, place: Place) -> list[Place]:
        """Give the places of a list's items; the list may not be empty."""
        value = self.get(place, list, "a list")
        if not value:
            raise self.error(place, "at least one item is expected.")
        return [(*place, index) for index in range(len(value))]

    def distinct(self, values: list[str], place: Place, key: str) -> None:
        """Refuse a list of items of which two have the same key."""
        for index, value in enumerate(values):
            if value in values[:index]:
                raise self.error((*place, index, key), f"{value} is already there.")


def _lines(node: yaml.Node, place: Place) -> Iterator[tuple[Place, int]]:
    yield place, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _lines(value, (*place, key.value))
            yield (*place, key.value), key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _lines(value, (*place, index))
