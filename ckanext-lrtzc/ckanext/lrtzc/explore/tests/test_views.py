"""Pages, programs' doors and files, as a browser or a program meets them."""

import io
import json

import pytest

from ckanext.lrtzc.explore.tests.conftest import POINTS, ROWS

pytestmark = pytest.mark.usefixtures("rooms_db")


def at(resource, end="", **values):
    from urllib.parse import urlencode

    query = f"?{urlencode(values, doseq=True)}" if values else ""
    return f"/dataset/{resource['package_id']}/resource/{resource['id']}/explore{end}{query}"


class TestPage:
    def test_the_data_is_in_the_page(self, app, make_table):
        body = app.get(at(make_table())).body
        for text in ("La Rochelle", "17300", "01407", "Population", "habitants", "explore-form"):
            assert text in body

    def test_codes_keep_their_zeros_and_numbers_are_grouped(self, app, make_table):
        body = app.get("/fr" + at(make_table())).body
        assert "79\u202f851" in body
        assert "12,5" in body
        assert "15 janv. 2024" in body

    def test_filters_show_and_can_be_removed(self, app, make_table):
        body = app.get(at(make_table(), **{"min.habitants": "9000", "q": "port"})).body
        assert "La Rochelle" in body
        assert "Périgny" not in body
        assert 'class="pill"' in body

    @pytest.mark.parametrize("view", ["table", "stats", "chart"])
    def test_each_view_opens(self, app, make_table, view):
        assert app.get(at(make_table(), view=view)).status_code == 200

    def test_the_map_opens_where_there_is_geometry(self, app, make_table):
        body = app.get(at(make_table(points=POINTS), view="map")).body
        assert "data-explore-map" in body
        assert "La Rochelle" in body

    def test_a_map_without_geometry_says_so(self, app, make_table):
        answer = app.get(at(make_table(), view="map"), expect_errors=True)
        assert answer.status_code == 400
        assert "La Rochelle" in answer.body

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("min.habitants", "beaucoup"),
            ("is.nowhere", "1"),
            ("sort", "asc.habitants; drop table x"),
            ("view", "<script>alert(1)</script>"),
            ("is.commune", "a\0b"),
            ("bbox", "1,2,3,4"),
            ("after", "99999999999999999999"),
            ("'; DROP TABLE x.--", "1"),
        ],
    )
    def test_what_is_wrong_is_said_and_the_data_shown(self, app, make_table, name, value):
        answer = app.get(at(make_table(), **{name: value}), expect_errors=True)
        assert answer.status_code == 400
        assert 'role="alert"' in answer.body
        assert "La Rochelle" in answer.body
        assert "<script>alert" not in answer.body

    def test_blank_fields_lead_to_the_short_address(self, app, make_table):
        answer = app.get(
            at(make_table(), **{"min.habitants": "9000", "max.habitants": "", "q": ""}), follow_redirects=False
        )
        assert answer.status_code == 302
        assert answer.headers["Location"].endswith("/explore?min.habitants=9000")

    def test_htmx_gets_the_part_that_changes(self, app, make_table):
        answer = app.get(at(make_table(), q="port"), headers={"HX-Request": "true"})
        assert "<html" not in answer.body
        assert answer.headers["HX-Push-Url"].endswith("/explore?q=port")
        assert "HX-Request" in answer.headers["Vary"]

    def test_no_inline_script_style_or_handler(self, app, make_table):
        import re

        resource = make_table(points=POINTS)
        for view in ("table", "stats", "map", "chart"):
            body = app.get(at(resource, view=view), headers={"HX-Request": "true"}).body
            assert not re.search(r"<script|<style|\sstyle=|\son\w+=", body)

    def test_an_empty_table_and_an_empty_selection(self, app, make_table):
        assert "empty-state" in app.get(at(make_table(records=[]))).body
        for view in ("table", "stats", "chart"):
            assert app.get(at(make_table(), view=view, **{"is.commune": "nowhere"})).status_code == 200

    def test_a_row_has_its_page(self, app, make_table):
        resource = make_table()
        assert "La Rochelle" in app.get(at(resource, "/row/1")).body
        assert app.get(at(resource, "/row/999"), expect_errors=True).status_code == 404
        assert app.get(at(resource, "/row/99999999999999999999999"), expect_errors=True).status_code == 404

    def test_the_dictionary(self, app, make_table):
        resource = make_table()
        assert "Nom officiel" in app.get(at(resource, "/columns")).body
        answer = app.get(at(resource, "/dictionary.json"))
        fields = json.loads(answer.body)["fields"]
        assert fields[2] == {"name": "habitants", "type": "integer", "title": "Population", "unit": "habitants"}
        assert "attachment" in answer.headers["Content-Disposition"]

    def test_the_resource_page_shows_the_first_rows(self, app, make_table):
        from ckan.tests.helpers import call_action

        from ckanext.lrtzc.explore.helpers import lrtzc_explore_panel

        resource = make_table()
        package = call_action("package_show", id=resource["package_id"])
        with app.flask_app.test_request_context():
            import ckan.plugins.toolkit as tk

            tk.g.user, tk.g.userobj = "", None
            panel = lrtzc_explore_panel(package, package["resources"][0])
            assert panel.lines[0][1][0].text == "La Rochelle"
            assert lrtzc_explore_panel(package, {**resource, "datastore_active": False}) is None


class TestRights:
    ENDS = (
        "",
        "/row/1",
        "/columns",
        "/dictionary.json",
        "/export.csv",
        "/export.xlsx",
        "/export.json",
        "/export.geojson",
        "/export.parquet",
        "/chart.json",
        "/features.geojson",
        "/tiles/0/0/0.mvt",
    )

    def test_strangers_see_nothing_of_a_private_dataset(self, app, make_table):
        resource = make_table(points=POINTS, private=True)
        for end in self.ENDS:
            answer = app.get(at(resource, end, view="chart"), expect_errors=True)
            assert answer.status_code == 404, end
            assert "79851" not in answer.body
            assert "Aytré" not in answer.body

    def test_its_people_see_it(self, app, make_table):
        from ckan.tests import factories

        resource = make_table(points=POINTS, private=True)
        token = factories.SysadminWithToken()["token"]
        for end in self.ENDS:
            answer = app.get(at(resource, end, view="chart"), headers={"Authorization": token})
            assert answer.status_code == 200, end
            if "Cache-Control" in answer.headers:
                assert "public" not in answer.headers["Cache-Control"]

    def test_the_dataset_of_the_address_must_hold_the_resource(self, app, make_table):
        one, other = make_table(), make_table(points=POINTS)
        for end in self.ENDS:
            address = at({"package_id": other["package_id"], "id": one["id"]}, end)
            assert app.get(address, expect_errors=True).status_code == 404

    def test_nothing_there(self, app):
        answer = app.get("/dataset/nope/resource/nope/explore/export.csv", expect_errors=True)
        assert answer.status_code == 404
        assert answer.headers["Content-Type"].startswith("application/problem+json")


class TestPrograms:
    def test_problems_are_told_in_details(self, app, make_table):
        answer = app.get(at(make_table(), "/export.csv", **{"min.habitants": "x"}), expect_errors=True)
        assert answer.status_code == 400
        found = json.loads(answer.body)
        assert found["code"] == "bad_query"
        assert found["problems"][0]["code"] == "wrong_number"
        assert found["problems"][0]["parameter"] == "min.habitants"

    def test_chart(self, app, make_table):
        found = json.loads(app.get(at(make_table(), "/chart.json", x="commune", y="habitants", agg="sum")).body)
        assert found["data"]["values"][0]["x"] == "La Rochelle"
        assert found["mark"]["type"] == "bar"

    def test_features_and_validators(self, app, make_table):
        address = at(make_table(points=POINTS), "/features.geojson", **{"is.commune": "Aytré"})
        answer = app.get(address)
        features = json.loads(answer.body)["features"]
        assert [feature["properties"]["name"] for feature in features] == ["Aytré"]
        again = app.get(address, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304

    def test_tiles(self, app, make_table):
        resource = make_table(points=POINTS)
        answer = app.get(at(resource, "/tiles/0/0/0.mvt"))
        assert b"La Rochelle" in answer.data
        assert app.get(at(resource, "/tiles/2/0/0.mvt")).data == b""
        assert app.get(at(resource, "/tiles/1/5/0.mvt"), expect_errors=True).status_code == 404
        assert app.get(at(make_table(), "/tiles/0/0/0.mvt"), expect_errors=True).status_code == 400

    def test_contours(self, app):
        assert json.loads(app.get("/explore/contours.geojson").body)["type"] == "FeatureCollection"


class TestFiles:
    def test_csv(self, app, make_table):
        import csv

        answer = app.get(at(make_table(), "/export.csv", delimiter="semicolon", bom="1"))
        assert "attachment" in answer.headers["Content-Disposition"]
        assert "Communes-du-territoire.csv" in answer.headers["Content-Disposition"]
        text = answer.data.decode()
        assert text.startswith("\ufeff")
        rows = list(csv.DictReader(io.StringIO(text[1:]), delimiter=";"))
        assert [row["insee"] for row in rows] == [row["insee"] for row in ROWS]
        assert rows[1]["note"] == "'=SOMME(A1:A9)"
        assert (rows[0]["littoral"], rows[0]["part"], rows[2]["part"]) == ("true", "12.5", "")

    def test_a_selection_in_its_order_and_columns(self, app, make_table):
        pairs = {"column": ["insee", "commune"], "sort": "desc.commune", "is.littoral": "true"}
        assert app.get(at(make_table(), "/export.csv", **pairs)).data.decode().split() == [
            "insee,commune",
            "17300,La",
            "Rochelle",
            "17028,Aytré",
        ]

    def test_json(self, app, make_table):
        records = json.loads(app.get(at(make_table(), "/export.json")).body)
        assert records[0] == {**ROWS[0], "jour": "2024-01-15", "instant": "2024-01-15 08:30:00"}
        assert json.loads(app.get(at(make_table(), "/export.json", **{"is.commune": "no"})).body) == []

    def test_xlsx(self, app, make_table):
        from datetime import date, datetime

        import python_calamine

        data = app.get(at(make_table(), "/export.xlsx")).data
        sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
        rows = sheet.to_python()
        assert rows[0][:3] == ["commune", "insee", "habitants"]
        assert rows[1][:8] == [
            "La Rochelle",
            "17300",
            79851,
            12.5,
            True,
            date(2024, 1, 15),
            datetime(2024, 1, 15, 8, 30),
            "port d'attache",
        ]
        assert rows[2][7] == "=SOMME(A1:A9)"

    def test_geojson(self, app, make_table):
        found = json.loads(app.get(at(make_table(points=POINTS), "/export.geojson")).body)
        assert found["features"][0]["geometry"] == {"type": "Point", "coordinates": [-1.15, 46.16]}
        assert found["features"][0]["properties"]["insee"] == "17300"
        assert found["features"][3]["geometry"] is None
        assert app.get(at(make_table(), "/export.geojson"), expect_errors=True).status_code == 400

    def test_parquet(self, app, make_table):
        import polars as pl
        import pyarrow.parquet as pq

        data = app.get(at(make_table(points=POINTS), "/export.parquet")).data
        frame = pl.read_parquet(io.BytesIO(data))
        assert frame["insee"].to_list() == [row["insee"] for row in ROWS]
        assert frame["habitants"].dtype == pl.Int64
        assert frame["jour"].dtype == pl.Date
        assert str(frame["jour"][0]) == "2024-01-15"
        assert str(frame["instant"][1]) == "2024-02-20 23:59:00"
        metadata = pq.read_schema(io.BytesIO(data)).metadata
        assert json.loads(metadata[b"geo"])["primary_column"] == "geometry"

    def test_unknown_format_and_delimiter(self, app, make_table):
        assert app.get(at(make_table(), "/export.exe"), expect_errors=True).status_code == 404
        assert app.get(at(make_table(), "/export.csv", delimiter="x"), expect_errors=True).status_code == 400

    def test_leaving_ends_the_query(self, make_table, opened):
        from ckanext.datastore.backend.postgres import get_read_engine

        from ckanext.lrtzc.explore.export.stream import stream
        from ckanext.lrtzc.explore.export.text import CsvWriter
        from ckanext.lrtzc.explore.export.writer import Options

        pool = get_read_engine().pool
        chunks = stream(opened(make_table()), CsvWriter, "x", Options())
        next(chunks)
        assert pool.checkedout() == 1
        chunks.close()
        assert pool.checkedout() == 0


class TestCost:
    def test_the_number_of_statements_does_not_grow(self, app, make_table):
        import sqlalchemy as sa
        from ckanext.datastore.backend.postgres import get_read_engine

        wide = [{"id": f"c{number}", "type": "int8" if number % 2 else "text"} for number in range(60)]
        many = make_table(fields=wide, records=[{"c0": str(number), "c1": number} for number in range(200)])
        few = make_table()
        counted = {}
        for name, resource in (("few", few), ("many", many)):
            for view in ("table", "stats", "chart"):
                said = []
                engine = get_read_engine()
                listen = lambda *arguments, said=said: said.append(arguments[2])  # noqa: E731
                sa.event.listen(engine, "before_cursor_execute", listen)
                try:
                    app.get(at(resource, view=view, **({"x": "c0"} if name == "many" and view == "chart" else {})))
                finally:
                    sa.event.remove(engine, "before_cursor_execute", listen)
                counted[name, view] = len(said)
        for view in ("table", "stats", "chart"):
            assert abs(counted["few", view] - counted["many", view]) <= 1
            assert counted["many", view] <= 8, counted

    def test_a_table_as_wide_as_the_database_allows(self, app, make_table):
        fields = [{"id": f"colonne {number}", "type": "text"} for number in range(1500)]
        resource = make_table(fields=fields, records=[{f"colonne {number}": "x" for number in range(1500)}])
        for end, values in (("", {}), ("", {"view": "stats"}), ("/columns", {}), ("/row/1", {}), ("/export.csv", {})):
            answer = app.get(at(resource, end, **values))
            assert answer.status_code == 200
        assert app.get(at(resource, "/export.csv")).data.decode().split("\r\n")[1].count("x") == 1500
        assert len(app.get(at(resource)).data) < 200_000
