"""What a query keeps of a table, and what the database says of it."""

import pytest

from ckanext.lrtzc.explore.tests.conftest import FIELDS, POINTS, ROWS, execute

pytestmark = pytest.mark.usefixtures("rooms_db")


def names(selection):
    from ckanext.lrtzc.explore.api import reading

    assert not selection.problems
    with reading() as connection:
        page = selection.page(connection, [selection.table["commune"]])
    return [row.values[0] for row in page.rows]


class TestFilters:
    @pytest.mark.parametrize(
        ("pairs", "expected"),
        [
            ([], ["La Rochelle", "Aytré", "Périgny", "Sainte-Soulle"]),
            ([("is.insee", "01407")], ["Sainte-Soulle"]),
            ([("not.commune", "Aytré")], ["La Rochelle", "Périgny", "Sainte-Soulle"]),
            ([("contains.commune", "ROCH")], ["La Rochelle"]),
            ([("contains.commune", "%")], []),
            ([("in.insee", "17300"), ("in.insee", "17028")], ["La Rochelle", "Aytré"]),
            ([("min.habitants", "9 000")], ["La Rochelle", "Aytré"]),
            ([("min.habitants", "9350,5"), ("max.habitants", "1e4")], ["Aytré"]),
            ([("max.part", "3.25")], ["Aytré", "Sainte-Soulle"]),
            ([("empty.part", "true")], ["Périgny"]),
            ([("empty.note", "true")], ["Périgny", "Sainte-Soulle"]),
            ([("empty.note", "false")], ["La Rochelle", "Aytré"]),
            ([("is.littoral", "oui")], ["La Rochelle", "Aytré"]),
            ([("from.jour", "20/02/2024")], ["Aytré", "Périgny"]),
            ([("to.jour", "2024-02-20")], ["La Rochelle", "Aytré", "Sainte-Soulle"]),
            ([("to.instant", "2024-02-20"), ("from.instant", "2024-02-20")], ["Aytré"]),
            ([("is.instant", "2024-02-20")], ["Aytré"]),
            ([("to.instant", "2024-02-20T12:00")], ["La Rochelle", "Sainte-Soulle"]),
            ([("to.instant", "9999-12-31")], ["La Rochelle", "Aytré", "Sainte-Soulle"]),
            ([("q", "port")], ["La Rochelle"]),
            ([("sort", "desc.habitants")], ["La Rochelle", "Aytré", "Périgny", "Sainte-Soulle"]),
            ([("sort", "asc.part")], ["Sainte-Soulle", "Aytré", "La Rochelle", "Périgny"]),
        ],
    )
    def test_each_keeps_its_rows(self, make_table, opened, pairs, expected):
        assert names(opened(make_table(), *pairs)) == expected

    @pytest.mark.parametrize("words", ["vélo", "vélos", "VÉLOS garés", "métros"])
    def test_french_endings_do_not_matter(self, make_table, opened, words):
        from ckanext.lrtzc.explore.api import reading

        fields = [{"id": "texte", "type": "text"}]
        resource = make_table(fields, [{"texte": "Abri à vélo garé"}, {"texte": "Métro, vélos garées"}])
        expected = 1 if words == "métros" else 2
        with reading() as connection:
            assert opened(resource, ("q", words)).count(connection)[0] == expected

    @pytest.mark.parametrize("words", ["AYTRE", "aytré", "aytre", "attache perigny OR aytre"])
    def test_accents_do_not_matter(self, make_table, opened, words):
        assert names(opened(make_table(), ("q", words))) == ["Aytré"]

    def test_a_table_from_before_is_searched_as_it_was_until_its_words_are_made_anew(self, make_table, opened):
        from ckanext.datastore.backend.postgres import identifier

        from ckanext.lrtzc.batches.renewing import renew_table

        resource = make_table(records=list(ROWS))
        table = identifier(resource["id"])
        execute(f"UPDATE {table} SET _full_text = to_tsvector('pg_catalog.french', commune)")
        assert names(opened(resource, ("q", "Périgny"))) == ["Périgny"]
        assert names(opened(resource, ("q", "soulle"))) == ["Sainte-Soulle"]
        renew_table(resource["id"])
        selection = opened(resource, ("q", "perigny"))
        assert selection.table.language == "french_unaccent"
        assert names(selection) == names(opened(resource, ("q", "PÉRIGNY"))) == ["Périgny"]
        assert names(opened(resource, ("q", "-perigny -rochelle"))) == ["Aytré", "Sainte-Soulle"]

    def test_geometry(self, make_table, opened):
        resource = make_table(points=POINTS)
        assert names(opened(resource, ("bbox", "-1.12,46.12,-1.08,46.17"))) == ["Aytré", "Périgny"]
        assert names(opened(resource, ("near", "-1.15,46.16,500"))) == ["La Rochelle"]
        assert names(opened(resource, ("near", "-1.15,46.16,4700"))) == ["La Rochelle", "Aytré"]

    @pytest.mark.parametrize(
        "value",
        [
            "'; DROP TABLE x; --",
            '") OR 1=1 --',
            "%s %(x)s {0} :x \\:y",
            "\\",
            "‮txet",
            "(a | b) & !c <-> 'd",
            "\U0001f600" * 9,
        ],
        ids=str.isascii,
    )
    def test_hostile_values_are_only_values(self, make_table, opened, value):
        resource = make_table(records=[*ROWS, {"commune": value, "note": value}])
        for operator in ("is", "contains", "in"):
            assert names(opened(resource, (f"{operator}.commune", value))) == [value]
        assert isinstance(names(opened(resource, ("q", value))), list)

    def test_hostile_column_names(self, make_table, opened):
        from ckanext.lrtzc.explore.api import reading

        wild = ["a%b(c)", "x:y", "'; drop", "é.è", "%(x)s", "a b", "{c}", "sort", "q"]
        resource = make_table(
            fields=[{"id": "commune", "type": "text"}, *({"id": name, "type": "int8"} for name in wild)],
            records=[{"commune": "x", **dict.fromkeys(wild, 5)}],
        )
        pairs = [(f"min.{name}", "4") for name in wild] + [("sort", f"desc.{name}") for name in wild[:5]]
        selection = opened(resource, *pairs)
        assert names(selection) == ["x"]
        with reading() as connection:
            assert selection.row(connection, 1) == ("x", *[5] * len(wild))

    def test_values_that_python_cannot_hold(self, make_table, opened):
        from ckanext.datastore.backend.postgres import identifier

        from ckanext.lrtzc.explore.api import reading

        resource = make_table(records=list(ROWS))
        table = identifier(resource["id"])
        execute(
            f"INSERT INTO {table} (commune, jour, instant, part) VALUES"
            " ('loin', '12000-01-01', 'infinity', 'NaN'), ('avant', '0044-03-15 BC', '-infinity', '1e400')"
        )
        selection = opened(resource)
        with reading() as connection:
            page = selection.page(connection, selection.columns())
        assert [row.values[5] for row in page.rows[-2:]] == ["12000-01-01", "0044-03-15 BC"]


class TestPages:
    def test_pages_follow_each_other_by_key(self, make_table, opened):
        from ckanext.lrtzc.explore.api import reading

        records = [{"commune": f"c{number:03}"} for number in range(60)]
        resource = make_table(fields=FIELDS[:1], records=records)
        seen, pairs = [], []
        for _ in range(4):
            selection = opened(resource, *pairs)
            with reading() as connection:
                page = selection.page(connection, selection.columns())
            assert (page.total, page.about) == (60, False)
            seen += [row.values[0] for row in page.rows]
            pairs = [("after", str(page.rows[-1].key))]
        assert not page.has_next
        assert seen == [record["commune"] for record in records]
        back = opened(resource, ("before", str(page.rows[0].key)))
        with reading() as connection:
            page = back.page(connection, back.columns())
        assert [row.values[0] for row in page.rows] == seen[30:45]
        assert page.has_previous

    def test_an_empty_table(self, make_table, opened):
        assert names(opened(make_table(records=[]))) == []

    def test_no_table_is_none(self, make_table, opened):
        assert opened({"id": "00000000-0000-0000-0000-000000000000"}) is None

    def test_dictionary_is_read(self, make_table, opened):
        table = opened(make_table()).table
        assert (table["habitants"].title, table["habitants"].unit) == ("Population", "habitants")
        assert not table.has_geometry
        assert opened(make_table(points={})).table.has_geometry


class TestStatistics:
    def test_figures_are_exact_on_small_tables(self, make_table, opened):
        from ckanext.lrtzc.explore.api import reading
        from ckanext.lrtzc.explore.statistics import statistics

        selection = opened(make_table(points=POINTS))
        with reading() as connection:
            found = statistics(selection, connection, selection.columns())
        assert (found.rows, found.about, found.sampled) == (4, False, False)
        by_name = {item.column.id: item for item in found.columns}
        habitants = by_name["habitants"]
        assert (habitants.low, habitants.high, habitants.missing, habitants.distinct) == (8787, 79851, 1, 3)
        assert habitants.mean == pytest.approx(32663)
        assert habitants.median == 9351
        assert sum(habitants.bins) == 3
        assert by_name["note"].missing == 2
        assert by_name["littoral"].top == (("false", 2), ("true", 2))
        assert by_name["jour"].bins[0] == 1

    def test_odd_numbers_are_left_aside(self, make_table, opened):
        from ckanext.datastore.backend.postgres import identifier

        from ckanext.lrtzc.explore.api import reading
        from ckanext.lrtzc.explore.statistics import statistics

        resource = make_table(records=list(ROWS))
        execute(
            f"INSERT INTO {identifier(resource['id'])} (part, jour, instant) VALUES ('NaN', 'infinity', 'infinity'),"
            " ('1e400', '-infinity', '294276-12-31')"
        )
        selection = opened(resource)
        with reading() as connection:
            found = statistics(selection, connection, selection.columns())
        assert found.columns[3].high == 12.5

    def test_empty_selection(self, make_table, opened):
        from ckanext.lrtzc.explore.api import reading
        from ckanext.lrtzc.explore.statistics import statistics

        selection = opened(make_table(), ("is.commune", "nowhere"))
        with reading() as connection:
            found = statistics(selection, connection, selection.columns())
        assert found.rows == 0


class TestCharts:
    @staticmethod
    def draw(selection):
        from ckanext.lrtzc.explore.api import reading
        from ckanext.lrtzc.explore.charting import figures

        assert not selection.problems
        with reading() as connection:
            return figures(selection, connection, selection.query.chart)

    def test_sum_by_category(self, make_table, opened):
        found = self.draw(
            opened(make_table(), ("view", "chart"), ("x", "littoral"), ("y", "habitants"), ("agg", "sum"))
        )
        assert [(datum.x, datum.value) for datum in found.data] == [(True, 89202), (False, 8787)]

    def test_by_month_and_colour(self, make_table, opened):
        found = self.draw(
            opened(make_table(), ("view", "chart"), ("x", "instant"), ("unit", "month"), ("colour", "littoral"))
        )
        assert [(datum.x and datum.x[:7], datum.series, datum.value) for datum in found.data] == [
            ("2023-12", "false", 1),
            ("2024-01", "true", 1),
            ("2024-02", "true", 1),
            (None, "false", 1),
        ]

    def test_classes_have_round_bounds(self, make_table, opened):
        found = self.draw(opened(make_table(), ("view", "chart"), ("x", "habitants"), ("bins", "5")))
        assert found.classes.bounds(0) == (0, 20000)
        assert [(datum.x, datum.value) for datum in found.data] == [(0, 2), (3, 1), (None, 1)]

    def test_points(self, make_table, opened):
        found = self.draw(opened(make_table(), ("view", "chart"), ("mark", "point"), ("x", "part"), ("y", "habitants")))
        assert sorted((datum.x, datum.value) for datum in found.data) == [(3.25, 9351), (12.5, 79851)]

    def test_long_tails_are_counted(self, make_table, opened):
        records = [{"commune": f"c{number}"} for number in range(40)]
        found = self.draw(opened(make_table(fields=FIELDS[:1], records=records), ("view", "chart"), ("x", "commune")))
        assert (len(found.data), found.left_out) == (30, 10)
