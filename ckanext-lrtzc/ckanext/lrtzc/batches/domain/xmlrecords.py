"""Records of an XML file: the element that repeats most under one parent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ckanext.lrtzc import safexml

from .coltypes import ColumnType
from .headers import clean_headers
from .keys import Columns, Key, columns_of, header_of, keys_of
from .limits import Limits
from .problems import BatchError, Problem
from .rows import chunked
from .tables import Frame, Source

_EVENTS = 100_000


def _flat(element: Any) -> dict[Key, str]:
    """Give a record's attributes (`@name`) and leaves (`a.b`); a name that repeats keeps its values joined by ` | `."""
    found: dict[Key, str] = {}

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
    """Records of an XML file.

    Settings: `path`, the names from the root to the record joined by `/`, and `keys` of all records by path.

    Entities are refused, nothing is fetched, trees beyond libxml2's own limits are refused.
    """

    def __init__(self, source: Source, settings: dict[str, Any], limits: Limits):
        self.source, self.limits = source, limits
        self.native: dict[str, ColumnType] = {}
        self.problems: list[Problem] = []
        path = settings.get("path") or self._likeliest()
        self._wanted = path.split("/")
        # the whole file was read for its keys when it was looked at: it needn't be once more to be loaded
        self._keys = keys_of(settings, path) or self._all_keys()
        self.settings: dict[str, Any] = {"path": path, "keys": {path: self._keys}}
        self.headers = [header_of(key) for key in self._keys]
        self.names, changes = clean_headers(self.headers)
        self.problems += [replace(change, line=None) for change in changes]

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

    def _records(self) -> Iterator[dict[Key, str]]:
        depth = len(self._wanted)
        for event, element, path in self._events():
            # what is in a record stays until the record is whole
            if event == "start" or (len(path) > depth and path[:depth] == self._wanted):
                continue
            if path == self._wanted:
                yield _flat(element)
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]

    def _all_keys(self) -> list[Key]:
        keys, told = columns_of(self._records())
        self.problems += told
        if not keys:
            raise BatchError("no_records")
        return keys

    def frames(self) -> Iterator[Frame]:
        """Give the records; positions count them from 1. What has no column is told of its record."""
        columns = Columns(self._keys, lambda text: text or None)
        rows = ((number, columns.row(number, record), None) for number, record in enumerate(self._records(), start=1))
        for frame in chunked(self.names, rows, self.limits.chunk_rows, geographic=False):
            frame.corrected = columns.noted()
            yield frame

    def locate(self, positions: list[int]) -> dict[int, int]:
        """Give back the record numbers: many records may stand on one line."""
        return {position: position for position in positions}
