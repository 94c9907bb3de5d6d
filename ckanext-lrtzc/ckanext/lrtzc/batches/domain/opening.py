"""Open any accepted file as a table."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from .archives import unpack
from .delimited import DelimitedTable
from .detect import Kind, detect
from .geopackage import GeoPackageTable
from .jsonrecords import JsonTable
from .limits import Limits
from .parquet import ParquetTable
from .problems import BatchError, Problem
from .shapefile import ShapefileTable
from .siard import SiardTable
from .spreadsheets import SpreadsheetTable
from .tables import Source, Table
from .xmlrecords import XmlTable


def _table(kind: Kind, source: Source, settings: dict[str, Any], limits: Limits) -> Table:
    match kind:
        case Kind.CSV:
            return DelimitedTable(source, settings, limits)
        case Kind.XLSX | Kind.ODS:
            return SpreadsheetTable(source, settings, limits)
        case Kind.JSON | Kind.GEOJSON:
            return JsonTable(source, settings, limits, kind)
        case Kind.XML:
            return XmlTable(source, settings, limits)
        case Kind.PARQUET:
            return ParquetTable(source, settings, limits)
        case Kind.SHP:
            return ShapefileTable(source, settings, limits)
        case Kind.GPKG:
            return GeoPackageTable(source, settings, limits)
        case Kind.SIARD:
            return SiardTable(source, settings, limits)
        case Kind.ZIP:
            raise AssertionError("an archive is unpacked before")


@contextmanager
def open_table(
    source: Source, settings: dict[str, Any] | None = None, limits: Limits | None = None
) -> Generator[Table]:
    """Open `source` by what its bytes are; `settings` (as a table's own) choose where detection would guess.

    The table's settings gain `kind`, and `entry` when it was in a ZIP. Raises BatchError.
    """
    settings, limits = dict(settings or {}), limits or Limits()
    kind = detect(source.path, source.name)
    with TemporaryDirectory(prefix="lrtzc-batch-") as folder:
        said: list[Problem] = []
        entry: dict[str, Any] = {}
        if kind is Kind.ZIP or (kind is Kind.SHP and settings.get("entry")):
            source, name, said = unpack(source, settings.get("entry"), Path(folder), limits)
            entry = {"entry": name}
            kind = detect(source.path, source.name)
            if kind in (Kind.ZIP, Kind.SHP):
                raise BatchError("zip_nothing")
        table = _table(kind, source, settings, limits)
        table.settings.update(entry, kind=kind.value)
        table.problems[:0] = said
        yield table
