"""What the modules of the axes share: the territory, published figures, places, amounts, files.

Everything is deterministic: random numbers come from `chance(name)`, never from the clock.
"""

import csv
import io
import json
import math
import random
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import polars as pl
import xlsxwriter
import yaml
from shapely.geometry import Point, shape

FOLDER = Path(__file__).parent
TERRITORY = FOLDER.parent / "territory"
FIGURES: dict[str, dict[str, Any]] = yaml.safe_load((FOLDER / "figures.yaml").read_text("utf-8"))
COMMUNES: list[dict[str, Any]] = json.loads((TERRITORY / "communes.json").read_text("utf-8"))
NAMES = {row["code"]: row["name"] for row in COMMUNES}
PEOPLE = {row["code"]: row["population"] for row in COMMUNES}
TOTAL = sum(PEOPLE.values())
CENTRE = max(COMMUNES, key=lambda row: row["population"])["code"]
LAST_DAY = date(2026, 10, 31)
Row = dict[str, Any]


def figure(name: str) -> Any:
    """Give the value of a published figure."""
    return FIGURES[name]["value"]


def chance(name: str) -> random.Random:
    """Give the random numbers of one purpose, the same at each run."""
    return random.Random(f"sample:{name}")  # noqa: S311 (not for secrets)


@cache
def contours() -> dict[str, Any]:
    """Give the contours of the communes by code, as shapely polygons in degrees."""
    features = json.loads((TERRITORY / "communes.geojson").read_text("utf-8"))["features"]
    return {one["properties"]["code"]: shape(one["geometry"]) for one in features}


@cache
def hectares() -> dict[str, float]:
    """Give the area of each commune, in hectares, from its contour."""
    areas = {}
    for code, contour in contours().items():
        latitude = math.radians(contour.centroid.y)
        areas[code] = contour.area * (111.32 * math.cos(latitude)) * 110.57 * 100
    return areas


def shares(total: int, weights: dict[str, float]) -> dict[str, int]:
    """Divide a whole number by weights, so that the parts add up to it (largest remainders)."""
    whole = sum(weights.values())
    exact = {key: total * weight / whole for key, weight in weights.items()}
    parts = {key: math.floor(value) for key, value in exact.items()}
    missing = total - sum(parts.values())
    for key in sorted(exact, key=lambda key: (parts[key] - exact[key], key))[:missing]:
        parts[key] += 1
    return parts


def places(code: str, rng: random.Random, count: int, spread: float = 0.55) -> Iterator[tuple[float, float]]:
    """Draw points inside a commune, denser about its middle: longitude, latitude in degrees."""
    contour = contours()[code]
    middle = contour.representative_point()
    west, south, east, north = contour.bounds
    drawn = 0
    while drawn < count:
        x = rng.gauss(middle.x, (east - west) * spread / 2)
        y = rng.gauss(middle.y, (north - south) * spread / 2)
        if contour.contains(Point(x, y)):
            drawn += 1
            yield round(x, 5), round(y, 5)


STREETS = (
    "des Tamaris",
    "de la Mairie",
    "du Port",
    "des Salines",
    "de l'Océan",
    "des Écoles",
    "du Marais",
    "des Mouettes",
    "de la Gare",
    "du Stade",
    "des Chênes",
    "de la Plage",
    "du Moulin",
    "des Vignes",
    "du Phare",
    "des Pêcheurs",
    "de la République",
    "Marie Curie",
    "Jean Moulin",
    "Simone Veil",
    "du Château",
    "des Lilas",
    "de la Fontaine",
    "du Four",
    "des Goélands",
    "du Canal",
)


def street(rng: random.Random) -> str:
    """Make up the name of a street."""
    kind = rng.choice(["rue", "rue", "rue", "avenue", "place", "allée", "chemin", "quai"])
    name = rng.choice(STREETS)
    return f"{rng.randint(1, 120)} {kind} {name}"


def days(first: date, last: date = LAST_DAY) -> Iterator[date]:
    """List the days from one to another, both included."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def months(first: date, last: date = LAST_DAY) -> Iterator[date]:
    """List the first days of months."""
    current = first
    while current <= last:
        yield current
        current = (current.replace(day=1) + timedelta(days=32)).replace(day=1)


def temperature(moment: datetime, noise: float = 0.0) -> float:
    """Model an air temperature in °C: monthly normals, a warming of 0.03 °C a year, a daily cycle, and a noise."""
    normals = figure("meteo-normales")
    middle = moment.month - 1 + (moment.day - 15) / 30.5
    left = math.floor(middle)
    part = middle - left
    monthly = normals[left % 12] * (1 - part) + normals[(left + 1) % 12] * part
    swing = 2.6 + 1.6 * math.sin(math.pi * (moment.timetuple().tm_yday - 80) / 182.5)
    daily = swing * math.cos(2 * math.pi * (moment.hour + moment.minute / 60 - 15) / 24)
    return monthly + 0.03 * (moment.year - 2005) + daily + noise


# --- files ---------------------------------------------------------------------------------------------------------


def french(value: Any) -> str:
    """Write a value as French spreadsheets do: 12/05/2024, 3,5, oui."""
    match value:
        case None:
            return ""
        case bool():
            return "oui" if value else "non"
        case datetime():
            return f"{value:%d/%m/%Y %H:%M}"
        case date():
            return f"{value:%d/%m/%Y}"
        case float():
            return f"{value:.10g}".replace(".", ",")
        case _:
            return str(value)


def csv_text(rows: list[Row]) -> str:
    """Write rows as French CSV: semicolons, decimal commas, day first, CRLF."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(rows[0])
    writer.writerows([french(value) for value in row.values()] for row in rows)
    return out.getvalue()


def write_csv(path: Path, rows: list[Row], encoding: str = "utf-8") -> None:
    """Write a French CSV in an encoding (`cp1252` as old spreadsheets do)."""
    path.write_bytes(csv_text(rows).encode(encoding))


def write_zip(path: Path, rows: list[Row]) -> None:
    """Write a ZIP that holds one French CSV of the same name."""
    entry = zipfile.ZipInfo(path.with_suffix(".csv").name, (2026, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, csv_text(rows))


def write_xlsx(path: Path, rows: list[Row]) -> None:
    """Write an Excel workbook of one sheet, dates and numbers as such."""
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        book.set_properties({"created": datetime(2026, 1, 1)})
        sheet = book.add_worksheet("Données")
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, list(rows[0]))
        for index, row in enumerate(rows, 1):
            for column, value in enumerate(row.values()):
                if isinstance(value, date):
                    sheet.write_datetime(index, column, datetime(value.year, value.month, value.day), day)
                elif value is not None:
                    sheet.write(index, column, value)


ODS_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.3">'
    '<office:body><office:spreadsheet><table:table table:name="Données">'
)
ODS_TAIL = "</table:table></office:spreadsheet></office:body></office:document-content>"
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
ODS_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODS_TYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)


def ods_cell(value: Any) -> str:
    """Write one cell of an OpenDocument sheet."""
    match value:
        case None:
            return "<table:table-cell/>"
        case bool():
            kind = f'office:value-type="boolean" office:boolean-value="{str(value).lower()}"'
        case int() | float():
            kind = f'office:value-type="float" office:value="{value}"'
        case date():
            kind = f'office:value-type="date" office:date-value="{value:%Y-%m-%d}"'
        case _:
            kind = 'office:value-type="string"'
    return f"<table:table-cell {kind}><text:p>{escape(french(value))}</text:p></table:table-cell>"


def write_ods(path: Path, rows: list[Row]) -> None:
    """Write an OpenDocument spreadsheet of one sheet."""
    lines = [list(rows[0]), *(list(row.values()) for row in rows)]
    body = "".join(f"<table:table-row>{''.join(map(ods_cell, line))}</table:table-row>" for line in lines)
    files = {"mimetype": ODS_TYPE, "content.xml": ODS_HEAD + body + ODS_TAIL, "META-INF/manifest.xml": ODS_MANIFEST}
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(entry, text)


def write_json(path: Path, rows: list[Row]) -> None:
    """Write rows as a JSON array of objects, one a line; dates in ISO 8601."""
    lines = ",\n".join(json.dumps(row, ensure_ascii=False, default=str) for row in rows)
    path.write_text(f"[\n{lines}\n]\n", "utf-8")


def write_geojson(path: Path, rows: list[Row]) -> None:
    """Write rows as features; their key `geometry` holds a GeoJSON geometry in EPSG:4326."""
    features = ",\n".join(
        json.dumps(
            {
                "type": "Feature",
                "properties": {key: value for key, value in row.items() if key != "geometry"},
                "geometry": row["geometry"],
            },
            ensure_ascii=False,
            default=str,
            separators=(",", ":"),
        )
        for row in rows
    )
    path.write_text(f'{{"type":"FeatureCollection","features":[\n{features}\n]}}\n', "utf-8")


def write_parquet(path: Path, rows: list[Row]) -> None:
    """Write rows as Parquet, types as they are."""
    pl.DataFrame(rows, infer_schema_length=None).write_parquet(path, compression="zstd")


def write_xml(path: Path, rows: list[Row]) -> None:
    """Write rows as XML: one element `enregistrement` a row, one child a column."""
    root = ElementTree.Element("enregistrements")
    for row in rows:
        record = ElementTree.SubElement(root, "enregistrement")
        for key, value in row.items():
            ElementTree.SubElement(record, key).text = "" if value is None else str(value)
    ElementTree.indent(root)
    path.write_bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


WRITERS = {
    ".csv": write_csv,
    ".zip": write_zip,
    ".xlsx": write_xlsx,
    ".ods": write_ods,
    ".json": write_json,
    ".geojson": write_geojson,
    ".parquet": write_parquet,
    ".xml": write_xml,
}


def point(longitude: float, latitude: float) -> Row:
    """Make a GeoJSON point."""
    return {"type": "Point", "coordinates": [longitude, latitude]}


def by_commune(codes: Iterable[str] = ()) -> Iterator[tuple[str, str]]:
    """List the communes (all unless told): code, name."""
    for code in codes or NAMES:
        yield code, NAMES[code]
