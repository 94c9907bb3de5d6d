"""Lists of choices as the page that builds a form shows and writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .building import cells_of, free_name, header_for, name_from, put
from .definition import Definition, Node
from .headers import canonical
from .workbook import CHOICES, Sheet, Workbook

CHOICES_MOST = 200
"""Choices of a list that the page shows; longer lists are changed in a workbook."""


@dataclass
class Option:
    """A choice: its row in the spreadsheet (none for a new one), its name, its texts by language."""

    row: int | None = None
    name: str = ""
    labels: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def blank(self) -> bool:
        """Whether nothing of it is written."""
        return not self.name and not any(self.labels.values())


def options_of(workbook: Workbook, group: str) -> list[Option]:
    """Give the choices of a list, in order."""
    sheet = workbook.sheet(CHOICES)
    if sheet is None or not group:
        return []
    found: list[Option] = []
    for row in _rows_of(sheet, group):
        cells = cells_of(sheet, row)
        labels = {language: cell for (column, language), cell in cells.items() if column == "label"}
        found.append(Option(row, cells.get(("name", ""), cells.get(("value", ""), "")), labels))
    return found


def _rows_of(sheet: Sheet, group: str) -> list[int]:
    return [row for row, _filled in sheet.records() if cells_of(sheet, row).get(("list_name", ""), "") == group]


def lists_of(workbook: Workbook) -> list[str]:
    """Give the names of all lists, in order."""
    sheet = workbook.sheet(CHOICES)
    if sheet is None:
        return []
    found = [cells_of(sheet, row).get(("list_name", ""), "") for row, _filled in sheet.records()]
    return list(dict.fromkeys(filter(None, found)))


def users_of_list(definition: Definition, group: str) -> list[Node]:
    """Give the questions that offer a list."""
    return [node for node in definition.questions() if node.list == group] if group else []


def free_list(workbook: Workbook, base: str) -> str:
    """Give a name that no list has."""
    return free_name(base, {name.lower() for name in lists_of(workbook)})


def put_options(workbook: Workbook, group: str, options: Sequence[Option]) -> None:
    """Write the choices of a list in place: those that had a row keep all else that it says, in the order given."""
    sheet = workbook.made(CHOICES)
    for column in ("list_name", "name"):
        if (column, "") not in [canonical(header) for header in sheet.header if header]:
            sheet.header.append(column)
    slots = _rows_of(sheet, group)
    taken = {option.name.lower() for option in options if option.name}
    column = "name" if header_for(sheet, "name") in sheet.header else "value"
    written: list[list[str]] = []
    for option in options:
        if option.blank:
            continue
        rest = Sheet(CHOICES, sheet.header, [list(sheet.rows[option.row - 2]) if option.row in slots else []])
        said = next((text for text in option.labels.values() if text), "")
        name = option.name or free_name(name_from(said, "choice"), taken)
        cells: Mapping[tuple[str, str], str] = {("list_name", ""): group, (column, ""): name}
        put(rest, 2, {**cells, **{("label", language): text for language, text in option.labels.items()}})
        written.append(rest.rows[0])
    first = slots[0] - 2 if slots else len(sheet.rows)
    for row in reversed(slots):
        del sheet.rows[row - 2]
    sheet.rows[first:first] = written


def fault_of(options: Sequence[Option]) -> tuple[str, str] | None:
    """Give what is wrong with choices, as a code and the name at fault; None where nothing is."""
    filled = [option for option in options if not option.blank]
    if not filled:
        return "no_choices", ""
    names: set[str] = set()
    for option in filled:
        if option.name and re.search(r"\s", option.name):
            return "bad_choice_name", option.name
        if option.name and option.name in names:
            return "same_choice_name", option.name
        names.add(option.name)
    return None


def moved(options: Sequence[Option], at: int, down: bool) -> list[Option]:
    """Give choices with one of them a place further up or down."""
    found, to = list(options), at + (1 if down else -1)
    if 0 <= at < len(found) and 0 <= to < len(found):
        found[at], found[to] = found[to], found[at]
    return found
