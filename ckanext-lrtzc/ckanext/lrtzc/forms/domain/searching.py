"""Lists that `search()` makes of a CSV file while somebody answers: how they are written, and what they offer.

The choices sheet holds, for such a list, names of columns in place of a value, a text and a picture; choices whose
name is a whole number are offered as they stand.

Sources: XLSForm reference, “External selects”; the appearance `search()` as ODK Collect computes it (texts compared
whatever their case, the first row of each value, rows in the order of a column `sortby`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from .definition import Choice, Search, Texts
from .expressions import Call, Expression, ExpressionError, Literal, parse
from .functions import bounds
from .tables import Table
from .values import number_of

_WRITTEN = re.compile(r"(?:^|\s)(search\s*\(.*\))", re.IGNORECASE | re.DOTALL)
_BEGUN = re.compile(r"(?:^|\s)search\s*\(", re.IGNORECASE)
_WAYS = ("contains", "startswith", "endswith", "matches")
_GIVEN = (1, 4, 6)
_FIXED = re.compile(r"[-+]?\d{1,9}")
_SORT = "sortby"


@dataclass(frozen=True)
class Columns:
    """Where a list finds its choices in a file: the columns of values, texts and pictures, by language."""

    value: str
    labels: Mapping[str, tuple[str, ...]]
    images: Texts


def searches(appearance: str) -> bool:
    """Say whether an appearance asks for a list that is searched."""
    return _BEGUN.search(appearance) is not None


def read_search(appearance: str) -> Search:
    """Read `search('file')`, with a way, columns and a text, then a column and its value, if it says these.

    :raises ExpressionError: `bad_search`, or what is wrong with one of its expressions
    """
    found = _WRITTEN.search(appearance)
    if found is None:
        raise ExpressionError("bad_search", appearance)
    asked = parse(found[1], lambda name: (1, 6) if name.lower() == "search" else bounds(name))
    if not isinstance(asked, Call) or asked.name.lower() != "search" or len(asked.arguments) not in _GIVEN:
        raise ExpressionError("bad_search", found[1])
    told = asked.arguments
    file = _word(told[0])
    way, columns = (_word(told[1]).lower(), parted(_word(told[2]))) if len(told) > 1 else ("", ())
    if not file or (len(told) > 1 and way not in _WAYS):
        raise ExpressionError("bad_search", found[1])
    search = Search(file, way, columns, told[3] if columns and len(told) > 3 else None)
    return replace(search, column=_word(told[4]), value=told[5]) if len(told) == 6 else search


def _word(expression: Expression) -> str:
    if not isinstance(expression, Literal) or not isinstance(expression.value, str):
        raise ExpressionError("bad_search", "")
    return expression.value.strip()


def parted(told: str) -> tuple[str, ...]:
    """Give names of columns from a text that parts them by commas; by spaces where it has no comma.

    >>> parted("name, town"), parted("name town")
    (('name', 'town'), ('name', 'town'))
    """
    return tuple(filter(None, (one.strip() for one in (told.split(",") if "," in told else told.split()))))


def column_of(table: Table, told: str) -> str:
    """Give the column of a file that a name means; an empty text where none does.

    Telephones compare names without their case, other signs than letters and digits as low lines.
    """
    if told in table.columns:
        return told
    return next((column for column in table.columns if _plain(column) == _plain(told)), "")


def _plain(name: str) -> str:
    return re.sub("[^a-z0-9_]", "_", name.strip().lower())


def fixed(choice: Choice) -> bool:
    """Say whether a choice of such a list is offered as it stands, rather than naming columns."""
    return _FIXED.fullmatch(choice.name) is not None


def columns_of(choice: Choice) -> Columns:
    """Give the columns that a row of the choices sheet names."""
    labels = {language: parted(text) for language, text in choice.label.items()}
    images = {language: text.rpartition("/")[2] for language, text in choice.media.get("image", {}).items()}
    return Columns(choice.name, labels, images)


def ordered(table: Table) -> list[Mapping[str, str]]:
    """Give the rows of a file in the order in which they are offered."""
    column = column_of(table, _SORT)
    rows = list(table.rows)
    if column:
        places = {id(row): number_of(row.get(column, "")) for row in rows}
        # what is no number isn't ordered by it: it comes last
        rows.sort(key=lambda row: (places[id(row)] != places[id(row)], places[id(row)]))
    return rows


def made(row: Mapping[str, str], columns: Columns) -> Choice:
    """Make the choice that a row stands for: its first column as text, the others behind it in brackets."""
    code = row.get(columns.value, "")
    label: dict[str, str] = {}
    for language, names in columns.labels.items():
        first, *others = names or (columns.value,)
        said = " ".join([row.get(first, ""), *(f"({name}: {row.get(name, '')})" for name in others)])
        label[language] = said.strip() or code
    images = {language: name for language, column in columns.images.items() if (name := row.get(column, "").strip())}
    return Choice(code, label or {"": code}, row, {"image": images} if images else {}, searched=True)


def offered(search: Search, choices: Sequence[Choice], text: str, value: str) -> list[Choice]:
    """Give what a list offers: what stands as it is, and the first row of each value that the search finds.

    :param text: what is looked for in the columns of the search
    :param value: what its other column must hold
    """
    wanted, kept = text.casefold(), value.casefold()
    seen: set[str] = set()
    found: list[Choice] = []
    for one in choices:
        if one.searched:
            if search.value is not None and one.more.get(search.column, "").casefold() != kept:
                continue
            cells = (one.more.get(column, "").casefold() for column in search.columns)
            if search.text is not None and not any(_holds(search.way, cell, wanted) for cell in cells):
                continue
        if one.name not in seen:
            seen.add(one.name)
            found.append(one)
    return found


def _holds(way: str, cell: str, wanted: str) -> bool:
    match way:
        case "startswith":
            return cell.startswith(wanted)
        case "endswith":
            return cell.endswith(wanted)
        case "matches":
            return cell == wanted
        case _:
            return wanted in cell
