"""What stands in a definition in order, and how its rows are added, moved, copied and taken away.

All work on the sheets themselves, row by row: what the page that builds doesn't speak of stays as it was written. Each
function gives another workbook and leaves the one it was given alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass

from .definition import Definition, Node, code_of
from .headers import canonical
from .sorts import Sort, sort_of
from .workbook import CHOICES, SURVEY, Sheet, Workbook

_REFERENCE = re.compile(r"\$\{\s*([^{}]+?)\s*\}")
_NAMED = 40
"""Characters of a name that is made from a text."""


class BuildError(ValueError):
    """What was asked can't be done with the definition as it stands: `code` says why."""

    def __init__(self, code: str):
        self.code = code
        super().__init__(code)


@dataclass(frozen=True)
class Item:
    """A question, a group or a repeat in order. `row` is where it begins in the spreadsheet, `last` where it ends.

    `cells` are those of its row by column and language, `sort` what the page offers like it, or None; `node` what it
    means, None where it can't be read.
    """

    row: int
    last: int
    depth: int
    node: Node | None
    sort: Sort | None
    told: str
    cells: Mapping[tuple[str, str], str]

    @property
    def name(self) -> str:
        """Its name, as it is written."""
        return self.cells.get(("name", ""), "")


def cells_of(sheet: Sheet, row: int) -> dict[tuple[str, str], str]:
    """Give the filled cells of a row, by column and language."""
    written = zip(sheet.header, sheet.rows[row - 2], strict=False)
    return {canonical(header): cell for header, cell in written if header and cell}


def marker(told: str) -> str:
    """Say whether a type begins something or ends it: `begin`, `end`, or nothing."""
    word, _, rest = " ".join(told.split()).replace("_", " ").lower().partition(" ")
    nesting = rest in ("group", "repeat", "loop", "lgroup", "looped group")
    return word if nesting and word in ("begin", "end") else ""


def outline(workbook: Workbook, definition: Definition) -> list[Item]:
    """Give what stands in a definition, in order; groups before what stands in them."""
    sheet = workbook.sheet(SURVEY)
    if sheet is None:
        return []
    nodes: dict[int, Node] = {}
    for node in definition.walk():
        nodes.setdefault(node.row, node)
    found: list[Item] = []
    begun: list[int] = []
    for row, _filled in sheet.records():
        cells = cells_of(sheet, row)
        told = cells.get(("type", ""), "")
        kind = marker(told)
        if kind == "end" and begun:
            place = begun.pop()
            found[place] = _ended(found[place], row)
            continue
        node = nodes.get(row)
        sort = sort_of(node, cells.get(("constraint", ""), "")) if node is not None else None
        found.append(Item(row, row, len(begun), node, sort, told, cells))
        if kind == "begin":
            begun.append(len(found) - 1)
    for place in begun:
        found[place] = _ended(found[place], len(sheet.rows) + 1)
    return found


def _ended(item: Item, last: int) -> Item:
    return Item(item.row, last, item.depth, item.node, item.sort, item.told, item.cells)


def item_at(items: Iterable[Item], row: int) -> Item:
    """Give the item that begins at a row. Raises BuildError where none does."""
    found = next((item for item in items if item.row == row), None)
    if found is None:
        raise BuildError("gone")
    return found


def survey_of(workbook: Workbook) -> tuple[Workbook, Sheet]:
    """Give a copy of a workbook, and its sheet of questions, which is made where there is none."""
    copy = deepcopy(workbook)
    sheet = copy.made(SURVEY)
    for name in ("type", "name"):
        if name not in [canonical(header)[0] for header in sheet.header]:
            sheet.header.append(name)
    return copy, sheet


def header_for(sheet: Sheet, column: str, language: str = "") -> str:
    """Give the column of a sheet by its meaning, in the sheet's own words; how it is written where there is none."""
    for header in sheet.header:
        if header and canonical(header) == (column, language):
            return header
    return f"{column}::{language}" if language else column


def put(sheet: Sheet, row: int, cells: Mapping[tuple[str, str], str]) -> None:
    """Write cells of a row, by column and language."""
    sheet.put(row - 2, {header_for(sheet, *where): value for where, value in cells.items()})


def insert(sheet: Sheet, after: int, rows: Sequence[list[str]]) -> int:
    """Insert rows after one (1 is the header); gives the row of the first."""
    after = max(1, min(after, len(sheet.rows) + 1))
    sheet.rows[after - 1 : after - 1] = [list(row) for row in rows]
    return after + 1


def languages_of(workbook: Workbook, definition: Definition) -> list[str]:
    """Give the languages in which texts are written; the empty one where a column names none."""
    bare = False
    for name in (SURVEY, CHOICES):
        sheet = workbook.sheet(name)
        bare = bare or (sheet is not None and ("label", "") in [canonical(header) for header in sheet.header if header])
    return [*([""] if bare or not definition.languages else []), *definition.languages]


def add_language(workbook: Workbook, language: str) -> Workbook:
    """Give the sheets columns for texts in one more language.

    :raises BuildError: where they have it already, or it can't be one
    """
    name = " ".join(language.split())
    if not any(map(str.isalpha, name)) or len(name) > 60 or ":" in name or not name.isprintable():
        raise BuildError("bad_language")
    copy, survey = survey_of(workbook)
    choices = copy.made(CHOICES)
    for column in ("list_name", "name"):
        if header_for(choices, column) not in choices.header:
            choices.header.append(column)
    known = {canonical(header)[1] for sheet in (survey, choices) for header in sheet.header if header}
    if code_of(name) in {code_of(one) for one in known if one}:
        raise BuildError("same_language")
    survey.header += [f"label::{name}", f"hint::{name}"]
    choices.header.append(f"label::{name}")
    return copy


def move(workbook: Workbook, definition: Definition, row: int, down: bool) -> tuple[Workbook, int]:
    """Move an item by one line: into a group that begins or ends there, out of the one it stands in.

    :returns: the workbook, and the row at which the item begins now
    """
    item = item_at(outline(workbook, definition), row)
    copy, sheet = survey_of(workbook)
    lines = [line for line, _cells in sheet.records()]
    others = [line for line in lines if line > item.last] if down else [line for line in lines if line < item.row]
    if not others:
        return workbook, row
    return _moved(copy, sheet, item, others[0] if down else others[-1] - 1)


def place(workbook: Workbook, definition: Definition, row: int, after: int) -> tuple[Workbook, int]:
    """Move an item behind a line (1 is the header).

    :raises BuildError: where the line is one of its own
    """
    item = item_at(outline(workbook, definition), row)
    if item.row <= after <= item.last:
        raise BuildError("into_itself")
    copy, sheet = survey_of(workbook)
    return (workbook, row) if after == item.row - 1 else _moved(copy, sheet, item, after)


def _moved(workbook: Workbook, sheet: Sheet, item: Item, after: int) -> tuple[Workbook, int]:
    rows = sheet.rows[item.row - 2 : item.last - 1]
    del sheet.rows[item.row - 2 : item.last - 1]
    return workbook, insert(sheet, after - len(rows) if after > item.last else after, rows)


def remove(workbook: Workbook, definition: Definition, row: int) -> Workbook:
    """Take an item away, with all that stands in it."""
    item = item_at(outline(workbook, definition), row)
    copy, sheet = survey_of(workbook)
    del sheet.rows[item.row - 2 : item.last - 1]
    return copy


def duplicate(workbook: Workbook, definition: Definition, row: int) -> tuple[Workbook, int]:
    """Copy an item, with all that stands in it, behind itself; names become others, and what speaks of them follows."""
    item = item_at(outline(workbook, definition), row)
    copy, sheet = survey_of(workbook)
    taken, renamed = names_in(workbook), dict[str, str]()
    at = sheet.header.index(header_for(sheet, "name"))
    olds = sheet.rows[item.row - 2 : item.last - 1]
    for cells in olds:
        if len(cells) > at and cells[at]:
            renamed[cells[at]] = free_name(cells[at], taken)
    rows = [
        [renamed.get(cell, cell) if column == at else _renamed(cell, renamed) for column, cell in enumerate(cells)]
        for cells in olds
    ]
    return copy, insert(sheet, item.last, rows)


def _renamed(cell: str, names: Mapping[str, str]) -> str:
    def other(found: re.Match[str]) -> str:
        return f"${{{names[found[1]]}}}" if found[1] in names else found[0]

    return _REFERENCE.sub(other, cell) if "${" in cell else cell


def rename(workbook: Workbook, old: str, new: str) -> None:
    """Have all that speaks of a question speak of it by its new name, in place."""
    for sheet in workbook.sheets:
        sheet.rows = [[_renamed(cell, {old: new}) for cell in cells] for cells in sheet.rows]


def names_in(workbook: Workbook) -> set[str]:
    """Give the names that questions and groups have, in lower case."""
    sheet = workbook.sheet(SURVEY)
    if sheet is None:
        return set()
    return {cells_of(sheet, row).get(("name", ""), "").lower() for row, _filled in sheet.records()}


def free_name(base: str, taken: set[str]) -> str:
    """Give a name that none has, and take it."""
    stem = re.sub(r"_\d+$", "", base)[:_NAMED] or "question"
    free, count = base if base.lower() not in taken else f"{stem}_2", 2
    while free.lower() in taken:
        count += 1
        free = f"{stem}_{count}"
    taken.add(free.lower())
    return free


def name_from(text: str, usual: str = "question") -> str:
    """Make a name of a text.

    >>> name_from("Où se trouve l'arbre ?"), name_from("3 arbres"), name_from("树")
    ('ou_se_trouve_l_arbre', 'q_3_arbres', 'question')
    """
    plain = unicodedata.normalize("NFD", text.replace("œ", "oe").replace("æ", "ae")).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")[:_NAMED].strip("_")
    return f"q_{name}" if name[:1].isdigit() else name or usual


def users_of(items: Iterable[Item], names: set[str]) -> list[Item]:
    """Give the items whose expressions or texts speak of questions of these names, those themselves aside."""
    found: list[Item] = []
    for item in items:
        spoken = {match for cell in item.cells.values() for match in _REFERENCE.findall(cell)}
        if spoken & names and item.name not in names:
            found.append(item)
    return found


def within(items: Iterable[Item], outer: Item) -> list[Item]:
    """Give an item and those that stand in it."""
    return [item for item in items if outer.row <= item.row <= outer.last]


Edit = Callable[[Workbook, Definition], tuple[Workbook, int]]
"""A change: from a workbook and what it means to another, and the row that it concerned."""
