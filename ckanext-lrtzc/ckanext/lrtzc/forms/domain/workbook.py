"""A definition as its sheets: read from a workbook, kept cell by cell, written as a workbook that means the same.

What is kept is what XLSForm says: sheets, their columns in order, cells as text. Nothing is lost of what the portal
doesn't use, so that what was imported is exported with the same meaning. Source: XLSForm reference, xlsform.org.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from .faults import DefinitionError, Fault

ROWS = 5_000
COLUMNS = 100
SHEETS = 20
CELL = 20_000
"""Characters of a cell; the rest is left out."""

SURVEY, CHOICES, SETTINGS = "survey", "choices", "settings"
_UNSAFE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass
class Sheet:
    """A sheet: its columns in order, and its rows from the second of the spreadsheet on, empty ones too."""

    name: str
    header: list[str] = field(default_factory=list[str])
    rows: list[list[str]] = field(default_factory=list[list[str]])

    def records(self) -> list[tuple[int, dict[str, str]]]:
        """Give the rows that hold something: number in the spreadsheet, and filled cells by column."""
        found: list[tuple[int, dict[str, str]]] = []
        for place, cells in enumerate(self.rows):
            filled = {name: cell for name, cell in zip(self.header, cells, strict=False) if name and cell}
            if filled:
                found.append((place + 2, filled))
        return found

    def column(self, name: str) -> int:
        """Give the place of a column, which is added where the sheet has none of this name."""
        if name not in self.header:
            self.header.append(name)
        return self.header.index(name)

    def put(self, place: int, values: Mapping[str, str]) -> None:
        """Write cells of a row, by column."""
        for name, value in values.items():
            if value or name in self.header:
                at = self.column(name)
                row = self.rows[place]
                row.extend([""] * (at + 1 - len(row)))
                row[at] = value


@dataclass
class Workbook:
    """The sheets of a definition, in order."""

    sheets: list[Sheet] = field(default_factory=list[Sheet])

    def sheet(self, name: str) -> Sheet | None:
        """Give a sheet by its name, in any case; None where there is none."""
        return next((sheet for sheet in self.sheets if sheet.name.strip().lower() == name), None)

    def made(self, name: str) -> Sheet:
        """Give a sheet by its name, which is added where there is none."""
        found = self.sheet(name)
        if found is None:
            found = Sheet(name)
            self.sheets.append(found)
        return found

    def as_dict(self) -> dict[str, Any]:
        """Give a form that JSON can hold; `from_dict` reads it back."""
        return {"sheets": [{"name": one.name, "header": one.header, "rows": one.rows} for one in self.sheets]}

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Workbook:
        """Read what `as_dict` gave."""
        return cls(
            [
                Sheet(one["name"], list(one["header"]), [list(row) for row in one["rows"]])
                for one in found.get("sheets", [])
            ]
        )

    def for_converter(self) -> dict[str, Any]:
        """Give the sheets as pyxform takes them: rows by column, and the columns there are."""
        found: dict[str, Any] = {"sheet_names": [sheet.name for sheet in self.sheets]}
        for sheet in self.sheets:
            name = sheet.name.strip().lower()
            if name in _CONVERTED:
                # a row without anything keeps its place: the converter tells rows by counting
                rows = [dict(zip(sheet.header, cells, strict=False)) for cells in sheet.rows]
                found[name] = [{key: cell for key, cell in row.items() if key and cell} for row in rows]
                found[f"{name}_header"] = [dict.fromkeys(filter(None, sheet.header))]
        return found


_CONVERTED = (SURVEY, CHOICES, SETTINGS, "external_choices", "entities", "osm")


def clean(text: str) -> str:
    """Give a text as a cell may hold it: composed (NFC), without control signs, without spaces around."""
    return _UNSAFE.sub("", unicodedata.normalize("NFC", text)).strip()[:CELL]


def cell_text(value: Any) -> str:
    """Write a cell as XLSForm reads it: whole numbers without fraction, truths as TRUE and FALSE, ISO 8601 dates."""
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case dt.datetime() if value.time() == dt.time():
            return value.date().isoformat()
        case dt.datetime() | dt.date() | dt.time():
            return value.isoformat()
        case _:
            return clean(str(value))


def read(path: Path) -> Workbook:
    """Read a workbook in the format .xlsx, whose size was bounded before.

    :raises DefinitionError: where it is none, or too large
    """
    try:
        with CalamineWorkbook.from_path(path) as opened:
            return Workbook([_sheet(opened, name) for name in opened.sheet_names[:SHEETS]])
    except (CalamineError, PasswordError, OSError, ValueError) as error:
        if isinstance(error, DefinitionError):
            raise
        raise DefinitionError(Fault("not_workbook")) from error


def _sheet(opened: CalamineWorkbook, name: str) -> Sheet:
    sheet = opened.get_sheet_by_name(name)
    if sheet.total_height > 20 * ROWS or sheet.total_width > 10 * COLUMNS:
        raise DefinitionError(Fault("too_large", name, params={"most": ROWS, "columns": COLUMNS}))
    table = [[cell_text(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    while table and not any(table[-1]):
        table.pop()
    width = max((place + 1 for row in table for place, cell in enumerate(row) if cell), default=0)
    if len(table) > ROWS or width > COLUMNS:
        raise DefinitionError(Fault("too_large", name, params={"most": ROWS, "columns": COLUMNS}))
    header, *rows = [row[:width] for row in table] or [[]]
    return Sheet(clean(name), header, rows)


def write(workbook: Workbook) -> bytes:
    """Write a workbook in the format .xlsx; all cells are text, none is a formula."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    ) as made:
        bold, wrapped = made.add_format({"bold": True}), made.add_format({"text_wrap": True})
        for sheet in workbook.sheets:
            written = made.add_worksheet(sheet.name[:31])
            written.freeze_panes(1, 0)
            for place, name in enumerate(sheet.header):
                written.write_string(0, place, name, bold)
                written.set_column(place, place, 28)
            for number, cells in enumerate(sheet.rows, 1):
                for place, cell in enumerate(cells):
                    if cell:
                        written.write_string(number, place, cell, wrapped)
    return out.getvalue()


def blank(title: str, identifier: str, languages: Sequence[str]) -> Workbook:
    """Give the sheets of a form without any question."""
    labels = [f"label::{language}" for language in languages] or ["label"]
    survey = Sheet(SURVEY, ["type", "name", *labels])
    choices = Sheet(CHOICES, ["list_name", "name", *labels])
    settings = Sheet(SETTINGS, ["form_title", "form_id"], [[title, identifier]])
    if languages:
        settings.header.append("default_language")
        settings.rows[0].append(languages[0])
    return Workbook([survey, choices, settings])


def same_meaning(left: Workbook, right: Workbook) -> bool:
    """Say whether two definitions have the same sheets, columns and cells, whatever empty places they hold."""

    def told(workbook: Workbook) -> list[Any]:
        return [(one.name, [name for name in one.header if name], one.records()) for one in workbook.sheets]

    return told(left) == told(right)


def settings_of(workbook: Workbook) -> dict[str, str]:
    """Give the settings, by their names in lower case."""
    sheet = workbook.sheet(SETTINGS)
    rows: Iterable[tuple[int, dict[str, str]]] = sheet.records() if sheet else ()
    return {name.strip().lower(): value for _row, cells in rows for name, value in cells.items()}
