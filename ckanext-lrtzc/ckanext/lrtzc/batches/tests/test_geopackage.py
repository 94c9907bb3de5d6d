"""GeoPackages are read, or refused in words that help; nothing in them is run."""

import contextlib
import math
import sqlite3
import struct

import pyproj
import pytest
import shapely

from ckanext.lrtzc.batches.domain.analysis import analyse
from ckanext.lrtzc.batches.domain.coltypes import ColumnType
from ckanext.lrtzc.batches.domain.detect import Kind, detect
from ckanext.lrtzc.batches.domain.geopackage import _opened
from ckanext.lrtzc.batches.domain.limits import Limits
from ckanext.lrtzc.batches.domain.problems import BatchError
from ckanext.lrtzc.batches.domain.tables import Source

from .layers import places, refused, whole
from .made import blob, geopackage, zipped

TEXT, INTEGER, DECIMAL, FLOAT, BOOLEAN, DATE, TIMESTAMP = (
    ColumnType.TEXT, ColumnType.INTEGER, ColumnType.DECIMAL, ColumnType.FLOAT, ColumnType.BOOLEAN, ColumnType.DATE,
    ColumnType.TIMESTAMP,
)  # fmt: skip


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
