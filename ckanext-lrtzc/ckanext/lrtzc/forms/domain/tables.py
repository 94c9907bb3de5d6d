"""Files that a form is asked with: how its sheets name them, and what the rows of those that hold choices say.

Sources: XLSForm reference, “Multiple choice from file”, “How to pull data from CSV”, “Including media”; ODK
documentation, “Selects from CSV, XML, GeoJSON”; RFC 7946 (GeoJSON).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ckanext.lrtzc.safexml import local
from ckanext.lrtzc.safexml import parse as parse_xml

from .workbook import clean

ROWS = 20_000
COLUMNS = 100
CELL = 10_000
"""Characters of a cell; the rest is left out."""
OFFERED = 1_000
"""Choices that a page offers at once."""
NAME = 100
"""Characters of the name of a file."""
ENDS = (".csv", ".geojson", ".xml")
ITEMSETS = "itemsets.csv"
"""The file that the converter makes of the sheet “external_choices”."""


class Use(StrEnum):
    """What a file is for."""

    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    DATA = "data"


@dataclass(frozen=True)
class Named:
    """A file that the sheets name, and where they do first; `row` as a spreadsheet numbers it."""

    name: str
    use: Use
    sheet: str
    row: int


class TableError(ValueError):
    """A file can't be read as rows; `code` says why (see `faults.SENTENCES`)."""

    def __init__(self, code: str, **params: Any):
        self.code, self.params = code, params
        super().__init__(code)


@dataclass(frozen=True)
class Table:
    """What a file says: its columns in order, and its rows by column. `value` and `label` are the usual ones."""

    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]
    value: str = "name"
    label: str = "label"
    _indexes: dict[tuple[str, str], dict[str, str]] = field(
        default_factory=dict[tuple[str, str], dict[str, str]], compare=False, repr=False
    )

    def pulled(self, wanted: str, column: str, key: str) -> str:
        """Give the cell of a column in the first row whose other column holds a key; an empty text where none does."""
        index = self._indexes.get((wanted, column))
        if index is None:
            index = {}
            for row in self.rows:
                index.setdefault(row.get(column, ""), row.get(wanted, ""))
            self._indexes[wanted, column] = index
        return index.get(key, "") if key else ""


def usable(name: str) -> bool:
    """Say whether a file may be called so: one name, without a folder, that telephones can keep."""
    plain = bool(name) and len(name) <= NAME and name.isprintable() and not name.startswith(".")
    return plain and not any(sign in name for sign in '/\\:*?"<>|{}')


def data_name(told: str) -> str:
    """Give the name of the file that `pulldata` means by a text: its end may be left out."""
    return told if told.lower().endswith(ENDS) else f"{told}.csv"


def read_table(name: str, content: bytes) -> Table:
    """Read a file whose size was bounded before: CSV (UTF-8; comma, semicolon or tab), GeoJSON or XML, by its end.

    :raises TableError: `not_utf8`, `not_table`, `no_rows`, `too_many_rows`
    """
    lower = name.lower()
    try:
        if lower.endswith(".xml"):
            return _bounded(_xml(content))
        text = content.decode("utf-8-sig")
        if lower.endswith(".geojson"):
            return _bounded(_geojson(text), value="id", label="title")
        return _bounded(_csv(text))
    except UnicodeDecodeError as error:
        raise TableError("not_utf8", found=name) from error
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError, csv.Error) as error:
        if isinstance(error, TableError):
            raise TableError(error.code, **{"found": name, **error.params}) from error
        raise TableError("not_table", found=name) from error


def _bounded(rows: Iterable[Mapping[str, str]], value: str = "name", label: str = "label") -> Table:
    columns: dict[str, None] = {}
    found: list[dict[str, str]] = []
    for row in rows:
        kept = {clean(name)[:NAME]: clean(cell)[:CELL] for name, cell in row.items() if name and name.strip()}
        if not any(kept.values()):
            continue
        columns.update(dict.fromkeys(kept))
        found.append(kept)
        if len(found) > ROWS or len(columns) > COLUMNS:
            raise TableError("too_many_rows", most=ROWS, columns=COLUMNS)
    if not found:
        raise TableError("no_rows")
    return Table(tuple(columns), tuple(found), value, label)


def _csv(text: str) -> Iterable[Mapping[str, str]]:
    head = text.partition("\n")[0]
    sign = max(",;\t", key=head.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True)
    header = [name.strip() for name in next(lines, [])]
    for cells in lines:
        if len(cells) > COLUMNS:
            raise TableError("too_many_rows", most=ROWS, columns=COLUMNS)
        yield dict(zip(header, cells, strict=False))


def _xml(content: bytes) -> Iterable[Mapping[str, str]]:
    for item in parse_xml(content):
        if isinstance(item.tag, str):
            yield {local(one.tag): "".join(one.itertext()) for one in item if isinstance(one.tag, str)}


def _geojson(text: str) -> Iterable[Mapping[str, str]]:
    told: Any = json.loads(text)
    for feature in told["features"]:
        said: dict[str, Any] = dict(feature.get("properties") or {})
        if feature.get("id") is not None:
            said["id"] = feature["id"]
        row = {str(name): _told(value) for name, value in said.items()}
        if feature.get("geometry"):
            row["geometry"] = _geometry(feature["geometry"])
        yield row


def _told(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _geometry(geometry: Mapping[str, Any]) -> str:
    """Write a place as telephones do: latitude, longitude, height, accuracy; the points of a line by semicolons."""
    held: Any = geometry["coordinates"]
    match geometry["type"]:
        case "Point":
            points = [held]
        case "LineString":
            points = held
        case "Polygon":
            points = held[0]
        case _:
            return ""
    return "; ".join(f"{float(point[1])!r} {float(point[0])!r} 0 0" for point in points)
