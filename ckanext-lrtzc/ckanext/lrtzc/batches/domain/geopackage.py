"""Tables and layers of a GeoPackage (OGC 12-128r19): an SQLite database that a stranger made.

It is opened so that nothing in it can act: read only, as a file that nobody changes, its schema not trusted, no view
and no virtual table, no function but those asked for here, and as much work for a row as a row may ask for.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import curves
from .coltypes import ColumnType
from .headers import clean_headers
from .limits import MAX_COLUMNS, Limits
from .problems import BatchError, Problem
from .projections import WGS84, system_of, unsaid, usable
from .rows import as_moment, as_text, chunked
from .tables import LAYERS, LONGEST_NAME, Frame, Source, chosen_of

# steps of SQLite's machine at which it is asked whether to go on, and how often for one row
_STEPS = 100_000
_PATIENCE = 2_000
# a row takes two bytes at least, and a byte becomes 24 characters at most (a small number, a NULL): what gives more
# than that is read again and again from pages that refer to each other in circles
_SHORTEST = 2
_LONGEST = 24
_FUNCTIONS = frozenset({"max"})
# columns are those of a table by their full name: SQLite would take the quoted name of one that isn't there for a text
_ALL = """
    SELECT printf('SELECT %s FROM "%w" AS t', group_concat(printf('t."%w"', value), ', '), ?2) FROM json_each(?1)
"""
_HIGHEST = "SELECT printf('SELECT max(rowid) FROM \"%w\"', ?)"
# tables that all have (12-128r19, clauses 1.1.2, 1.1.3 and 2.1.5); without layers the last may be missing
_CATALOGUE = ("gpkg_contents", "gpkg_spatial_ref_sys")
_ENVELOPES = (0, 32, 48, 48, 64)
_TYPES: dict[str, ColumnType] = {
    "BOOLEAN": ColumnType.BOOLEAN,
    **dict.fromkeys(("TINYINT", "SMALLINT", "MEDIUMINT", "INT", "INTEGER"), ColumnType.INTEGER),
    **dict.fromkeys(("FLOAT", "DOUBLE", "REAL"), ColumnType.FLOAT),
    "DATE": ColumnType.DATE,
    "DATETIME": ColumnType.TIMESTAMP,
}


@dataclass(frozen=True)
class _Column:
    name: str
    declared: str

    @property
    def type(self) -> ColumnType:
        return _TYPES.get(self.declared, ColumnType.TEXT)

    @property
    def binary(self) -> bool:
        return self.declared.startswith("BLOB")


def _allowed(action: int, first: str | None, second: str | None, _base: str | None, _by: str | None) -> int:
    reads = action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ)
    computes = action == sqlite3.SQLITE_FUNCTION and second in _FUNCTIONS
    describes = action == sqlite3.SQLITE_PRAGMA and first == "table_xinfo"
    return sqlite3.SQLITE_OK if reads or computes or describes else sqlite3.SQLITE_DENY


class _Database:
    """A database of a stranger's, open for reading."""

    def __init__(self, path: Path, limits: Limits):
        self._limits = limits
        self._asked = 0
        address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        # workers may read in one thread what they opened in another, never in both at once
        self._db = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
        for rule in ("trusted_schema=OFF", "query_only=ON", "cell_size_check=ON", "mmap_size=0", "temp_store=FILE"):
            self._db.execute(f"PRAGMA {rule}")
        for category, bound in (
            (sqlite3.SQLITE_LIMIT_LENGTH, limits.row_bytes),
            (sqlite3.SQLITE_LIMIT_SQL_LENGTH, 1 << 20),
            (sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 100),
            (sqlite3.SQLITE_LIMIT_ATTACHED, 0),
            (sqlite3.SQLITE_LIMIT_WORKER_THREADS, 0),
        ):
            self._db.setlimit(category, bound)
        self._db.text_factory = _text
        self._db.set_progress_handler(self._too_long, _STEPS)
        # SQLite makes what lists columns the first time it is asked, and that is no mere reading
        self._db.execute("SELECT name FROM pragma_table_xinfo('')").fetchall()
        self._db.set_authorizer(_allowed)

    def _too_long(self) -> bool:
        self._asked += 1
        return self._asked > _PATIENCE

    def rows(self, query: str, *given: Any) -> Iterator[tuple[Any, ...]]:
        """Give the rows of a query one after the other."""
        self._asked = 0
        for row in self._db.execute(query, given):
            self._asked = 0
            yield row

    def has(self, name: str) -> bool:
        """Say whether there is an ordinary table of a name; views and virtual ones do what they say."""
        query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND rootpage > 0 AND name = ?"
        return next(self.rows(query, name), None) is not None

    def close(self) -> None:
        """Close it."""
        self._db.close()


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


@contextmanager
def _opened(path: Path, limits: Limits) -> Generator[_Database]:
    try:
        with closing(_Database(path, limits)) as database:
            yield database
    except sqlite3.DataError as error:
        raise BatchError("row_too_large", limit=f"{limits.row_bytes >> 20} Mo") from error
    except sqlite3.Error as error:
        raise BatchError("bad_geopackage", reason=str(error)[:160]) from error


def _shape(blob: Any) -> str | None:
    """Give the geometry of a GeoPackageBinary (12-128r19, clause 2.1.3) as hexadecimal WKB; None where it is empty.

    What is none gives text that no geometry is read from, so that its row is refused and listed.
    """
    if blob is None:
        return None
    if not isinstance(blob, bytes) or len(blob) < 8 or blob[:2] != b"GP":
        return f"? {blob[:20].hex() if isinstance(blob, bytes) else str(blob)[:40]}"
    flags = blob[3]
    envelope = (flags >> 1) & 7
    if flags & 0x10:
        return None
    if flags & 0x20 or envelope >= len(_ENVELOPES):
        return "? GeoPackageBinary"
    shape = blob[8 + _ENVELOPES[envelope] :]
    if curves.may_curve(shape):
        try:
            shape = curves.straight(shape)
        except ValueError as error:
            return f"? curve: {error}"
    return shape.hex() or "? GeoPackageBinary"


def _cell(value: Any, kind: ColumnType) -> str | None:
    if isinstance(value, bytes):
        return value.hex() or None
    if kind is ColumnType.BOOLEAN and value in (0, 1):
        return "true" if value else "false"
    text = as_text(value)
    return as_moment(text) if text and kind is ColumnType.TIMESTAMP else text


class GeoPackageTable:
    """One table or layer of a GeoPackage. Settings: `sheet` (its name), `sheets` (the names there are), `crs`.

    `crs` is None where the file doesn't say what the coordinates are: the rows then have no place.
    """

    def __init__(self, source: Source, settings: dict[str, Any], limits: Limits):
        self.source, self.limits = source, limits
        with _opened(source.path, limits) as database:
            layers = self._layers(database)
            if not layers:
                raise BatchError("no_records")
            usual = next((name for name, kind in layers.items() if kind == "features"), next(iter(layers)))
            sheet, self.problems = chosen_of(list(layers), settings.get("sheet"), usual)
            self.settings: dict[str, Any] = {"sheet": sheet, "sheets": list(layers)}
            self._geometry = self._place(database, sheet, settings.get("crs")) if layers[sheet] == "features" else None
            self._columns = self._described(database, sheet)
            self._total = self._highest(database, sheet)
        self.geographic = self._geometry is not None and self.settings["crs"] is not None
        self.headers = [column.name for column in self._columns]
        self.names, changes = clean_headers(self.headers)
        self.problems += changes
        self.native = {name: column.type for name, column in zip(self.names, self._columns, strict=True)}

    @staticmethod
    def _layers(database: _Database) -> dict[str, str]:
        """Give the tables that hold rows, with their kind, as the contents list them."""
        for name in _CATALOGUE:
            if not database.has(name):
                raise BatchError("bad_geopackage", reason=f"it has no table {name}")
        query = (
            "SELECT c.table_name, c.data_type FROM gpkg_contents c JOIN sqlite_master m ON m.name = c.table_name "
            "WHERE c.data_type IN ('features', 'attributes') AND m.type = 'table' AND m.rootpage > 0 "
            "ORDER BY c.rowid LIMIT ?"
        )
        found = {str(name): str(kind) for name, kind in database.rows(query, LAYERS)}
        return {
            name: kind
            for name, kind in found.items()
            if len(name) <= LONGEST_NAME and not name.lower().startswith(("sqlite_", "gpkg_"))
        }

    def _place(self, database: _Database, sheet: str, asked: int | str | None) -> str | None:
        """Give the column of a layer's geometry, and note the system of its coordinates in the settings."""
        if not database.has("gpkg_geometry_columns"):
            return None
        query = (
            "SELECT g.column_name, g.srs_id, s.organization, s.organization_coordsys_id, s.definition "
            "FROM gpkg_geometry_columns g LEFT JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id "
            "WHERE g.table_name = ? LIMIT 1"
        )
        found = next(database.rows(query, sheet), None)
        if found is None:
            return None
        column, number, organisation, code, definition = found
        said = asked or self._system(number, str(organisation or ""), code, str(definition or ""))
        self.settings["crs"] = said
        if said is None:
            self.problems.append(unsaid(None))
        return str(column)

    @staticmethod
    def _system(number: Any, organisation: str, code: Any, definition: str) -> int | str | None:
        # 0 is for degrees of no known system, -1 for coordinates on no ground (12-128r19, requirement 11)
        if number == 0:
            return WGS84
        if organisation.upper() == "EPSG" and isinstance(code, int) and usable(code):
            return code
        return system_of(definition)

    def _described(self, database: _Database, sheet: str) -> list[_Column]:
        query = "SELECT name, type FROM pragma_table_xinfo(?) WHERE hidden = 0 ORDER BY cid"
        found = [_Column(str(name), _plain_type(kind)) for name, kind in database.rows(query, sheet)]
        names = {column.name.casefold(): column.name for column in found}
        if self._geometry is not None:
            self._geometry = names.get(self._geometry.casefold())
        others = [column for column in found if column.name != self._geometry]
        if out := [column.name for column in others if column.binary]:
            self.problems.append(Problem("columns_left_out", {"names": ", ".join(out[:20])}))
        kept = [column for column in others if not column.binary]
        if not kept:
            raise BatchError("no_records")
        if len(kept) > MAX_COLUMNS:
            raise BatchError("too_many_columns", count=len(kept), limit=MAX_COLUMNS)
        return kept

    @staticmethod
    def _highest(database: _Database, sheet: str) -> int:
        """Give about how many rows there are: the highest number of one."""
        try:
            found = next(database.rows(_written(_HIGHEST, sheet)), (0,))[0]
        except sqlite3.OperationalError:
            # a table without numbers of rows
            return 0
        return found if isinstance(found, int) else 0

    def _read(self, database: _Database) -> Iterator[tuple[int, list[str | None], str | None]]:
        names = [column.name for column in self._columns] + ([self._geometry] if self._geometry else [])
        query = _written(_ALL, json.dumps(names), self.settings["sheet"])
        types = [column.type for column in self._columns]
        size = self.source.path.stat().st_size
        weight = 0
        line = 0
        for line, row in enumerate(database.rows(query), start=1):
            cells = [_cell(value, kind) for value, kind in zip(row, types, strict=False)]
            shape = _shape(row[-1]) if self.geographic else None
            # of curves that are made of lines, what came counts
            weight += sum(map(len, filter(None, cells))) + (2 * len(row[-1]) if isinstance(row[-1], bytes) else 0)
            if line * _SHORTEST > size or weight > size * _LONGEST:
                raise BatchError("bad_geopackage", reason="its pages refer to each other in circles", line=line)
            yield line, cells, shape

    def frames(self) -> Iterator[Frame]:
        """Give the rows in the order of their numbers; positions count them from 1."""
        with _opened(self.source.path, self.limits) as database:
            yield from chunked(
                self.names,
                self._read(database),
                self.limits.chunk_rows,
                geographic=self.geographic,
                total=self._total or None,
            )

    def locate(self, positions: list[int]) -> dict[int, int]:
        """Give back the row numbers."""
        return {position: position for position in positions}


def _plain_type(declared: Any) -> str:
    """Give a declared type without its length: `TEXT(20)` is `TEXT`."""
    return str(declared or "").upper().partition("(")[0].strip()


def _written(how: str, *names: str) -> str:
    """Give a query on tables and columns of any name: SQLite itself writes and quotes them."""
    with closing(sqlite3.connect(":memory:")) as writer:
        return str(writer.execute(how, names).fetchone()[0])
