"""What files say that choices come from, and which files the sheets name."""

import datetime as dt
import json

import pytest

from ckanext.lrtzc.forms.domain import answers, reading
from ckanext.lrtzc.forms.domain.tables import ROWS, TableError, Use, read_table, usable
from ckanext.lrtzc.forms.domain.workbook import Sheet, Workbook
from ckanext.lrtzc.forms.domain.xforms import xform_of

SURVEY = [
    (
        "type",
        "name",
        "label",
        "choice_filter",
        "calculation",
        "media::image::Français (fr)",
        "parameters",
        "appearance",
    ),
    ("select_one_from_file trees.csv", "tree", "Tree", "", "", "arbre.png", "", ""),
    ("select_one_from_file towns.geojson", "town", "Town", "", "", "", "value=code, label=nom", ""),
    ("calculate", "height", "", "", "pulldata('trees', 'height', 'name', ${tree})", "", "", ""),
    ("note", "told", "It is ${height} m high.", "", "", "", "", ""),
    ("select_one_external street", "street", "Street", "town = ${town}", "", "", "", ""),
    ("select_one state", "state", "State", "", "", "", "", ""),
]
CHOICES = [("list_name", "name", "label", "image", "audio"), ("state", "good", "Good", "good.png", "good.mp3")]
STREETS = [
    ("list_name", "name", "label", "town"),
    ("street", "a", "Rue A", "17300"),
    ("street", "b", "Rue B", "17000"),
]
TREES = b"name,label,height\noak,Ch\xc3\xaane,25\nelm,Orme,30\n"
TOWNS = json.dumps(
    {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"code": code, "nom": name, "people": 1},
                "geometry": {"type": "Point", "coordinates": [-1.15, 46.16]},
            }
            for code, name in (("17300", "La Rochelle"), ("17000", "Périgny"))
        ],
    }
).encode()
NOW = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)


def sheet(name, rows):
    return Sheet(name, list(rows[0]), [list(row) for row in rows[1:]])


def workbook(survey=SURVEY, choices=CHOICES, external=STREETS):
    return Workbook([sheet("survey", survey), sheet("choices", choices), sheet("external_choices", external)])


def tables():
    return {"trees.csv": read_table("trees.csv", TREES), "towns.geojson": read_table("towns.geojson", TOWNS)}


class TestReading:
    def test_each_file_is_named_once_with_its_use_and_row(self):
        definition, faults = reading.look(workbook())
        assert [(one.name, one.use, one.sheet, one.row) for one in definition.files.values()] == [
            ("good.png", Use.IMAGE, "choices", 2),
            ("good.mp3", Use.AUDIO, "choices", 2),
            ("arbre.png", Use.IMAGE, "survey", 2),
            ("trees.csv", Use.DATA, "survey", 2),
            ("towns.geojson", Use.DATA, "survey", 3),
        ]
        assert not faults
        xform, itemsets = xform_of(workbook(), "x")
        assert "jr://file-csv/trees.csv" in xform
        assert "jr://images/arbre.png" in xform
        assert "Rue A" in itemsets

    def test_choices_and_values_come_from_the_files(self):
        definition, faults = reading.look(workbook(), tables())
        assert not [fault for fault in faults if not fault.warning]
        judged = answers.judge(
            definition, {"tree": ["elm"], "town": ["17300"], "street": ["a"]}, NOW, "fr", complete=True
        )
        assert not judged.refusals
        shown = {one.node.name: one for one in judged.shown}
        assert shown["tree"].choices == [("oak", "Chêne"), ("elm", "Orme")]
        assert shown["tree"].media == {"image": "arbre.png"}
        assert shown["town"].choices[0] == ("17300", "La Rochelle")
        assert shown["street"].choices == [("a", "Rue A")]
        assert shown["state"].beside == {"good": {"image": "good.png", "audio": "good.mp3"}}
        assert shown["told"].label == "It is 30 m high."
        assert judged.values["height"] == "30"
        wrong = answers.judge(definition, {"tree": ["ash"], "town": ["17300"], "street": ["b"]}, NOW, complete=True)
        assert {key: one.code for key, one in wrong.refusals.items()} == {"tree": "not_choice", "street": "not_choice"}
        assert "height" not in wrong.values

    def test_long_lists_are_cut_but_what_was_chosen_stays(self):
        many = "name,label\n" + "\n".join(f"n{number},N {number}" for number in range(3_000))
        definition, faults = reading.look(
            workbook([SURVEY[0], SURVEY[1]]), {"trees.csv": read_table("trees.csv", many.encode())}
        )
        assert "long_list" in {fault.code for fault in faults if fault.warning}
        (one,) = answers.judge(definition, {"tree": ["n2999"]}, NOW, complete=True).shown
        assert (len(one.choices), one.left, one.choices[-1][0]) == (1_001, 2_000, "n2999")

    @pytest.mark.parametrize(
        ("row", "code"),
        [
            (("select_one_from_file trees.pdf", "a", "A", "", "", "", "", ""), "bad_file_end"),
            (("select_one_from_file ../trees.csv", "a", "A", "", "", "", "", ""), "bad_file_name"),
            (("select_one_from_file trees.csv", "a", "A", "", "", "", "value=code", ""), "no_file_column"),
            (("select_one_from_file trees.csv", "a", "A", "", "", "", "value=label", ""), None),
            (("text", "a", "A", "", "pulldata(${a}, 'x', 'y', 'z')", "", "", ""), "no_file_word"),
            (("text", "a", "A", "", "pulldata('trees', 'x')", "", "", ""), "arguments"),
            (("text", "a", "A", "", "", "${b}.png", "", ""), "bad_file_name"),
            (("text", "a", "A", "", "", "x" * 101, "", ""), "bad_file_name"),
            (("select_one_external nothing", "a", "A", "x = 1", "", "", "", ""), "unknown_list"),
        ],
    )
    def test_what_is_wrong_is_said_with_its_row(self, row, code):
        found = [one for one in reading.look(workbook([SURVEY[0], row]), tables())[1] if not one.warning]
        assert [(one.code, one.row) for one in found if one.code != "circle"] == ([(code, 2)] if code else [])
        assert all(one.sentence() for one in found)

    def test_a_choice_whose_value_holds_spaces_is_refused(self):
        spaced = {"trees.csv": read_table("trees.csv", b"name,label\na b,AB\n")}
        assert "bad_file_choice" in {one.code for one in reading.look(workbook([SURVEY[0], SURVEY[1]]), spaced)[1]}


class TestTables:
    @pytest.mark.parametrize("sign", [",", ";", "\t"])
    def test_csv_is_read_whatever_parts_it(self, sign):
        content = f'\ufeffname{sign}label\noak{sign}"Chêne{sign} grand"\n\n'.encode()
        table = read_table("trees.csv", content)
        assert table.rows == ({"name": "oak", "label": f"Chêne{sign} grand".strip()},)

    def test_xml_and_geojson_are_rows_too(self):
        xml = b"<root><item><name>oak</name><label>Ch&#234;ne</label></item><item/></root>"
        assert read_table("trees.xml", xml).rows == ({"name": "oak", "label": "Chêne"},)
        table = read_table("towns.geojson", TOWNS)
        assert (table.value, table.label) == ("id", "title")
        assert table.rows[0] == {
            "code": "17300",
            "nom": "La Rochelle",
            "people": "1",
            "geometry": "46.16 -1.15 0 0",
        }

    def test_a_value_is_pulled_from_the_first_row_that_has_the_key(self):
        table = read_table("t.csv", b"k,v\na,1\na,2\n,3\n")
        assert (table.pulled("v", "k", "a"), table.pulled("v", "k", "b"), table.pulled("v", "k", "")) == ("1", "", "")
        assert table.pulled("nothing", "k", "a") == ""

    @pytest.mark.parametrize(
        ("name", "content", "code"),
        [
            ("t.csv", b"", "no_rows"),
            ("t.csv", b"name,label\n", "no_rows"),
            ("t.csv", "name\nchêne".encode("latin-1"), "not_utf8"),
            ("t.csv", b'name\n"never closed', "not_table"),
            ("t.csv", b"name\n" + b"a\n" * (ROWS + 1), "too_many_rows"),
            ("t.csv", (",".join(f"c{n}" for n in range(200)) + "\n" + "1," * 199 + "1").encode(), "too_many_rows"),
            ("t.geojson", b"{}", "not_table"),
            ("t.geojson", b"[" * 100_000, "not_table"),
            ("t.geojson", b'{"features": [1]}', "not_table"),
            ("t.geojson", b'{"features": [{"geometry": {"type": "Point", "coordinates": ["x"]}}]}', "not_table"),
            ("t.xml", b"<root>", "not_table"),
            ("t.xml", b'<!DOCTYPE r [<!ENTITY a "aaaa">]><r><i><name>&a;</name></i></r>', "not_table"),
        ],
    )
    def test_what_can_t_be_read_says_why(self, name, content, code):
        from ckanext.lrtzc.forms.domain.faults import Fault

        with pytest.raises(TableError) as refused:
            read_table(name, content)
        assert refused.value.code == code
        assert name in Fault(code, params=refused.value.params).sentence()

    def test_names_that_telephones_can_t_keep_are_refused(self):
        assert usable("Arbre 1.png")
        for name in ("", ".hidden", "a/b.png", "a\\b", "a\nb", "x" * 101, "${a}.png", 'a"b'):
            assert not usable(name)
