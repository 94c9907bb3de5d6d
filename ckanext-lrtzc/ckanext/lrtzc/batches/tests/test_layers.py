"""Shapefiles, GeoPackages and SIARD archives are read, or refused in words that help."""

import contextlib
import datetime as dt
import math
import sqlite3
import struct
import tracemalloc
from pathlib import Path

import polars as pl
import pyproj
import pytest
import shapefile
import shapely
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ckanext.lrtzc.batches.domain.analysis import analyse
from ckanext.lrtzc.batches.domain.coltypes import ColumnType
from ckanext.lrtzc.batches.domain.dbase import named_codec
from ckanext.lrtzc.batches.domain.detect import Kind, detect
from ckanext.lrtzc.batches.domain.geometry import Geometry, locate
from ckanext.lrtzc.batches.domain.geopackage import _opened
from ckanext.lrtzc.batches.domain.limits import Limits
from ckanext.lrtzc.batches.domain.opening import open_table
from ckanext.lrtzc.batches.domain.problems import BatchError
from ckanext.lrtzc.batches.domain.projections import system_of
from ckanext.lrtzc.batches.domain.shapefile import shape_of
from ckanext.lrtzc.batches.domain.tables import GEOMETRY, POSITION, Source

from .made import blob, geopackage, point, shapes, siard, zipped

TEXT, INTEGER, DECIMAL, FLOAT, BOOLEAN, DATE, TIMESTAMP = (
    ColumnType.TEXT, ColumnType.INTEGER, ColumnType.DECIMAL, ColumnType.FLOAT, ColumnType.BOOLEAN, ColumnType.DATE,
    ColumnType.TIMESTAMP,
)  # fmt: skip
NAME = [("nom", "C", 40)]


@pytest.fixture
def source(tmp_path):
    def source(data, name="x.zip"):
        if isinstance(data, Path):
            return Source(data, name)
        path = tmp_path / "sent"
        path.write_bytes(zipped(data) if isinstance(data, dict) else data)
        return Source(path, name)

    return source


def whole(source, **options):
    """Give the rows of a file as loading reads them: (table, frame of text)."""
    with open_table(source, options.pop("settings", None), Limits(**options)) as table:
        return table, pl.concat([frame.data for frame in table.frames()] or [pl.DataFrame()])


def places(frame, crs=4326):
    """Give the places of rows as the map shows them, in WKT; and the problems met."""
    found = locate(frame, Geometry("feature", crs=crs))
    texts = [None if text is None else shapely.from_wkb(text).wkt for text in found.data[GEOMETRY]]
    return texts, [(p.code, p.line) for p in found.refused], [(p.code, p.line) for p in found.corrected]


def refused(source, **options):
    with pytest.raises(BatchError) as refusal:
        whole(source, **options)
    assert "{" not in refusal.value.problem.sentence()
    return refusal.value.problem.code


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20).map(lambda text: text.rstrip(" "))
NUMBERS = st.integers(-(10**16), 10**16) | st.none()
DAYS = st.dates() | st.none()


class TestShapefile:
    def test_values_and_types_are_those_of_the_file(self, source):
        fields = [
            ("Libellé", "C", 30), ("entier", "N", 9, 0), ("grand", "N", 18, 0), ("enorme", "N", 20, 0),
            ("prix", "N", 12, 2), ("mesure", "F", 19, 11), ("actif", "L"), ("jour", "D"),
        ]  # fmt: skip
        rows = [
            ["Allée de l'Œuvre", -5, 10**17, 10**19, 12.5, 1.5e-7, True, dt.date(2024, 2, 29), point(-1.15, 46.16)],
            ["", None, None, None, None, None, None, None, point(-1.2, 46.1)],
            ["é", 0, 1, 2, -0.05, 3.0, False, dt.date(1899, 12, 31), None],
        ]
        sent = source(shapes(fields, rows))
        assert detect(sent.path, sent.name) is Kind.SHP
        found = analyse(sent)
        assert [column.name for column in found.columns] == [
            "Libellé", "entier", "grand", "enorme", "prix", "mesure", "actif", "jour"]  # fmt: skip
        assert [column.type for column in found.columns] == [
            TEXT, INTEGER, INTEGER, DECIMAL, DECIMAL, FLOAT, BOOLEAN, DATE]  # fmt: skip
        assert found.geometry == Geometry("feature", crs=4326)
        table, frame = whole(sent)
        cells = [row[:8] for row in frame.select(table.names).iter_rows()]
        assert cells[0][:5] == ("Allée de l'Œuvre", "-5", str(10**17), str(10**19), "12.50")
        assert float(cells[0][5]) == pytest.approx(1.5e-7)
        assert cells[0][6:] == ("true", "2024-02-29")
        assert cells[1] == (None,) * 8
        assert cells[2][6:] == ("false", "1899-12-31")
        assert places(frame)[0] == ["POINT (-1.15 46.16)", "POINT (-1.2 46.1)", None]

    @pytest.mark.parametrize("crs", [2154, 3946, 3857, 27572, 32630, 4171])
    def test_coordinates_become_degrees_whatever_the_projection(self, source, crs):
        x, y = pyproj.Transformer.from_crs(4326, crs, always_xy=True).transform(-1.151, 46.16)
        found = analyse(source(shapes(NAME, [["a", point(x, y)]], prj=crs)))
        assert found.geometry.crs == crs
        assert not found.problems
        _table, frame = whole(source(shapes(NAME, [["a", point(x, y)]], prj=crs)))
        (text,), *_ = places(frame, crs)
        assert shapely.from_wkt(text).equals_exact(shapely.Point(-1.151, 46.16), 1e-7)

    def test_a_projection_without_a_number_is_used_as_it_is_described(self, source):
        described = pyproj.CRS.from_epsg(2154).to_wkt("WKT1_ESRI").replace('"Longitude_Of_Origin",3.0', "x")
        described = described.replace("3.0]", "3.25]").replace("RGF93", "Inconnu").replace("700000.0", "700001.0")
        assert isinstance(system_of(described), str)
        files = shapes(NAME, [["a", point(700001, 6600000)]], prj=None) | {"couche.prj": described.encode()}
        found = analyse(source(files))
        assert found.geometry.crs == described
        _table, frame = whole(source(files))
        (text,), *_ = places(frame, found.geometry.crs)
        assert shapely.from_wkt(text).equals_exact(shapely.Point(3.25, 46.5), 1e-6)

    @pytest.mark.parametrize(
        ("place", "crs", "code"),
        [
            (point(-1.15, 46.16), 4326, "projection_guessed"),
            (point(380_000, 6_570_000), 2154, "projection_guessed"),
            (point(1_400_000, 5_200_000), None, "projection_unknown"),
        ],
    )
    @pytest.mark.parametrize("prj", [None, b"", b"GEOGCS[", b'LOCAL_CS["plan"]', b"+proj=utm +zone=30", b"\xff" * 99])
    def test_without_projection_it_is_guessed_or_asked(self, source, place, crs, code, prj):
        files = shapes(NAME, [["a", place]], prj=None) | ({} if prj is None else {"couche.prj": prj})
        found = analyse(source(files))
        assert [problem.code for problem in found.problems] == [code]
        assert (found.geometry.crs if found.geometry else None) == crs
        told = analyse(source(files), {"crs": 3946})
        assert (told.geometry.crs, told.problems) == (3946, [])

    @pytest.mark.parametrize(
        ("encoding", "cpg", "driver"),
        [
            ("utf-8", "UTF-8", 0), ("utf-8", "65001", 0), ("cp1252", "1252", 0), ("cp1252", "ANSI 1252\n", 0),
            ("iso8859-15", "ISO-8859-15", 0), ("cp850", None, 0x02), ("cp1252", None, 0x57), ("utf-8", None, 0),
            ("cp1252", None, 0), ("cp1252", "rot13", 0x03), ("utf-8", "unicode_escape", 0), ("iso8859-1", "88591", 0),
        ],
    )  # fmt: skip
    def test_accents_come_through_in_any_encoding(self, source, encoding, cpg, driver):
        texts = ["Aytré", "Périgny à l'été", "forêt, grève, ça, où"] * 5
        rows = [[text, point(0, 0)] for text in texts]
        files = shapes([("Libellé", "C", 40)], rows, encoding=encoding, cpg=cpg)
        table = bytearray(files["couche.dbf"])
        table[29] = driver
        _table, frame = whole(source(files | {"couche.dbf": bytes(table)}))
        assert frame["Libellé"].to_list() == texts

    def test_an_encoding_that_lies_is_told_with_its_line(self, source):
        rows = [["Aytre", point(0, 0)], ["Aytré", point(0, 0)]]
        table, frame = whole(source(shapes(NAME, rows, encoding="cp1252", cpg="UTF-8")))
        assert frame["nom"].to_list() == ["Aytre", "Aytré"]
        assert [(problem.code, problem.line) for problem in table.problems] == [("mixed_encodings", 2)]
        _table, frame = whole(source(shapes(NAME, rows, encoding="cp1252")), settings={"encoding": "cp850"})
        assert frame["nom"][1] == "AytrÚ"

    def test_names_of_codecs_are_tables_of_characters_or_nothing(self):
        known = {"utf8": "utf-8", "latin1": "iso8859-1", "CP1252": "cp1252", "OEM 850": "cp850"}
        assert {name: named_codec(name) for name in known} == known
        assert not any(map(named_codec, ("LDID/87", "base64", "idna", "punycode", "unicode_escape", "", "x" * 9999)))

    def test_one_of_several_is_chosen_and_others_are_told(self, source):
        files = shapes(NAME, [["rue", point(0, 0)]], stem="Données/Rues") | shapes(
            NAME, [["arrêt", point(1, 1)]], stem="Données/arrêts"
        )
        files = {name.replace(".shp", ".SHP"): data for name, data in files.items()}
        files |= {"Données/Rues.shp.xml": b"<metadata/>", "LISEZMOI.txt": b"a;b\n1;2\n", "__MACOSX/._Rues.shp": b"x"}
        found = analyse(source(files))
        assert (found.settings["sheet"], found.settings["sheets"]) == (
            "Données/Rues",
            ["Données/Rues", "Données/arrêts"],
        )
        assert [problem.code for problem in found.problems] == ["several_layers"]
        other = analyse(source(files), {"sheet": "Données/arrêts"})
        assert (other.preview, other.problems) == ([["arrêt"]], [])
        assert refused(source(files), settings={"sheet": "absente"}) == "no_layer"
        assert analyse(source(files), {"entry": "LISEZMOI.txt"}).preview == [["1", "2"]]

    def test_lines_surfaces_and_holes_keep_their_form(self, source):
        square = [(0, 0), (0, 4), (4, 4), (4, 0), (0, 0)]
        hole = [(1, 1), (2, 1), (2, 2), (1, 2), (1, 1)]
        island = [(10, 0), (10, 4), (14, 4), (14, 0), (10, 0)]
        lake = [(11, 1), (12, 1), (12, 2), (11, 2), (11, 1)]
        shaped = [
            {"type": "Polygon", "coordinates": [square]},
            {"type": "Polygon", "coordinates": [square, hole]},
            {"type": "MultiPolygon", "coordinates": [[square, hole], [island, lake]]},
        ]
        _table, frame = whole(source(shapes(NAME, [["a", one] for one in shaped], shapefile.POLYGON)))
        got, bad, mended = places(frame)
        assert (bad, mended) == ([], [])
        for text, one in zip(got, shaped, strict=True):
            assert shapely.from_wkt(text).normalize() == shapely.geometry.shape(one).normalize()
        lines = [
            {"type": "LineString", "coordinates": [(0, 0), (1, 1)]},
            {"type": "MultiLineString", "coordinates": [[(0, 0), (1, 1)], [(2, 2), (3, 3), (4, 0)]]},
        ]
        _table, frame = whole(source(shapes(NAME, [["a", one] for one in lines], shapefile.POLYLINE)))
        assert places(frame)[0] == ["LINESTRING (0 0, 1 1)", "MULTILINESTRING ((0 0, 1 1), (2 2, 3 3, 4 0))"]
        many = {"type": "MultiPoint", "coordinates": [(0, 0), (1, 2)]}
        _table, frame = whole(source(shapes(NAME, [["a", many]], shapefile.MULTIPOINT)))
        assert places(frame)[0] == ["MULTIPOINT ((0 0), (1 2))"]

    def test_heights_and_measures_are_left_out(self, source):
        rows = [["a", {"type": "Point", "coordinates": (1, 2, 30)}]]
        for kind in (shapefile.POINTZ, shapefile.POINTM):
            _table, frame = whole(source(shapes(NAME, rows, kind)))
            assert places(frame)[0] == ["POINT (1 2)"]
        line = [["a", {"type": "LineString", "coordinates": [(0, 0, 5), (1, 1, 6)]}]]
        _table, frame = whole(source(shapes(NAME, line, shapefile.POLYLINEZ)))
        assert places(frame)[0] == ["LINESTRING (0 0, 1 1)"]

    def test_rings_turned_the_wrong_way_keep_their_hole(self):
        square = [(0, 0), (4, 0), (4, 4), (0, 4), (0, 0)]
        hole = [(1, 1), (2, 1), (2, 2), (1, 2), (1, 1)]
        found = shapely.from_wkb(shape_of(ringed(square, hole)))
        assert found.area == 15

    def test_a_surface_that_crosses_itself_is_mended_and_told(self, source):
        bow = {"type": "Polygon", "coordinates": [[(0, 0), (1, 1), (1, 0), (0, 1), (0, 0)]]}
        _table, frame = whole(source(shapes(NAME, [["a", bow]], shapefile.POLYGON)))
        (text,), bad, mended = places(frame)
        assert (bad, mended) == ([], [("geometry_repaired", 1)])
        assert shapely.from_wkt(text).is_valid

    def test_numbers_that_are_none_are_refused_or_no_place(self, source):
        nan, inf = math.nan, math.inf
        line = {"type": "LineString", "coordinates": [(0, 0), (1, nan)]}
        rows = [[str(x), point(x, y)] for x, y in ((nan, nan), (1.0, nan), (inf, 0.0), (-1e39, -1e39), (1.0, 2.0))]
        _table, frame = whole(source(shapes(NAME, rows)))
        got, bad, _ = places(frame)
        assert got == [None, None, "POINT (1 2)"]
        assert bad == [("geometry_unreadable", 2), ("geometry_unreadable", 3)]
        _table, frame = whole(source(shapes(NAME, [["a", line]], shapefile.POLYLINE)))
        assert places(frame)[1] == [("geometry_unreadable", 1)]

    def test_deleted_rows_stay_out_and_count(self, source):
        files = shapes(NAME, [[name, point(place, 0)] for place, name in enumerate("abc")])
        table = bytearray(files["couche.dbf"])
        head, width = struct.unpack_from("<HH", table, 8)
        table[head + width] = ord("*")
        _table, frame = whole(source(files | {"couche.dbf": bytes(table)}))
        assert frame["nom"].to_list() == ["a", "c"]
        assert frame[POSITION].to_list() == [1, 3]
        assert places(frame)[0] == ["POINT (0 0)", "POINT (2 0)"]

    def test_shapes_moved_to_the_end_stay_with_their_rows(self, source):
        files = shapes(NAME, [["a", point(1, 1)], ["b", point(2, 2)], ["c", point(3, 3)]])
        shp, shx = files["couche.shp"], bytearray(files["couche.shx"])
        first, rest = shp[100:128], shp[128:]
        moved = bytearray(shp[:100] + rest + first)
        for place, offset in enumerate((156, 100, 128)):
            struct.pack_into(">i", shx, 100 + 8 * place, offset // 2)
        _table, frame = whole(source(files | {"couche.shp": bytes(moved), "couche.shx": bytes(shx)}))
        assert frame["nom"].to_list() == ["a", "b", "c"]
        assert places(frame)[0] == ["POINT (1 1)", "POINT (2 2)", "POINT (3 3)"]
        del files["couche.shx"]
        assert refused(source(files | {"couche.shp": bytes(moved)})) == "bad_shapefile"

    def test_shapes_without_rows_and_rows_without_shapes(self, source):
        files = shapes(NAME, [["a", point(1, 1)], ["b", point(2, 2)]])
        alone = {name: data for name, data in files.items() if name.endswith((".shp", ".prj"))}
        _table, frame = whole(source(alone))
        assert frame["id"].to_list() == ["1", "2"]
        fewer = shapes(NAME, [["a", point(1, 1)]])
        _table, frame = whole(source(files | {name: fewer[name] for name in ("couche.shp", "couche.shx")}))
        assert frame["nom"].to_list() == ["a", "b"]
        assert places(frame)[0] == ["POINT (1 1)", None]
        _table, frame = whole(source(files | {"couche.dbf": fewer["couche.dbf"]}))
        assert frame["nom"].to_list() == ["a", None]

    def test_no_row_is_said(self, source):
        with pytest.raises(BatchError) as refusal:
            analyse(source(shapes(NAME, [])))
        assert refusal.value.problem.code == "header_only"

    def test_a_shp_alone_is_asked_for_in_a_zip(self, source):
        assert refused(source(shapes(NAME, [["a", point(1, 1)]])["couche.shp"], "x.shp")) == "shapefile_alone"

    @pytest.mark.parametrize(
        ("part", "change"),
        [
            ("shp", lambda data: data[:50]),
            ("shp", lambda data: data[:-10]),
            ("shp", lambda data: b"\0\0\0\1" + data[4:]),
            ("shp", lambda data: data[:104] + struct.pack(">i", -5) + data[108:]),
            ("shx", lambda data: data[:-3]),
            ("shx", lambda data: data[:100] + struct.pack(">ii", 1 << 29, 10) + data[108:]),
            ("shx", lambda data: data[:100] + struct.pack(">ii", -50, 10) + data[108:]),
            ("dbf", lambda data: data[:20]),
            ("dbf", lambda data: data[:40]),
            ("dbf", lambda data: data[:-20]),
            ("dbf", lambda data: b"\xff" + data[1:]),
            ("dbf", lambda data: data[:4] + struct.pack("<I", 0xFFFFFFFF) + data[8:]),
            ("dbf", lambda data: data[:10] + struct.pack("<H", 0) + data[12:]),
            ("dbf", lambda data: data[:10] + struct.pack("<H", 3) + data[12:]),
        ],
    )
    def test_broken_parts_are_refused_in_words(self, source, part, change):
        files = shapes(NAME, [["a", point(1, 1)], ["b", point(2, 2)]])
        name = f"couche.{part}"
        assert refused(source(files | {name: change(files[name])})) == "bad_shapefile"

    def test_a_record_larger_than_a_row_may_be_is_refused(self, source):
        line = {"type": "LineString", "coordinates": [(0, y / 1e4) for y in range(5000)]}
        files = shapes(NAME, [["a", line]], shapefile.POLYLINE)
        assert refused(source(files), row_bytes=1 << 16) == "row_too_large"
        assert refused(source(files), zip_bytes=1 << 16) == "zip_bomb"

    def test_a_bomb_is_refused(self, source):
        files = shapes(NAME, [["a", point(1, 1)]])
        assert refused(source(files | {"couche.dbf": files["couche.dbf"] + b" " * (60 << 20)})) == "zip_bomb"

    @pytest.mark.parametrize("kind", [0, 1, 3, 5, 8, 11, 13, 15, 18, 21, 23, 25, 28, 31, 99, -1])
    @settings(max_examples=60, deadline=None)
    @given(rest=st.binary(max_size=200))
    @example(rest=struct.pack("<4dII", 0, 0, 1, 1, 0xFFFFFFFF, 0xFFFFFFFF))
    @example(rest=struct.pack("<4dIIii", 0, 0, 1, 1, 2, 2, 5, -3) + bytes(32))
    def test_any_record_is_read_or_refused(self, kind, rest):
        found = shape_of(struct.pack("<i", kind) + rest)
        frame = pl.DataFrame({POSITION: [1], GEOMETRY: [found]}, schema={POSITION: pl.Int64, GEOMETRY: pl.String})
        assert len(locate(frame, Geometry("feature")).data) + len(locate(frame, Geometry("feature")).refused) == 1

    def test_surfaces_made_to_be_compared_for_ever_are_refused(self):
        rings = []
        for size in range(1500, 0, -1):
            rings.append([(-size, -size), (-size, size), (size, size), (size, -size), (-size, -size)])
            inner = size - 0.5
            rings.append([(-inner, -inner), (inner, -inner), (inner, inner), (-inner, inner), (-inner, -inner)])
        assert shape_of(ringed(*rings)) == "Polygon"
        nested = shapely.from_wkb(shape_of(ringed(*rings[-20:])))
        assert (nested.is_valid, len(nested.geoms)) == (True, 10)

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(rows=st.lists(st.tuples(WORDS, NUMBERS, DAYS, st.floats(-180, 180), st.floats(-90, 90)), min_size=1))
    def test_what_another_program_wrote_is_read_back(self, tmp_path, rows):
        written = [[text, number, day, point(x, y)] for text, number, day, x, y in rows]
        path = tmp_path / "sent"
        path.write_bytes(zipped(shapes([("t", "C", 100), ("n", "N", 18, 0), ("j", "D")], written)))
        _table, frame = whole(Source(path, "x.zip"))
        assert frame["t"].to_list() == [text or None for text, *_ in rows]
        assert frame["n"].to_list() == [None if number is None else str(number) for _t, number, *_ in rows]
        assert frame["j"].to_list() == [day.isoformat() if day else None for _t, _n, day, *_ in rows]
        got = [shapely.from_wkb(text) for text in frame[GEOMETRY]]
        assert [(shape.x, shape.y) for shape in got] == [(x, y) for *_, x, y in rows]


def ringed(*rings) -> bytes:
    """Give the record of a surface of a .shp."""
    starts, points = [], []
    for ring in rings:
        starts.append(len(points))
        points += ring
    head = struct.pack("<i4dII", 5, 0, 0, 1, 1, len(starts), len(points))
    flat = [number for place in points for number in place]
    return head + struct.pack(f"<{len(starts)}i{len(flat)}d", *starts, *flat)


COLUMNS = (
    'fid INTEGER PRIMARY KEY, geom POINT, "nom de l\'arrêt" TEXT(50), n MEDIUMINT, grand INTEGER, x DOUBLE, '
    "ok BOOLEAN, jour DATE, moment DATETIME, photo BLOB"
)


ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x AS fid FROM c"


class TestGeoPackage:
    @pytest.fixture
    def made(self, tmp_path, source):
        def made(*args, **options):
            path = tmp_path / "x.gpkg"
            path.unlink(missing_ok=True)
            return Source(geopackage(path, *args, **options), "x.gpkg")

        return made

    def test_values_and_types_are_those_of_the_file(self, made):
        rows = [
            (1, blob(shapely.Point(-1.15, 46.16)), "Aytré", 5, 2**62, 0.1, 1, "2024-02-29",
             "2024-02-29T12:00:00.500Z", b"x"),
            (2, None, None, None, None, None, None, None, None, None),
            (7, blob(shapely.Point(), flags=0x11), "", -1, -(2**63), math.inf, 0, "1899-12-31",
             "2024-01-01T00:00:00Z", None),
        ]  # fmt: skip
        sent = made({"Arrêts de bus": (COLUMNS, 4326, rows)})
        assert detect(sent.path, sent.name) is Kind.GPKG
        found = analyse(sent)
        assert [(column.name, column.type) for column in found.columns] == [
            ("fid", INTEGER), ("nom de l'arrêt", TEXT), ("n", INTEGER), ("grand", INTEGER), ("x", FLOAT),
            ("ok", BOOLEAN), ("jour", DATE), ("moment", TIMESTAMP)]  # fmt: skip
        assert [(p.code, p.params) for p in found.problems] == [("columns_left_out", {"names": "photo"})]
        table, frame = whole(sent)
        assert list(frame.select(table.names).iter_rows()) == [
            ("1", "Aytré", "5", str(2**62), "0.1", "true", "2024-02-29", "2024-02-29T12:00:00.500000"),
            ("2", None, None, None, None, None, None, None),
            ("7", None, "-1", str(-(2**63)), None, "false", "1899-12-31", "2024-01-01T00:00:00"),
        ]
        assert places(frame)[0] == ["POINT (-1.15 46.16)", None, None]

    @pytest.mark.parametrize("magic", [b"GPKG", b"GP10", b"GP11", b"\0\0\0\0"])
    def test_versions_are_known(self, made, magic):
        sent = made({"a": ("fid INTEGER PRIMARY KEY, t TEXT", None, [(1, "x")])}, magic=magic)
        assert analyse(sent).preview == [["1", "x"]]
        if magic == b"\0\0\0\0":
            with pytest.raises(BatchError) as refusal:
                detect(sent.path, "x.sqlite")
            assert refusal.value.problem.code == "not_a_table"

    def test_the_first_layer_is_read_and_another_can_be_chosen(self, made, tmp_path):
        place = blob(shapely.Point(380_000, 6_570_000), 2154)
        sent = made(
            {
                "notes": ("fid INTEGER PRIMARY KEY, t TEXT", None, [(1, "x")]),
                "rues": ("fid INTEGER PRIMARY KEY, geom POINT, t TEXT", 2154, [(1, place, "r")]),
            }
        )
        found = analyse(sent)
        assert (found.settings["sheet"], found.settings["sheets"]) == ("rues", ["notes", "rues"])
        assert [problem.code for problem in found.problems] == ["several_layers"]
        assert found.geometry.crs == 2154
        assert places(whole(sent)[1], 2154)[0] == [
            shapely.Point(*pyproj.Transformer.from_crs(2154, 4326, always_xy=True).transform(380_000, 6_570_000)).wkt
        ]
        assert analyse(sent, {"sheet": "notes"}).geometry is None
        assert refused(sent, settings={"sheet": "sqlite_master"}) == "no_layer"
        path = tmp_path / "in.zip"
        path.write_bytes(zipped({"dossier/x.gpkg": sent.path.read_bytes()}))
        assert analyse(Source(path, "in.zip")).preview == [["1", "r"]]

    def test_names_of_any_kind_are_names(self, made):
        name = "l'été % :x ; DROP TABLE gpkg_contents -- [é] ?"
        columns = 'fid INTEGER PRIMARY KEY, "select" TEXT, "a %s :b ?" TEXT, "É \' x" INTEGER, "rowid" TEXT'
        sent = made({name: (columns, None, [(1, "a", "b", 3, "r")])})
        found = analyse(sent)
        assert found.settings["sheet"] == name
        assert [column.name for column in found.columns] == ["fid", "select", "a %s :b ?", "É ' x", "rowid"]
        assert found.preview == [["1", "a", "b", "3", "r"]]

    @pytest.mark.parametrize(
        ("srs", "system", "crs"),
        [
            (0, (0, "NONE", 0, "undefined"), 4326),
            (-1, (-1, "NONE", -1, "undefined"), None),
            (7, (7, "EPSG", 3946, ""), 3946),
            (7, (7, "epsg", 2154, ""), 2154),
            (7, (7, "EPSG", 99999999, "undefined"), None),
            (7, (7, "NONE", 7, pyproj.CRS.from_epsg(2154).to_wkt()), 2154),
            (7, (7, None, None, None), None),
            (7, (8, "EPSG", 2154, ""), None),
        ],
    )
    def test_the_system_of_coordinates_is_the_files_or_asked(self, made, srs, system, crs):
        row = (1, blob(shapely.Point(1, 2)))
        sent = made({"a": ("fid INTEGER PRIMARY KEY, geom POINT", srs, [row])}, systems=[system])
        found = analyse(sent)
        assert (found.geometry.crs if found.geometry else None) == crs
        assert [problem.code for problem in found.problems] == ([] if crs else ["projection_unknown"])
        assert analyse(sent, {"crs": 2154}).geometry.crs == 2154

    def test_values_of_mixed_types_are_given_as_they_are(self, made):
        rows = [(1, "a", "deux", "32/13/2024", 2), (2, 5, 2.5, 20240101, "oui"), (3, b"\xff", 3, "2024-01-01", 0)]
        sent = made({"a": ("fid INTEGER PRIMARY KEY, t TEXT, n INTEGER, j DATE, b BOOLEAN", None, rows)})
        assert whole(sent)[1].select("t", "n", "j", "b").rows() == [
            ("a", "deux", "32/13/2024", "2"), ("5", "2.5", "20240101", "oui"),
            ("ff", "3", "2024-01-01", "false"),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("value", "code"),
        [
            (b"", "geometry_unreadable"),
            (b"GP", "geometry_unreadable"),
            (b"XX" + bytes(40), "geometry_unreadable"),
            ("POINT (1 1)", "geometry_unreadable"),
            (5, "geometry_unreadable"),
            (blob(b""), "geometry_unreadable"),
            (blob(shapely.Point(1, 1), flags=0x0F), "geometry_unreadable"),
            (blob(shapely.Point(1, 1), flags=0x21), "geometry_unreadable"),
            (blob(shapely.Point(1, 1), flags=0x03), "geometry_unreadable"),
            (blob(shapely.Point(500, 1)), "geometry_outside"),
            (blob(shapely.Point(math.inf, 1)), "geometry_unreadable"),
            (blob(struct.pack("<BIdd", 1, 1, 1, math.nan)), "geometry_unreadable"),
            (blob(struct.pack("<BII", 1, 2, 0x7FFFFFFF)), "geometry_unreadable"),
            (blob(struct.pack("<BII4d", 1, 8, 2, 0, 0, 1, 1)), "geometry_unreadable"),
            (blob(struct.pack("<BI", 1, 15) + bytes(4)), "geometry_unreadable"),
            (blob(struct.pack("<BII", 1, 7, 1) * 300_000 + shapely.to_wkb(shapely.Point(1, 1))), "geometry_unreadable"),
            (blob(struct.pack(">BII", 0, 7, 1) * 300_000), "geometry_unreadable"),
            (blob(struct.pack("<BII", 1, 6, 1) * 300_000), "geometry_unreadable"),
            (blob(struct.pack("<BII", 1, 1007, 1) * 300_000), "geometry_unreadable"),
            (blob(struct.pack("<BII", 1, 0x20000007, 1) * 300_000), "geometry_unreadable"),
        ],
        ids=range(20),
    )  # fmt: skip
    def test_geometries_that_are_none_are_refused_row_by_row(self, made, value, code):
        good = blob(shapely.Point(1, 1), flags=0x03, envelope=bytes(32))
        sent = made({"a": ("fid INTEGER PRIMARY KEY, geom BLOB", 4326, [(1, value), (2, good)])})
        got, bad, _ = places(whole(sent)[1])
        assert (got, bad) == (["POINT (1 1)"], [(code, 1)])

    def test_curves_are_made_of_lines_however_many_there_are(self, made):
        circle = struct.pack("<BII6d", 1, 8, 3, 2, 1, 0, 1, 2, 1)
        disc = struct.pack("<BII", 1, 10, 1) + circle
        rows = [(number, blob(shape)) for number, shape in enumerate([circle, disc] * 300, start=1)]
        sent = made({"a": ("fid INTEGER PRIMARY KEY, geom CURVEPOLYGON", 4326, rows)})
        _table, frame = whole(sent)
        got, bad, corrected = places(frame)
        assert (len(got), bad, corrected) == (600, [], [])
        line, area = shapely.from_wkt(got[0]), shapely.from_wkt(got[1])
        assert line.length == pytest.approx(math.tau, rel=1e-3)
        assert area.area == pytest.approx(math.pi, rel=1e-3)

    def test_what_would_act_when_it_is_read_is_not_read(self, made):
        table = {"a": ("fid INTEGER PRIMARY KEY, t TEXT", None, [(1, "x")])}
        more = [
            f"CREATE VIEW sans_fin AS {ENDLESS}",
            "CREATE VIRTUAL TABLE mots USING fts5(t)",
            *(
                f"INSERT INTO gpkg_contents VALUES ('{name}', 'attributes', '', NULL)"
                for name in ("sans_fin", "mots", "gone")
            ),
            "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT load_extension('x'); END",
            "CREATE TABLE calcul (fid INTEGER PRIMARY KEY, t TEXT, u TEXT AS (hex(zeroblob(100000000))))",
            "INSERT INTO gpkg_contents VALUES ('calcul', 'attributes', '', NULL)",
            "INSERT INTO calcul VALUES (1, 'y')",
        ]
        sent = made(table, more=more)
        found = analyse(sent)
        assert found.settings["sheets"] == ["a", "calcul"]
        assert analyse(sent, {"sheet": "calcul"}).preview == [["1", "y"]]

    @pytest.mark.parametrize(
        "more",
        [
            f"CREATE VIEW gpkg_contents AS {ENDLESS.replace('fid', 'table_name')}",
            "CREATE VIRTUAL TABLE gpkg_contents USING fts5(table_name, data_type)",
        ],
        ids=range(2),
    )
    def test_contents_that_act_are_not_read(self, made, more):
        table = {"a": ("fid INTEGER PRIMARY KEY, t TEXT", None, [(1, "x")])}
        assert refused(made(table, more=["DROP TABLE gpkg_contents", more])) == "bad_geopackage"

    def test_a_database_does_no_more_than_it_is_asked_for_nor_for_ever(self, made, monkeypatch):
        monkeypatch.setattr("ckanext.lrtzc.batches.domain.geopackage._PATIENCE", 5)
        sent = made({"a": ("fid INTEGER PRIMARY KEY, t TEXT", None, [(n, "x") for n in range(500)])})
        for query, said in (
            (ENDLESS, "not authorized"),
            ("SELECT hex(zeroblob(9))", "not authorized"),
            ("DELETE FROM a", "not authorized"),
            ("ATTACH '/tmp/x' AS y", "not authorized"),
            ("PRAGMA journal_mode=DELETE", "not authorized"),
            ("SELECT max(a.fid + b.fid + c.fid + d.fid) FROM a, a b, a c, a d", "interrupted"),
        ):
            with pytest.raises(BatchError) as refusal, _opened(sent.path, Limits()) as database:
                list(database.rows(query))
            assert said in refusal.value.problem.params["reason"]

    @pytest.mark.parametrize("change", [
        lambda data: data[:100], lambda data: data[: len(data) // 2], lambda data: data[:16] + bytes(len(data) - 16),
        lambda data: data[:110] + b"\xff" * 2000 + data[2110:],
        lambda data: data[:4096] + b"\x05\xff" * 2048 + data[8192:],
    ], ids=range(5))  # fmt: skip
    def test_broken_databases_are_refused_in_words(self, made, change):
        sent = made({"a": ("fid INTEGER PRIMARY KEY, t TEXT", None, [(n, "x" * 300) for n in range(500)])})
        sent.path.write_bytes(change(sent.path.read_bytes()))
        assert refused(sent) in ("bad_geopackage", "no_records", "unknown_format")

    def test_pages_that_refer_to_each_other_in_circles_end(self, made):
        rows = [(number, "x" * 300) for number in range(20_000)]
        sent = made({"a": ("fid INTEGER PRIMARY KEY, t TEXT", None, rows)})
        data = bytearray(sent.path.read_bytes())
        size = struct.unpack_from(">H", data, 16)[0]
        with sqlite3.connect(sent.path) as db:
            (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'a'").fetchone()
        db.close()
        start = (root - 1) * size
        assert data[start] == 5
        count = struct.unpack_from(">H", data, start + 3)[0]
        cells = [struct.unpack_from(">H", data, start + 12 + 2 * place)[0] for place in range(count)]
        inner = data[start + cells[0] : start + cells[0] + 4]
        for cell in cells:
            data[start + cell : start + cell + 4] = inner
        sent.path.write_bytes(data)
        # the same page again and again: more rows than the file has bytes for are never given
        with contextlib.suppress(BatchError):
            assert len(whole(sent)[1]) * 2 <= len(data)

    def test_large_rows_are_refused_and_no_row_is_said(self, made):
        sent = made({"a": ("fid INTEGER PRIMARY KEY, t TEXT", None, [(1, "x" * (1 << 17))])})
        assert refused(sent, row_bytes=1 << 16) == "row_too_large"
        with pytest.raises(BatchError) as refusal:
            analyse(made({"a": ("fid INTEGER PRIMARY KEY, t TEXT", None, [])}))
        assert refusal.value.problem.code == "header_only"

    @pytest.mark.parametrize("more", [
        ["DROP TABLE gpkg_contents"], ["DELETE FROM gpkg_contents"], ["DROP TABLE a"],
        ["UPDATE gpkg_contents SET data_type = 'tiles'"],
    ])  # fmt: skip
    def test_a_database_without_layers_is_no_table(self, made, more):
        table = {"a": ("fid INTEGER PRIMARY KEY, t TEXT", None, [(1, "x")])}
        assert refused(made(table, more=more)) in ("no_records", "bad_geopackage")

    def test_a_layer_without_its_geometry_is_a_table(self, made):
        table = {"a": ("fid INTEGER PRIMARY KEY, t TEXT", 4326, [(1, "x")])}
        assert analyse(made(table)).geometry is None
        assert analyse(made(table, more=["DELETE FROM gpkg_geometry_columns"])).geometry is None


VALUES = [
    ("N° de l'acte", "INTEGER"), ("prix", "DECIMAL(10, 2)"), ("lot", "NUMERIC(8)"), ("mesure", "DOUBLE PRECISION"),
    ("actif", "BOOLEAN"), ("jour", "DATE"), ("moment", "TIMESTAMP(6)"), ("libellé", "CHARACTER VARYING(50)"),
    ("scan", "BINARY LARGE OBJECT"),
]  # fmt: skip


class TestSiard:
    def test_values_and_types_are_those_of_the_archive(self, source):
        rows = [
            (1, "12.50", 7, "1.5E-7", "true", "2024-02-29Z", "2024-02-29T12:00:00.5Z", r"Rue \u005c de l'été\u0009x",
             "00"),
            (None,) * 9,
            (9223372036854775807, "-0.05", -1, "NaN", "false", "1789-07-14", "1789-07-14T00:00:00", "<a> & b", None),
        ]  # fmt: skip
        sent = source(siard({"actes": (VALUES, rows)}), "x.siard")
        assert detect(sent.path, sent.name) is Kind.SIARD
        found = analyse(sent)
        assert [(column.name, column.type) for column in found.columns] == [
            ("N° de l'acte", INTEGER), ("prix", DECIMAL), ("lot", INTEGER), ("mesure", FLOAT), ("actif", BOOLEAN),
            ("jour", DATE), ("moment", TIMESTAMP), ("libellé", TEXT)]  # fmt: skip
        assert [(p.code, p.params) for p in found.problems if p.code != "blank_rows"] == [
            ("columns_left_out", {"names": "scan"})
        ]
        table, frame = whole(sent)
        assert list(frame.select(table.names).iter_rows()) == [
            ("1", "12.50", "7", "1.5E-7", "true", "2024-02-29", "2024-02-29T12:00:00.500000", "Rue \\ de l'été\tx"),
            (None,) * 8,
            ("9223372036854775807", "-0.05", "-1", "NaN", "false", "1789-07-14", "1789-07-14T00:00:00", "<a> & b"),
        ]
        assert frame[POSITION].to_list() == [1, 2, 3]

    def test_the_first_table_with_rows_is_read_and_another_can_be_chosen(self, source):
        columns = [("a", "INT")]
        sent = source(siard({"vide": (columns, []), "rues": (columns, [(1,)]), "é & è": (columns, [(2,)])}), "x.siard")
        found = analyse(sent)
        assert (found.settings["sheet"], found.settings["sheets"]) == ("rues", ["vide", "rues", "é & è"])
        assert [problem.code for problem in found.problems] == ["several_layers"]
        assert analyse(sent, {"sheet": "é & è"}).preview == [["2"]]
        assert refused(sent, settings={"sheet": "x"}) == "no_layer"
        with pytest.raises(BatchError) as refusal:
            analyse(sent, {"sheet": "vide"})
        assert refusal.value.problem.code == "header_only"

    def test_structured_values_and_texts_kept_apart(self, source):
        rows = [
            "<row><c1><u1>Aytré</u1><u2><a1>1</a1></u2></c1><c2 file='content/schema0/lob/1.txt' length='4'/></row>",
            "<row><c2 file='../../etc/passwd'/></row>",
        ]
        columns = [("adresse", ""), ("note", "CHARACTER LARGE OBJECT")]
        sent = siard({"t": (columns, rows)}, more={"content/schema0/lob/1.txt": "été\0"})
        assert whole(source(sent, "x.siard"))[1].select("adresse", "note").rows() == [
            ('{"u1": "Aytré", "u2": {"a1": "1"}}', "été"),
            (None, "../../etc/passwd"),
        ]

    def test_other_files_of_an_archive_do_not_count(self, source):
        more = {f"content/schema0/lob/{number}.bin": b"x" for number in range(2500)}
        assert analyse(source(siard({"t": ([("a", "INT")], [(1,)])}, more=more), "x.siard")).rows == 1

    ENTITY = '<!DOCTYPE table [<!ENTITY a "xxxxxxxxxx"><!ENTITY b "&a;&a;&a;&a;">]>'
    OUTSIDE = '<!DOCTYPE table [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    BARE = "<!DOCTYPE table>"

    @pytest.mark.parametrize("head", [ENTITY, OUTSIDE, BARE])
    @pytest.mark.parametrize("where", ["head", "metadata_head"])
    def test_entities_and_type_declarations_are_refused(self, source, head, where):
        row = "<row><c1>&a;</c1></row>" if where == "head" and head is not self.BARE else (1,)
        sent = siard({"t": ([("a", "VARCHAR(9)")], [row])}, **{where: head.replace("table [", "siardArchive [")})
        assert refused(source(sent, "x.siard")) == "xml_entities"

    @pytest.mark.parametrize(
        ("row", "code"),
        [
            ("<row><c1>" + "<u1>" * 100 + "</u1>" * 100 + "</c1></row>", "too_deep"),
            ("<row><c1>" + "<u1>" * 10_000, "too_deep"),
            ("<row>" + "<c1/>" * 100_000 + "</row>", "row_too_large"),
            ("<row><c1>" + "été 123 " * 400_000 + "</c1><c2>x</c2></row>", "row_too_large"),
            ("<row><c1>1</c1>", "bad_siard"),
            ("<row><c1>&#1;</c1></row>", "bad_siard"),
            ("<row><c1>1</c2></row>", "bad_siard"),
        ],
        ids=range(7),
    )
    def test_rows_that_are_none_are_refused_in_words(self, source, row, code):
        sent = source(siard({"t": ([("a", "VARCHAR(9)"), ("b", "CHAR")], [row])}), "x.siard")
        assert refused(sent, row_bytes=1 << 20, zip_ratio=5000) == code

    @pytest.mark.parametrize("metadata", [
        b"", b"<siardArchive", b"<other/>", b"<siardArchive/>", b"\x00" * 50,
        b"<siardArchive><schemas><schema><folder>../../etc</folder><tables><table><folder>x</folder></table></tables>"
        b"</schema></schemas></siardArchive>",
    ], ids=range(6))  # fmt: skip
    def test_archives_that_describe_nothing_are_refused(self, source, metadata):
        sent = zipped({"header/metadata.xml": metadata, "content/schema0/table0/table0.xml": b"<table/>"})
        assert refused(source(sent, "x.siard")) in ("bad_siard", "no_records")

    def test_a_bomb_is_refused_and_a_cut_archive_too(self, source):
        sent = siard({"t": ([("a", "VARCHAR(9)")], ["<row><c1>" + "x" * (60 << 20) + "</c1></row>"])})
        assert refused(source(sent, "x.siard")) == "zip_bomb"
        sent = siard({"t": ([("a", "VARCHAR(9)")], [(number,) for number in range(50_000)])})
        assert refused(source(sent, "x.siard"), zip_bytes=1 << 20) == "zip_bomb"
        assert refused(source(sent[: len(sent) // 2], "x.siard")) == "bad_zip"

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(rows=st.lists(st.lists(st.text(max_size=20) | st.none(), min_size=2, max_size=2), min_size=1, max_size=20))
    def test_any_text_comes_through(self, tmp_path, rows):
        def written(text):
            # as eCH-0165 has it: controls, what XML can't hold and the backslash are escaped
            odd = "".join(f"\\u{ord(c):04x}" if c == "\\" or ord(c) < 32 or 0xD800 <= ord(c) < 0xE000
                          or ord(c) in (0x7F, 0xFFFE, 0xFFFF) else c for c in text)  # fmt: skip
            return odd

        path = tmp_path / "sent"
        cells = [[None if text is None else written(text) for text in row] for row in rows]
        path.write_bytes(siard({"t": ([("a", "VARCHAR(20)"), ("b", "VARCHAR(20)")], cells)}))
        _table, frame = whole(Source(path, "x.siard"))
        assert frame.select("a", "b").rows() == [
            tuple((text or "").replace("\0", "") or None for text in row) for row in rows
        ]


@pytest.mark.parametrize(
    ("kind", "nested"),
    [
        ("wkt", "GEOMETRYCOLLECTION (" * 300_000 + "POINT (1 1)" + ")" * 300_000),
        ("wkt", "CURVEPOLYGON (CIRCULARSTRING (0 0, 4 0, 4 4, 0 4, 0 0))"),
        ("geojson", '{"type": "GeometryCollection", "geometries": [' * 300_000 + "]}" * 300_000),
        ("geojson", r'{"type": "GeometryCollection", "\u0067eometries": [' * 900 + "]}" * 900),
    ],
    ids=range(4),
)
def test_geometries_written_as_text_are_refused_as_well_where_they_nest_without_end(kind, nested):
    good = {"wkt": "POINT (1 1)", "geojson": '{"type": "Point", "coordinates": [1, 1]}'}[kind]
    frame = pl.DataFrame({POSITION: [1, 2, 3, 4], "g": [good, nested, None, good]})
    found = locate(frame, Geometry(kind, column="g"))
    assert found.data[POSITION].to_list() == [1, 3, 4]
    assert [(problem.code, problem.line) for problem in found.refused] == [("geometry_unreadable", 2)]


def test_memory_does_not_grow_with_the_file(tmp_path):
    files = {
        "shapes": zipped(shapes([("t", "C", 200)], (["x" * 200, point(0, 0)] for _ in range(60_000)))),
        "siard": siard({"t": ([("a", "VARCHAR(200)")], [("x" * 200,) for _ in range(60_000)])}),
    }
    rows = [(number, blob(shapely.Point(0, 0)), "x" * 200) for number in range(60_000)]
    geopackage(tmp_path / "geopackage", {"a": ("fid INTEGER PRIMARY KEY, geom POINT, t TEXT", 4326, rows)})
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    for name in ("shapes", "siard", "geopackage"):
        tracemalloc.start()
        with open_table(Source(tmp_path / name, f"{name}.gpkg"), {}, Limits(chunk_rows=500, zip_ratio=5000)) as table:
            count = sum(len(frame.data) for frame in table.frames())
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert count == 60_000
        # the text alone is 12 MB
        assert peak < 6 << 20, (name, peak)
