"""Shapefiles, GeoPackages and SIARD archives become rows by the same way as all files."""

import datetime as dt
import io
import re

import numpy as np
import pyproj
import pytest
import shapely
import sqlalchemy as sa
from ckan.tests.helpers import call_action
from ckanext.datastore.backend.postgres import get_read_engine

from ckanext.lrtzc.batches import jobs

from .made import blob, geopackage, point, shapes, siard, zipped

pytestmark = pytest.mark.filterwarnings("default::DeprecationWarning")

X, Y = pyproj.Transformer.from_crs(4326, 2154, always_xy=True).transform(-1.151, 46.16)
SQUARE = [(X, Y), (X, Y + 100), (X + 100, Y + 100), (X + 100, Y), (X, Y)]
FIELDS = [("code", "C", 5), ("libellé", "C", 40), ("n", "N", 9, 0), ("prix", "N", 12, 2), ("ok", "L"), ("jour", "D")]
QUARTERS = [
    ["01004", "Été à Aytré", 5, 12.5, True, dt.date(2024, 2, 29), {"type": "Polygon", "coordinates": [SQUARE]}],
    ["2A004", "", None, None, None, None, None],
]


@pytest.fixture
def table():
    """Give all that a table holds, `_full_text` left out, its geometry as WKT rounded to a tenth of a metre."""

    def table(resource_id):
        with get_read_engine().connect() as connection:
            asked = sa.text(
                "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(quote_ident(:name)) AND attnum > 0 "
                "AND NOT attisdropped ORDER BY attnum"
            )
            known = connection.scalars(asked, {"name": resource_id}).all()
            columns = [sa.column(name) for name in known if name not in ("_id", "_full_text", "_geometry")]
            if "_geometry" in known:
                places = sa.func.ST_AsText(sa.func.ST_ReducePrecision(sa.column("_geometry"), 1e-6))
                columns.append(places.label("_geometry"))
            query = sa.select(*columns).select_from(sa.table(resource_id)).order_by(sa.column("_id"))
            return [tuple(row) for row in connection.execute(query)]

    return table


def test_a_shapefile_is_loaded_value_by_value(send, rows, table):
    files = shapes(FIELDS, QUARTERS, 5, encoding="cp1252", cpg="1252", prj=2154, stem="quartiers")
    batch = send(zipped(files), "quartiers.zip")
    assert batch["state"] == "integrated", batch
    change = pyproj.Transformer.from_crs(2154, 4326, always_xy=True).transform
    expected = shapely.transform(shapely.Polygon(SQUARE), lambda p: np.column_stack(change(p[:, 0], p[:, 1])))
    first, second = table(batch["resource_id"])
    # Decimal compares equal to the number it is
    assert first[:6] == ("01004", "Été à Aytré", 5, 12.5, True, dt.date(2024, 2, 29))
    assert shapely.from_wkt(first[6]).symmetric_difference(expected).area < expected.area / 1000
    assert second == ("2A004", None, None, None, None, None, None)
    assert [r["code"] for r in rows(batch["resource_id"], q="aytre")["records"]] == ["01004"]
    resource = call_action("resource_show", id=batch["resource_id"])
    assert (resource["format"], resource["mimetype"]) == ("SHP", "application/zip")
    assert resource["url"].endswith("/quartiers.zip")


def test_a_geopackage_is_loaded_value_by_value(send, table, tmp_path):
    columns = "fid INTEGER PRIMARY KEY, geom POINT, nom TEXT, n INTEGER, x DOUBLE, ok BOOLEAN, jour DATE, le DATETIME"
    rows = [
        (3, blob(shapely.Point(X, Y), 2154), "Été", 2**62, 0.1, 1, "2024-02-29", "2024-02-29T12:00:00.500Z"),
        (8, None, None, None, None, None, None, None),
        (9, b"GP broken", "x", 1, 1.0, 0, "2024-01-01", "2024-01-01T00:00:00Z"),
        (10, blob(shapely.Point(X, Y), 2154), "x", "douze", 1.0, 0, "2024-01-01", "2024-01-01T00:00:00Z"),
    ]
    layers = {"notes": ("fid INTEGER PRIMARY KEY, t TEXT", None, [(1, "x")]), "arrêts": (columns, 2154, rows)}
    batch = send(geopackage(tmp_path / "x.gpkg", layers).read_bytes(), "arrêts.gpkg", columns={"n": {"type": "int8"}})
    assert batch["state"] == "integrated", batch
    assert table(batch["resource_id"]) == [
        (3, "Été", 2**62, 0.1, True, dt.date(2024, 2, 29), dt.datetime(2024, 2, 29, 12, 0, 0, 500_000),
         "POINT(-1.151 46.16)"),
        (8, None, None, None, None, None, None, None),
    ]  # fmt: skip
    assert {(r["code"], r["examples"][0]["line"]) for r in batch["report"]["reasons"]} == {
        ("geometry_unreadable", 3), ("bad_value", 4)}  # fmt: skip
    assert call_action("resource_show", id=batch["resource_id"])["format"] == "GPKG"


def test_a_siard_archive_is_loaded_value_by_value(send, table):
    columns = [("N° d'acte", "INTEGER"), ("prix", "DECIMAL(10,2)"), ("jour", "DATE"), ("note", "VARCHAR(99)")]
    rows = [(1, "12.50", "1789-07-14", r"a\u005cb é & <c>"), (2, None, None, None)]
    batch = send(siard({"actes": (columns, rows), "autres": (columns, [])}), "état civil.siard")
    assert batch["state"] == "integrated", batch
    assert table(batch["resource_id"]) == [
        (1, 12.5, dt.date(1789, 7, 14), "a\\b é & <c>"), (2, None, None, None)]  # fmt: skip
    assert call_action("resource_show", id=batch["resource_id"])["format"] == "SIARD"


def test_another_layer_and_other_coordinates_are_chosen_by_page(app, package, table, monkeypatch):
    import ckan.plugins.toolkit as tk

    monkeypatch.setattr(tk, "enqueue_job", lambda *_arguments, **_options: None)
    app.set_session_user(package["editor"])
    name = [("nom", "C", 20)]
    files = shapes(name, [["rue", point(0, 0)]], stem="rues", prj=None)
    files |= shapes(name, [["arrêt", point(1_400_000, 5_223_000)]], stem="arrêts", prj=None)
    form = {"upload": (io.BytesIO(zipped(files)), "plan.zip"), "resource_id": ""}
    address = f"/dataset/{package['name']}/upload"
    assert ".gpkg,.siard,.zip" in app.get(address).body
    answer = app.post(address, data=form, content_type="multipart/form-data", follow_redirects=False)
    address = answer.headers["Location"]
    page = app.get(address).body
    assert re.search(r"<option selected>rues</option>\s*<option>arrêts</option>", page)
    assert "EPSG:4326" in page
    other = {"sheet": "arrêts", "crs": "", "encoding": ""}
    page = app.post(f"{address}/reread", data=other).body
    assert "<td>arrêt</td>" in page
    assert "use_geometry" not in page
    assert 'name="crs"' in page
    assert app.post(f"{address}/reread", data=other | {"crs": "999999"}, expect_errors=True).status_code == 400
    page = app.post(f"{address}/reread", data=other | {"crs": "3946"}).body
    assert "use_geometry" in page
    (batch,) = call_action("batch_list", package_id=package["id"])
    app.post(f"{address}/confirm", data={"keep-0": "1", "type-0": "text", "use_geometry": "1"})
    jobs.advance(batch["id"])
    x, y = pyproj.Transformer.from_crs(3946, 4326, always_xy=True).transform(1_400_000, 5_223_000)
    ((text, place),) = table(batch["resource_id"])
    assert text == "arrêt"
    assert shapely.from_wkt(place).equals_exact(shapely.Point(x, y), 1e-5)
