"""Records of an XML file: the element that repeats most under one parent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from ckanext.lrtzc import safexml

from .coltypes import ColumnType
from .headers import clean_headers
from .limits import Limits
from .problems import BatchError, Problem
from .rows import chunked
from .tables import Frame, Source

_EVENTS = 100_000
_SAMPLE = 2_000


def _flat(element: Any) -> dict[str, str]:
    """Give a record's attributes (`@name`) and leaves (`a.b`); a name that repeats keeps its values joined by ` | `."""
    found: dict[str, str] = {}

    def put(name: str, text: str | None) -> None:
        text = (text or "").strip()
        if text:
            found[name] = f"{found[name]} | {text}" if name in found else text
        else:
            found.setdefault(name, "")

    def walk(node: Any, prefix: str) -> None:
        for name, value in node.attrib.items():
            put(f"{prefix}@{safexml.local(name)}", value)
        children = [child for child in node if isinstance(child.tag, str)]
        for child in children:
            name = f"{prefix}{safexml.local(child.tag)}"
            if len(child):
                walk(child, f"{name}.")
            else:
                put(name, child.text)
                for attribute, value in child.attrib.items():
                    put(f"{name}@{safexml.local(attribute)}", value)
        if not children and not prefix:
            put("value", node.text)

    walk(element, "")
    return found


class XmlTable:
    """Records of an XML file. Settings: `path`, the names from the root to the record joined by `/`.

    Entities are refused, nothing is fetched, trees beyond libxml2's own limits are refused.
    """

    def __init__(self, source: Source, settings: dict[str, Any], limits: Limits):
        self.source, self.limits = source, limits
        self.native: dict[str, ColumnType] = {}
        self.problems: list[Problem] = []
        path = settings.get("path") or self._likeliest()
        self.settings = {"path": path}
        keys: dict[str, None] = {}
        for number, (_line, record) in enumerate(self._records()):
            keys.update(dict.fromkeys(record))
            if number >= _SAMPLE:
                break
        if not keys:
            raise BatchError("no_records")
        self._keys = list(keys)
        self.headers = self._keys
        self.names, changes = clean_headers(self._keys)
        self.problems += changes

    def _events(self) -> Iterator[tuple[str, Any, list[str]]]:
        """Give (event, element, path from the root), forgetting what was read."""
        path: list[str] = []
        try:
            with self.source.path.open("rb") as file:
                for event, element in safexml.events(file):
                    if event == "start":
                        path.append(safexml.local(element.tag))
                        if len(path) > self.limits.depth:
                            raise BatchError("too_deep", limit=self.limits.depth, line=element.sourceline)
                    yield event, element, path
                    if event == "end":
                        path.pop()
        except safexml.EntitiesRefused as error:
            raise BatchError("xml_entities", line=error.line) from error
        except safexml.BrokenXml as error:
            raise BatchError("bad_xml", reason=str(error)[:160], line=error.line) from error

    def _likeliest(self) -> str:
        counts: Counter[str] = Counter()
        for seen, (event, element, path) in enumerate(self._events()):
            if event == "end" and len(path) > 1 and (len(element) or element.attrib):
                counts["/".join(path)] += 1
            if seen > _EVENTS:
                break
        if not counts:
            raise BatchError("no_records")
        most = max(counts.values())
        # the outermost of those that repeat about as much as the one that repeats most
        return min((path for path, count in counts.items() if count * 2 > most), key=lambda path: path.count("/"))

    def _records(self) -> Iterator[tuple[int, dict[str, str]]]:
        wanted = self.settings["path"].split("/")
        for event, element, path in self._events():
            if event == "end" and path == wanted:
                yield element.sourceline, _flat(element)
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]

    def frames(self) -> Iterator[Frame]:
        """Give the records; positions are the lines they start on."""
        rows = ((line, [record.get(key) or None for key in self._keys], None) for line, record in self._records())
        yield from chunked(self.names, rows, self.limits.chunk_rows, geographic=False)

    def locate(self, positions: list[int]) -> dict[int, int]:
        """Give back the lines."""
        return {position: position for position in positions}
