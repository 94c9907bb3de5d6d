"""Shapefiles are read, or refused in words that help."""

import datetime as dt
import math
import struct

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
from ckanext.lrtzc.batches.domain.problems import BatchError
from ckanext.lrtzc.batches.domain.projections import system_of
from ckanext.lrtzc.batches.domain.shapefile import shape_of
from ckanext.lrtzc.batches.domain.tables import GEOMETRY, POSITION, Source

from .layers import DAYS, NAME, NUMBERS, WORDS, places, refused, whole
from .made import point, shapes, zipped

TEXT, INTEGER, DECIMAL, FLOAT, BOOLEAN, DATE, TIMESTAMP = (
    ColumnType.TEXT, ColumnType.INTEGER, ColumnType.DECIMAL, ColumnType.FLOAT, ColumnType.BOOLEAN, ColumnType.DATE,
    ColumnType.TIMESTAMP,
)  # fmt: skip


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
