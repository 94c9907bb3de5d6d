"""Files with layers: places written as text, and how much memory they take."""

import tracemalloc

import polars as pl
import pytest
import shapely

from ckanext.lrtzc.batches.domain.geometry import Geometry, locate
from ckanext.lrtzc.batches.domain.limits import Limits
from ckanext.lrtzc.batches.domain.opening import open_table
from ckanext.lrtzc.batches.domain.tables import POSITION, Source

from .made import blob, geopackage, point, shapes, siard, zipped


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
