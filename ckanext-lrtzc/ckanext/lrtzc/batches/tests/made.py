"""Files of geographers and archivists, made for tests: Shapefiles by pyshp, GeoPackages by SQLite, SIARD by hand."""

import io
import sqlite3
import struct
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import pyproj
import shapefile
import shapely


def zipped(files: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def shapes(fields, rows, kind=shapefile.POINT, encoding="utf-8", prj=4326, cpg="UTF-8", stem="couche"):
    """Give the files of a Shapefile by name; of each row the last is its GeoJSON geometry, or None."""
    parts = {ending: io.BytesIO() for ending in ("shp", "shx", "dbf")}
    with shapefile.Writer(**parts, shapeType=kind, encoding=encoding) as writer:
        for field in fields:
            writer.field(*field)
        for *values, geometry in rows:
            writer.record(*values)
            _draw(writer, geometry)
    files = {f"{stem}.{ending}": part.getvalue() for ending, part in parts.items()}
    if prj:
        files[f"{stem}.prj"] = pyproj.CRS.from_epsg(prj).to_wkt("WKT1_ESRI").encode()
    if cpg:
        files[f"{stem}.cpg"] = cpg.encode()
    return files


def _draw(writer, geometry):
    match geometry:
        case None:
            writer.null()
        case {"type": "Point", "coordinates": place}:
            draw = writer.pointz if writer.shapeType == shapefile.POINTZ else writer.pointm
            (writer.point if len(place) == 2 else draw)(*place)
        case {"type": "LineString", "coordinates": line} if writer.shapeType == shapefile.POLYLINEZ:
            writer.linez([line])
        case _:
            writer.shape(geometry)


def point(x, y):
    return {"type": "Point", "coordinates": (x, y)}


def blob(geometry, srs=4326, flags=1, envelope=b""):
    """Give a geometry of shapely's, or WKB, as a GeoPackageBinary."""
    data = geometry if isinstance(geometry, bytes) else shapely.to_wkb(geometry)
    return b"GP" + struct.pack("<BBi", 0, flags, srs) + envelope + data


def geopackage(path: Path, tables, systems=(), more=(), magic=b"GPKG") -> Path:
    """Write a GeoPackage. `tables`: name → (columns as SQL, system or None, rows); the geometry is called `geom`."""
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT, identifier TEXT, srs_id INTEGER)")
        db.execute("CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, srs_id INTEGER)")
        db.execute(
            "CREATE TABLE gpkg_spatial_ref_sys (srs_id INTEGER, organization TEXT, organization_coordsys_id INTEGER, "
            "definition TEXT)"
        )
        known = ((4326, "EPSG", 4326, "GEOGCS"), (2154, "EPSG", 2154, "PROJCS"), (-1, "NONE", -1, "undefined"))
        db.executemany("INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?)", [*known, *systems])
        for name, (columns, srs, rows) in tables.items():
            db.execute(f'CREATE TABLE "{name}" ({columns})')
            db.execute("INSERT INTO gpkg_contents VALUES (?, ?, ?, ?)",
                       (name, "attributes" if srs is None else "features", name, srs))  # fmt: skip
            if srs is not None:
                db.execute("INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?)", (name, srs))
            for row in rows:
                db.execute(f'INSERT INTO "{name}" VALUES ({",".join("?" * len(row))})', row)
        for statement in more:
            db.execute(statement)
        db.execute(f"PRAGMA application_id = {struct.unpack('>i', magic)[0]}")
    db.close()
    return path


def siard(tables, schema="mairie", head="", more=None, **options) -> bytes:
    """Give a SIARD archive. `tables`: name → (columns as (name, type), rows of XML, or of values, None where NULL)."""
    described, files = [], dict(more or {})
    for number, (name, (columns, rows)) in enumerate(tables.items()):
        listed = "".join(
            f"<column><name>{escape(label)}</name><type>{kind}</type><nullable>true</nullable></column>"
            for label, kind in columns
        )
        described.append(
            f"<table><name>{escape(name)}</name><folder>table{number}</folder><columns>{listed}</columns>"
            f"<rows>{len(rows)}</rows></table>"
        )
        written = "".join(row if isinstance(row, str) else _row(row) for row in rows)
        files[f"content/schema0/table{number}/table{number}.xml"] = (
            f'<?xml version="1.0" encoding="utf-8"?>{head}'
            f'<table xmlns="http://www.bar.admin.ch/xmlns/siard/2/table.xsd">{written}</table>'
        )
        files[f"content/schema0/table{number}/table{number}.xsd"] = "<schema/>"
    files["header/metadata.xml"] = (
        f'<?xml version="1.0" encoding="utf-8"?>{options.get("metadata_head", "")}'
        '<siardArchive version="2.1" xmlns="http://www.bar.admin.ch/xmlns/siard/2/metadata.xsd"><dbname>x</dbname>'
        f"<schemas><schema><name>{schema}</name><folder>schema0</folder><tables>{''.join(described)}</tables></schema>"
        "</schemas></siardArchive>"
    )
    return zipped(files)


def _row(values) -> str:
    cells = (
        f"<c{place}>{escape(str(value))}</c{place}>" for place, value in enumerate(values, start=1) if value is not None
    )
    return f"<row>{''.join(cells)}</row>"
