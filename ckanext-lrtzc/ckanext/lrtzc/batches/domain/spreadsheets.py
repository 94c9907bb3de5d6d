"""Sheets of XLSX and ODS workbooks, read by calamine."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import Any

import python_calamine as calamine

from .archives import check_archive
from .coltypes import ColumnType
from .headers import clean_headers
from .limits import Limits
from .problems import BatchError, Problem
from .rows import as_text, chunked
from .tables import Frame, Source

_REFERENCE = re.compile(rb'<c [^>]*?r="([A-Z]{1,3})(\d{1,7})"')
_SHEET_PART = re.compile(r"xl/worksheets/[^/]+\.xml$")


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _refuse_sparse(source: Source, limits: Limits) -> None:
    """Refuse sheets whose used corner would cost more memory than their cells: calamine makes them dense."""
    with zipfile.ZipFile(source.path) as archive:
        for info in archive.infolist():
            if not _SHEET_PART.match(info.filename):
                continue
            width = height = 0
            with archive.open(info) as part:
                left = b""
                while block := part.read(1 << 20):
                    text = left + block
                    for found in _REFERENCE.finditer(text):
                        width = max(width, _column_number(found[1]))
                        height = max(height, int(found[2]))
                    left = text[-200:]
            if width * height > limits.cells:
                raise BatchError("too_many_cells", count=width * height, limit=limits.cells)


class SpreadsheetTable:
    """One sheet. Settings: `sheet` (name), `header_line` (row number), `sheets` (the names there are).

    Merged cells give their value to their first cell only, as the file holds it; the others are missing values.
    """

    def __init__(self, source: Source, settings: dict[str, Any], limits: Limits):
        self.source, self.limits = source, limits
        self.native: dict[str, ColumnType] = {}
        self.problems: list[Problem] = []
        check_archive(source, limits)
        _refuse_sparse(source, limits)
        try:
            book = calamine.CalamineWorkbook.from_path(str(source.path))
            sheets = book.sheet_names
            wanted = settings.get("sheet")
            if wanted is not None and wanted not in sheets:
                raise BatchError("no_sheet", sheet=wanted)
            self._rows, sheet = self._chosen(book, sheets, wanted)
        except calamine.PasswordError as error:
            raise BatchError("spreadsheet_protected") from error
        except (calamine.CalamineError, OSError, ValueError) as error:
            raise BatchError("bad_spreadsheet", reason=str(error)[:200]) from error
        header_line, headers = self._header(settings.get("header_line"))
        self.headers = headers
        self.names, changes = clean_headers(headers)
        self.problems += changes
        self._start = header_line
        self.settings = {"sheet": sheet, "sheets": sheets, "header_line": header_line}

    def _chosen(self, book: Any, sheets: list[str], wanted: str | None) -> tuple[list[list[Any]], str]:
        """Give the rows of the wanted sheet, else of the first that holds two rows."""
        first: tuple[list[list[Any]], str] | None = None
        for name in [wanted] if wanted is not None else sheets:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            if first is None or (len(first[0]) < 2 <= len(rows)):
                first = (rows, name)
            if len(first[0]) >= 2:
                break
        if first is None or not first[0]:
            raise BatchError("empty_file")
        return first

    def _header(self, asked: int | None) -> tuple[int, list[str]]:
        """Give the row number of the header and its cells: the first row as full as most are."""
        head = self._rows[:50]
        filled = [sum(1 for cell in row if cell not in ("", None)) for row in head]
        usual = sorted(filled)[len(filled) // 2] if filled else 0
        for number, (row, count) in enumerate(zip(head, filled, strict=True), start=1):
            if number == asked or (asked is None and count and count * 2 > usual):
                last = max((place for place, cell in enumerate(row) if cell not in ("", None)), default=-1)
                used = max((self._last_used(other) for other in self._rows[number : number + 1000]), default=-1)
                width = max(last, used) + 1
                cells = [as_text(row[place]) or "" if place < len(row) else "" for place in range(width)]
                return number, cells
        raise BatchError("no_header")

    @staticmethod
    def _last_used(row: list[Any]) -> int:
        return max((place for place, cell in enumerate(row) if cell not in ("", None)), default=-1)

    def frames(self) -> Iterator[Frame]:
        """Give the rows below the header; positions are row numbers of the sheet."""
        width = len(self.names)
        rows = (
            (number, [as_text(cell) for cell in row[:width]] + [None] * (width - len(row)), None)
            for number, row in enumerate(self._rows[self._start :], start=self._start + 1)
        )
        total = max(len(self._rows) - self._start, 1)
        return chunked(self.names, rows, self.limits.chunk_rows, geographic=False, total=total)

    def locate(self, positions: list[int]) -> dict[int, int]:
        """Give back the row numbers."""
        return {position: position for position in positions}
