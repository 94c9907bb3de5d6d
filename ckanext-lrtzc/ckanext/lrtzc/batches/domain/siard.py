"""Tables of a SIARD archive (eCH-0165, versions 2.x): a database kept as XML in a ZIP, for the long term.

`header/metadata.xml` describes the tables, `content/schemaN/tableM/tableM.xml` holds the rows of each. The ZIP is read
in place, its XML as a stream; what the archive carries beside (its own schemas, pictures, documents) is not opened.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import IO, Any

from ckanext.lrtzc import safexml

from .archives import Archive, check_archive, opened
from .coltypes import ColumnType
from .headers import clean_headers
from .limits import MAX_COLUMNS, Limits, readable_size
from .problems import BatchError, Problem
from .rows import as_moment, chunked
from .tables import LAYERS, LONGEST_NAME, Frame, Source, chosen_of

_METADATA = "header/metadata.xml"
_TABLE = ["siardArchive", "schemas", "schema", "tables", "table"]
# an archive may hold as many files as its documents and pictures are; only those of one table are opened
_ENTRIES = 50_000
# elements held at once, of what describes a table and of a row: some for each column a table may have
_ELEMENTS = MAX_COLUMNS * 40
_DESCRIPTION = 64 << 20
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_TYPES: tuple[tuple[str, ColumnType | None], ...] = (
    (r"(TINY|SMALL|BIG)?INT(EGER)?\b", ColumnType.INTEGER),
    (r"(DEC(IMAL)?|NUMERIC)\b", ColumnType.DECIMAL),
    (r"(FLOAT|REAL|DOUBLE)\b", ColumnType.FLOAT),
    (r"BOOLEAN\b", ColumnType.BOOLEAN),
    (r"DATE\b", ColumnType.DATE),
    (r"TIMESTAMP\b", ColumnType.TIMESTAMP),
    (r"(BINARY|VARBINARY|BLOB|DATALINK)\b", None),
)


@dataclass(frozen=True)
class _Column:
    name: str
    type: ColumnType | None
    folder: str


@dataclass(frozen=True)
class _Described:
    """A table as the archive describes it: its path in the ZIP, its columns, how many rows it says it has."""

    schema: str
    name: str
    path: str
    columns: list[_Column]
    rows: int


def _column_type(sql: str) -> ColumnType | None:
    """Give the type of a column from its SQL:2008 type; None where it holds bytes."""
    sql = sql.strip().upper()
    exact = re.match(r"(?:DEC(?:IMAL)?|NUMERIC)\s*\(\s*(\d+)\s*(?:,\s*0\s*)?\)", sql)
    if exact and int(exact[1]) <= 18:
        return ColumnType.INTEGER
    return next((kind for pattern, kind in _TYPES if re.match(pattern, sql)), ColumnType.TEXT)


def _text(node: Any, name: str) -> str:
    """Give the text of a child; nothing where there is none."""
    return next((_unescaped(child.text or "").strip() for child in node if safexml.local(child.tag) == name), "")


def _children(node: Any, name: str) -> list[Any]:
    return [child for child in node if safexml.local(child.tag) == name]


def _unescaped(text: str) -> str:
    r"""Give back the characters that SIARD writes as `\u00XX` (eCH-0165, “substitution of characters”).

    >>> _unescaped(r"C:\u005ctemp\u0009x")
    'C:\\temp\tx'
    """
    if "\\u" not in text:
        return text
    found = _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), text)
    return found.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\0", "")


def _broken(reason: str, line: int | None = None) -> BatchError:
    return BatchError("bad_siard", reason=reason, line=line)


class _Counted:
    """A file that knows how much of it was read."""

    def __init__(self, file: IO[bytes]):
        self._file = file
        self.read_bytes = 0

    def read(self, size: int = -1) -> bytes:
        found = self._file.read(size)
        self.read_bytes += len(found)
        return found


class _Stream:
    """Elements of an XML file as they are read, in memory that what was read of it doesn't fill.

    `forget` drops an element and counts anew; between two of these neither elements nor bytes pass their bounds.
    """

    def __init__(self, file: IO[bytes], name: str, limits: Limits, most: int):
        self._file, self._name, self._limits, self._most = _Counted(file), name, limits, most
        self._held = self._from = 0
        self.count = 0

    def forget(self, element: Any) -> None:
        """Drop an element that is done with, and those before it."""
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
        self._held, self._from = 0, self._file.read_bytes
        self.count += 1

    def events(self) -> Iterator[tuple[str, Any, list[str]]]:
        """Give (event, element, path from the root). Raises BatchError."""
        path: list[str] = []
        try:
            for event, element in safexml.events(self._file):  # type: ignore[arg-type]
                if event == "start":
                    if not path and safexml.has_doctype(element):
                        raise BatchError("xml_entities", line=1)
                    path.append(safexml.local(element.tag))
                    self._held += 1
                    if len(path) > self._limits.depth:
                        raise BatchError("too_deep", limit=self._limits.depth)
                    if self._held > _ELEMENTS or self._file.read_bytes - self._from > self._most:
                        raise BatchError("row_too_large", limit=readable_size(self._most), line=self.count + 1)
                yield event, element, path
                if event == "end":
                    path.pop()
        except safexml.EntitiesRefused as error:
            raise BatchError("xml_entities", line=error.line) from error
        except safexml.BrokenXml as error:
            raise _broken(f"{self._name}: {str(error)[:160]}") from error


def _tables(archive: Archive, names: set[str], limits: Limits) -> list[_Described]:
    """Give the tables that the archive describes and holds."""
    found: list[_Described] = []
    with archive.entry(_METADATA) as file:
        stream = _Stream(file, _METADATA, limits, _DESCRIPTION)
        for event, element, path in stream.events():
            if event == "start" and len(path) == 1 and path[0] != _TABLE[0]:
                raise _broken("header/metadata.xml: it describes no archive")
            if event == "end" and path == _TABLE:
                if table := _described(element, names):
                    found.append(table)
                stream.forget(element)
    return found


def _described(node: Any, names: set[str]) -> _Described | None:
    schema = node.getparent().getparent()
    base = f"content/{_text(schema, 'folder')}/{_text(node, 'folder')}"
    path = f"{base}/{base.rpartition('/')[2]}.xml"
    if path not in names:
        return None
    columns = [
        # a type of the database's own has no `type`: its fields are written as elements
        _Column(_text(column, "name"), _column_type(_text(column, "type")), _text(column, "lobFolder"))
        for listed in _children(node, "columns")
        for column in _children(listed, "column")
    ]
    rows = _text(node, "rows")
    return _Described(_text(schema, "name"), _text(node, "name"), path, columns, int(rows) if rows.isdecimal() else 0)


def _labels(tables: list[_Described]) -> dict[str, _Described]:
    """Give the tables by the names that people choose among."""
    several = len({table.schema for table in tables}) > 1
    found: dict[str, _Described] = {}
    for table in tables:
        label = f"{table.schema}.{table.name}" if several else table.name or table.path
        label = label if label not in found else f"{label} ({table.path})"
        if len(label) <= LONGEST_NAME and len(found) < LAYERS:
            found[label] = table
    return found


class SiardTable:
    """One table of an archive. Settings: `sheet` (its name), `sheets` (the names there are)."""

    def __init__(self, source: Source, settings: dict[str, Any], limits: Limits):
        self.source, self.limits = source, limits
        entries = check_archive(source, replace(limits, zip_entries=max(limits.zip_entries, _ENTRIES)))
        self._names = {entry.filename for entry in entries}
        with opened(source, limits) as archive:
            tables = _labels(_tables(archive, self._names, limits))
        if not tables:
            raise BatchError("no_records")
        usual = next((label for label, table in tables.items() if table.rows), next(iter(tables)))
        sheet, self.problems = chosen_of(list(tables), settings.get("sheet"), usual)
        self.settings: dict[str, Any] = {"sheet": sheet, "sheets": list(tables)}
        self._table = tables[sheet]
        # cells are named by the place of their column: c1, c2…
        self._columns = {
            f"c{place}": column for place, column in enumerate(self._table.columns, start=1) if column.type
        }
        if out := [column.name for column in self._table.columns if not column.type]:
            self.problems.append(Problem("columns_left_out", {"names": ", ".join(out[:20])}))
        if not self._columns:
            raise BatchError("no_records")
        self.headers = [column.name for column in self._columns.values()]
        self.names, changes = clean_headers(self.headers)
        self.problems += changes
        self.native: dict[str, ColumnType] = {
            name: column.type for name, column in zip(self.names, self._columns.values(), strict=True) if column.type
        }

    def _rows(self, archive: Archive) -> Iterator[tuple[int, list[str | None], str | None]]:
        with archive.entry(self._table.path) as file:
            stream = _Stream(file, self._table.path, self.limits, self.limits.row_bytes)
            for event, element, path in stream.events():
                if event != "end" or len(path) != 2:
                    continue
                if path[1] == "row":
                    cells = {safexml.local(cell.tag): cell for cell in element}
                    yield (
                        stream.count + 1,
                        [
                            self._cell(archive, column, cells[tag]) if tag in cells else None
                            for tag, column in self._columns.items()
                        ],
                        None,
                    )
                stream.forget(element)

    def _cell(self, archive: Archive, column: _Column, node: Any) -> str | None:
        """Give a cell as text; of what was put into a file apart its text, or where it is."""
        if len(node):
            return json.dumps(_nested(node), ensure_ascii=False)
        if place := node.get("file"):
            return self._apart(archive, column, place)
        text = _unescaped(node.text or "")
        if column.type is ColumnType.DATE:
            return text.strip().removesuffix("Z") or None
        return (as_moment(text.strip()) if column.type is ColumnType.TIMESTAMP else text) or None

    def _apart(self, archive: Archive, column: _Column, place: str) -> str:
        folder = self._table.path.rpartition("/")[0]
        for name in (place, f"{column.folder}/{place}", f"{folder}/{place}", f"{folder}/{column.folder}/{place}"):
            if name in self._names and archive.size(name) <= self.limits.row_bytes:
                with archive.entry(name) as file:
                    return file.read(self.limits.row_bytes).decode("utf-8", "replace").replace("\0", "")
        return place

    def frames(self) -> Iterator[Frame]:
        """Give the rows; positions count them from 1."""
        with opened(self.source, self.limits) as archive:
            total = self._table.rows or None
            yield from chunked(self.names, self._rows(archive), self.limits.chunk_rows, geographic=False, total=total)

    def locate(self, positions: list[int]) -> dict[int, int]:
        """Give back the row numbers."""
        return {position: position for position in positions}


def _nested(node: Any) -> Any:
    """Give the fields of a structured value, or the elements of a list, by their names."""
    if not len(node):
        return _unescaped(node.text or "")
    return {safexml.local(child.tag): _nested(child) for child in node}
