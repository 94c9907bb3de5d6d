"""Say what a file is from its bytes. Its name is only used to tell apart what bytes can't."""

from __future__ import annotations

import re
import zipfile
from enum import StrEnum
from pathlib import Path

from .archives import shapefiles
from .problems import BatchError

HEAD = 1 << 16


class Kind(StrEnum):
    """What a file is."""

    CSV = "csv"
    XLSX = "xlsx"
    ODS = "ods"
    JSON = "json"
    GEOJSON = "geojson"
    XML = "xml"
    PARQUET = "parquet"
    SHP = "shp"
    GPKG = "gpkg"
    SIARD = "siard"
    ZIP = "zip"


RECORDS = frozenset({Kind.JSON, Kind.GEOJSON, Kind.XML})
"""Kinds whose rows are records, counted from 1, rather than lines."""

MIMETYPES: dict[Kind, str] = {
    Kind.CSV: "text/csv",
    Kind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Kind.ODS: "application/vnd.oasis.opendocument.spreadsheet",
    Kind.JSON: "application/json",
    Kind.GEOJSON: "application/geo+json",
    Kind.XML: "application/xml",
    Kind.PARQUET: "application/vnd.apache.parquet",
    # the files of a Shapefile go together in a ZIP
    Kind.SHP: "application/zip",
    Kind.GPKG: "application/geopackage+sqlite3",
    # PRONOM fmt/1777: the container that the Swiss Federal Archives' format is
    Kind.SIARD: "application/zip",
    Kind.ZIP: "application/zip",
}
FORMATS: dict[Kind, str] = {kind: "GeoJSON" if kind is Kind.GEOJSON else kind.value.upper() for kind in Kind} | {
    Kind.PARQUET: "Parquet"
}

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!", "RAR"),
    (b"\x7fELF", "ELF"),
    (b"MZ", "EXE"),
    (b"{\\rtf", "RTF"),
    (b"SQLite format 3", "SQLite"),
    (b"ustar", "tar"),
)
_SQLITE = b"SQLite format 3\0"
# application_id of GeoPackage (OGC 12-128r19, requirement 2; versions before 1.2 had one each)
_GEOPACKAGE = (b"GPKG", b"GP10", b"GP11")
# code of a .shp (ESRI Shapefile Technical Description, 1998), before five unused words
_SHAPES = b"\x00\x00\x27\x0a" + bytes(20)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_JSON_START = re.compile(rb"(?:\{\s*[\"}]|\[\s*[\[{\]\"0-9tfn-])")
_WIDE = (b"\xff\xfe", b"\xfe\xff")


def _office(path: Path) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
                return Kind.XLSX
            if "mimetype" in names and "content.xml" in names:
                return Kind.ODS
            if "header/metadata.xml" in names:
                return Kind.SIARD
            if shapefiles(names):
                return Kind.SHP
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise BatchError("bad_zip", reason=str(error)) from error
    return Kind.ZIP


def _markup(text: bytes, name: str) -> Kind:
    lower = text[:2000].lower()
    if lower.startswith((b"<!doctype html", b"<html")) or b"<html" in lower[:500]:
        raise BatchError("not_a_table", detected="HTML", name=name)
    return Kind.XML


def _is_geojson(text: bytes) -> bool:
    compact = text[:HEAD].replace(b" ", b"").replace(b"\n", b"").replace(b"\r", b"").replace(b"\t", b"")
    return b'"type":"FeatureCollection"' in compact or (compact.startswith(b'{"type":"Feature"'))


def detect(path: Path, name: str) -> Kind:
    """Give the kind of the file at `path`, sent as `name`; raise BatchError where no reader can take it."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00"):
        raise BatchError("empty_file")
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return _office(path)
    if head.startswith(b"PAR1"):
        return Kind.PARQUET
    if head.startswith(_SQLITE) and (head[68:72] in _GEOPACKAGE or name.lower().endswith(".gpkg")):
        return Kind.GPKG
    if head.startswith(_SHAPES):
        raise BatchError("shapefile_alone")
    if head.startswith(_OLE):
        # both old spreadsheets and encrypted new ones come in this container
        if b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e" in head:
            raise BatchError("spreadsheet_protected")
        raise BatchError("not_a_table", detected="Microsoft Office 97", name=name)
    csv_named = name.lower().endswith((".csv", ".tsv", ".txt", ".tab"))
    for signature, told in _SIGNATURES:
        if head.startswith(signature):
            raise BatchError("not_csv" if csv_named else "not_a_table", detected=told, name=name)
    wide = head.startswith(_WIDE) or head[1:64:2].count(0) > 20 or head[0:64:2].count(0) > 20
    if not wide and len(_CONTROLS.findall(head)) > len(head) // 20:
        raise BatchError("not_csv" if csv_named else "unknown_format", detected="binary", name=name)
    text = head.removeprefix(b"\xef\xbb\xbf")
    if wide:
        text = text.replace(b"\0", b"").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    text = text.lstrip()
    if text.startswith(b"<"):
        return _markup(text, name)
    if _JSON_START.match(text):
        return Kind.GEOJSON if _is_geojson(text) else Kind.JSON
    return Kind.CSV
