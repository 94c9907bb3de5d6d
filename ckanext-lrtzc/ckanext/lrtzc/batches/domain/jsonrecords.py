"""Records of JSON and features of GeoJSON, read as a stream."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any, BinaryIO

import ijson

from .coltypes import ColumnType
from .detect import Kind
from .encodings import Utf8Stream, detect_encoding
from .geometry import crs_of_geojson
from .headers import clean_headers
from .keys import Columns, Key, columns_of, header_of, keys_of
from .limits import Limits
from .problems import BatchError, Problem
from .rows import as_text, chunked
from .tables import Frame, Source

_EVENTS = 200_000
# objects of a record that are opened, from the outermost
_LEVELS = 3


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and value.as_tuple().exponent == 0 else str(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def flat(record: Any) -> dict[Key, Any]:
    """Give a record as one level of columns: objects within are opened, lists stay whole.

    Objects are opened three levels down; deeper ones stay JSON.
    """
    if not isinstance(record, dict):
        return {"value": record}
    found: dict[Key, Any] = {}

    def add(way: tuple[str, ...], value: dict[str, Any]) -> None:
        for key, item in value.items():
            if isinstance(item, dict) and item and len(way) + 1 < _LEVELS and "coordinates" not in item:
                add((*way, key), item)
            else:
                found[(*way, key) if way else key] = item

    add((), record)
    return found


def _cell(value: Any) -> str | None:
    if isinstance(value, Decimal):
        return str(value)
    return as_text(_plain(value) if isinstance(value, (dict, list)) else value)


class JsonTable:
    """Records of a JSON file.

    Settings: `path` to the list (`a.b`; empty at the root), `paths` found, `keys` of all records by path, `crs`.
    """

    def __init__(self, source: Source, settings: dict[str, Any], limits: Limits, kind: Kind):
        self.source, self.limits = source, limits
        self.geographic = kind is Kind.GEOJSON
        self.native: dict[str, ColumnType] = {}
        self.problems: list[Problem] = []
        self._encoding = settings.get("encoding") or detect_encoding(source.path)
        self._lines = False
        paths, crs = self._explore()
        path = settings.get("path")
        if path is None:
            path = "features" if self.geographic and "features" in paths else self._likeliest(paths)
        if path is None:
            raise BatchError("no_records")
        self.settings: dict[str, Any] = {"encoding": self._encoding, "path": path, "paths": sorted(paths)[:20]}
        if self.geographic:
            self.settings["crs"] = settings.get("crs") or crs
        # the whole file was read for its keys when it was looked at: it needn't be once more to be loaded
        self._keys = keys_of(settings, path) or self._all_keys()
        self.settings["keys"] = {path: self._keys}
        self.headers = [header_of(key) for key in self._keys]
        self.names, changes = clean_headers(self.headers)
        self.problems += [replace(change, line=None) for change in changes]

    def _open(self) -> Utf8Stream:
        return Utf8Stream(self.source.path, self._encoding)

    @staticmethod
    def _likeliest(paths: Counter[str]) -> str | None:
        return max(paths, key=lambda path: (paths[path], -len(path)), default=None)

    def _explore(self) -> tuple[Counter[str], int]:
        """Count the records under each path of the beginning, checking depth; find GeoJSON's `crs`."""
        paths: Counter[str] = Counter()
        crs: list[str] = []
        depth = events = 0
        stream: Any = self._open()
        try:
            for prefix, event, value in ijson.parse(stream, use_float=False, multiple_values=True):
                events += 1
                if event in ("start_map", "start_array"):
                    depth += 1
                    if depth > self.limits.depth:
                        raise BatchError("too_deep", limit=self.limits.depth)
                    if (
                        event == "start_map"
                        and (prefix == "item" or prefix.endswith(".item"))
                        and prefix.count("item") == 1
                    ):
                        paths[prefix[:-4].rstrip(".")] += 1
                    elif event == "start_map" and prefix == "":
                        self._lines = paths[""] > 0 or self._lines
                        paths["\n"] += 1
                elif event in ("end_map", "end_array"):
                    depth -= 1
                elif prefix.startswith("crs.") and event == "string":
                    crs.append(value)
                if events > _EVENTS:
                    break
        except ijson.IncompleteJSONError as error:
            raise self._invalid(error) from error
        except ijson.JSONError as error:
            raise self._invalid(error) from error
        finally:
            stream.close()
        # several objects one after the other (JSON lines); a lone object is no list
        roots = paths.pop("\n", 0)
        if roots > 1:
            return Counter({"\n": roots}), 4326
        if not paths and roots == 1:
            paths["\n"] = 1
        if not paths:
            paths = self._plain_lists()
        return paths, crs_of_geojson(crs)

    def _plain_lists(self) -> Counter[str]:
        stream: Any = self._open()
        try:
            first = next(iter(ijson.items(stream, "item")), None)
        except (ijson.JSONError, StopIteration):
            first = None
        finally:
            stream.close()
        return Counter({"": 1}) if first is not None else Counter()

    @staticmethod
    def _invalid(error: Exception) -> BatchError:
        text = " ".join(str(error.args[0] if error.args else error).split())
        return BatchError("bad_json", reason=text[:160])

    def _items(self, stream: BinaryIO | Any) -> Iterator[Any]:
        path = self.settings["path"]
        prefix = "" if path == "\n" else f"{path}.item" if path else "item"
        try:
            yield from ijson.items(stream, prefix, multiple_values=path == "\n")
        except ijson.JSONError as error:
            raise self._invalid(error) from error
        except RecursionError as error:
            raise BatchError("too_deep", limit=self.limits.depth) from error

    def _record(self, item: Any) -> dict[Key, Any]:
        if self.geographic and isinstance(item, dict):
            item = item.get("properties") or {}
        return flat(item)

    def _all_keys(self) -> list[Key]:
        stream = self._open()
        try:
            keys, told = columns_of(map(self._record, self._items(stream)))
        finally:
            stream.close()
        self.problems += told
        if not keys and self.geographic:
            return ["id"]
        if not keys:
            raise BatchError("no_records")
        return keys

    def frames(self) -> Iterator[Frame]:
        """Give the records; positions count them from 1. What has no column is told of its record."""
        stream = self._open()
        columns = Columns(self._keys, _cell)

        def rows() -> Iterator[tuple[int, list[str | None], str | None]]:
            for number, item in enumerate(self._items(stream), start=1):
                geometry = None
                try:
                    cells = columns.row(number, self._record(item))
                    if self.geographic and isinstance(item, dict) and item.get("geometry") is not None:
                        geometry = json.dumps(item["geometry"], default=float)
                except RecursionError as error:
                    raise BatchError("too_deep", limit=self.limits.depth) from error
                yield number, cells, geometry

        try:
            for frame in chunked(
                self.names, rows(), self.limits.chunk_rows, geographic=self.geographic, progress=lambda: stream.done
            ):
                frame.corrected = columns.noted()
                yield frame
        finally:
            stream.close()

    def locate(self, positions: list[int]) -> dict[int, int]:
        """Give back the record numbers."""
        return {position: position for position in positions}
