"""Lists that `search()` makes of a file, and rows that `instance()` looks into."""

import datetime as dt
import time

import pytest

from ckanext.lrtzc.forms.domain import answers, reading
from ckanext.lrtzc.forms.domain.tables import read_table
from ckanext.lrtzc.forms.domain.workbook import Sheet, Workbook
from ckanext.lrtzc.forms.domain.xforms import xform_of

NOW = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)
TREES = (
    "Code,nom,name_en,town,height,pict,sortby\n"
    "elm,Orme,Elm,Périgny,30,,2\n"
    "oak,Chêne,Oak,La Rochelle,25,oak.png,1\n"
    "oak,Chêne vert,Holm oak,Périgny,12,,3\n"
    "fir,,Fir,La Rochelle,40,,x\n"
).encode()
CHOICES = [
    ("list_name", "name", "label::fr", "label::en", "image"),
    ("trees", "code", "nom, town", "name_en", "pict"),
    ("trees", "99", "Aucun", "None", ""),
    ("state", "good", "Bon", "Good", ""),
]
HEADER = ("type", "name", "label", "appearance", "calculation", "choice_filter", "relevant")


def look(*rows, tables=None, choices=CHOICES):
    def sheet(name, lines):
        return Sheet(name, list(lines[0]), [list(line) for line in lines[1:]])

    filled = [(*row, *[""] * (len(HEADER) - len(row))) for row in rows]
    book = Workbook([sheet("survey", [HEADER, *filled]), sheet("choices", choices)])
    given = {"trees.csv": read_table("trees.csv", TREES)} if tables is None else tables
    return book, *reading.look(book, given)


def codes(faults):
    return [one.code for one in faults if not one.warning]


def offered(definition, language="fr", **fields):
    judged = answers.judge(definition, {key: [text] for key, text in fields.items()}, NOW, language, complete=True)
    return next(one for one in judged.shown if one.node.name == "tree"), judged


def value(calculation, tables=None, **fields):
    rows = [("text", name, name) for name in ("a", "b")]
    rows += [("csv-external", "trees", ""), ("select_one state", "state", "State")]
    _book, definition, faults = look(*rows, ("calculate", "c", "", "", calculation), tables=tables)
    assert not codes(faults)
    judged = answers.judge(definition, {key: [text] for key, text in fields.items()}, NOW, "en", complete=True)
    assert not judged.refusals
    return judged.values.get("c", "")


class TestSearch:
    def test_all_rows_are_offered_once_each_in_their_order_with_what_stands_as_it_is(self):
        book, definition, faults = look(("select_one trees", "tree", "Tree", "minimal search('trees')"))
        assert not faults
        shown, _judged = offered(definition)
        assert shown.choices == [
            ("oak", "Chêne (town: La Rochelle)"),
            ("elm", "Orme (town: Périgny)"),
            ("fir", "(town: La Rochelle)"),
            ("99", "Aucun"),
        ]
        assert dict(offered(definition, "en")[0].choices)["fir"] == "Fir"
        assert shown.beside == {"oak": {"image": "oak.png"}}
        assert {name: one.use.value for name, one in definition.files.items()} == {
            "trees.csv": "data",
            "oak.png": "image",
        }
        xform, _itemsets = xform_of(book, "x")
        assert "search('trees')" in xform

    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ("search('trees', 'contains', 'nom', 'R')", ["elm", "oak", "99"]),
            ("search('trees.csv', 'startsWith', 'nom,town', 'or')", ["elm", "99"]),
            ("search('trees', 'endswith', 'nom town', 'NY')", ["elm", "oak", "99"]),
            ("search('trees', 'matches', 'TOWN', ${town})", ["oak", "fir", "99"]),
            ("search('trees', 'matches', 'town', '')", ["99"]),
            ("search('trees', 'contains', '', '', 'town', ${town})", ["oak", "fir", "99"]),
            ("search('trees', 'contains', 'nom', concat('ch', 'ê'), 'town', 'périgny')", ["oak", "99"]),
        ],
    )
    def test_what_is_found_follows_the_answers(self, asked, found):
        _book, definition, faults = look(("text", "town", "Town"), ("select_one trees", "tree", "Tree", asked))
        assert not codes(faults)
        shown, judged = offered(definition, town="La Rochelle", tree=found[0])
        assert [name for name, _label in shown.choices] == found
        assert not judged.refusals
        wrong = {"elm", "fir", "oak"} - set(found)
        for name in wrong:
            assert offered(definition, town="La Rochelle", tree=name)[1].refusals["tree"].code == "not_choice"

    def test_a_text_says_the_choice_in_words(self):
        rows = [("select_multiple trees", "tree", "Tree", "search('trees')"), ("note", "told", "You saw ${tree}")]
        _book, definition, _faults = look(*rows)
        judged = answers.judge(definition, {"tree": ["elm", "oak"]}, NOW, "en", complete=True)
        assert judged.values["tree"] == "oak elm"
        assert judged.shown[1].label == "You saw Oak, Elm"

    @pytest.mark.parametrize(
        ("row", "code"),
        [
            (("select_one trees", "tree", "T", "search()"), "bad_search"),
            (("select_one trees", "tree", "T", "search("), "bad_search"),
            (("select_one trees", "tree", "T", "search('trees', 'contains')"), "bad_search"),
            (("select_one trees", "tree", "T", "search('trees', 'like', 'nom', 'a')"), "bad_search"),
            (("select_one trees", "tree", "T", "search(${tree})"), "bad_search"),
            (("select_one trees", "tree", "T", "search('trees', 'contains', concat('n'), 'a')"), "bad_search"),
            (("select_one trees", "tree", "T", "search('trees.xml')"), "bad_search"),
            (("select_one trees or_other", "tree", "T", "search('trees')"), "bad_search"),
            (("select_one trees", "tree", "T", "search('../trees')"), "bad_file_name"),
            (("select_one trees", "tree", "T", "search('trees', 'contains', 'no', 'a')"), "no_file_column"),
            (("select_one trees", "tree", "T", "search('trees', 'contains', 'nom', 'a', 'no', 'a')"), "no_file_column"),
            (("select_one trees", "tree", "T", "search('trees', 'matches', 'nom', ${no})"), "unknown_question"),
            (("select_one trees", "tree", "T", "search('trees', 'matches', 'nom', /data/a)"), "path"),
            (("select_one state", "tree", "T", "search('trees')"), "no_file_column"),
            (("select_one nothing", "tree", "T", "search('trees')"), "unknown_list"),
        ],
    )
    def test_what_is_wrong_is_said(self, row, code):
        _book, _definition, faults = look(row)
        assert code in codes(faults)
        assert {one.code for one in faults if not one.warning} <= {code, "bad_file_name"}
        assert all(one.sentence() and one.row for one in faults)

    def test_without_its_file_the_list_offers_what_stands_and_the_file_is_asked_for(self):
        _book, definition, faults = look(("select_one trees", "tree", "T", "search('trees')"), tables={})
        assert not faults
        assert list(definition.files) == ["trees.csv"]
        assert offered(definition)[0].choices == [("99", "Aucun")]

    def test_hostile_files_stay_texts_and_bounded(self):
        spaced = {"trees.csv": read_table("trees.csv", b"code,nom,name_en,town,pict\na b,x,y,z,../../etc/passwd\n")}
        _book, definition, faults = look(("select_one trees", "tree", "T", "search('trees')"), tables=spaced)
        assert set(codes(faults)) == {"bad_file_choice", "bad_file_name"}
        assert "passwd" not in "".join(definition.files)


class TestInstances:
    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ("instance('trees')/root/item[Code = ${a}]/nom", "Orme"),
            ("instance('trees')/root/item[${a} = Code]/height * 2", "60"),
            ("instance('trees')/root/item[Code = 'no']/nom", ""),
            ("instance('trees')/root/item[town = ${b} and height < 20]/nom", "Chêne vert"),
            ("instance('trees')/root/item[town = ${b}][2]/nom", "Chêne vert"),
            ("instance('trees')/root/item[position() = 3]/height", "12"),
            ("count(instance('trees')/root/item[town = 'La Rochelle'])", "2"),
            ("sum(instance('trees')/root/item/height)", "107"),
            ("join('-', instance('trees')/root/item[height > 26]/Code)", "elm-fir"),
            ("if(instance('trees')/root/item[Code = ${b}], 'yes', 'no')", "no"),
            ("instance('state')/root/item[name = ${state}]/label", "Bon"),
        ],
    )
    def test_rows_of_files_and_lists_are_looked_up(self, asked, found):
        assert value(asked, a="elm", b="Périgny", state="good") == found

    def test_conditions_and_filters_may_look_into_them_too(self):
        trees = "instance('trees')/root/item[Code = ${town}]"
        rows = [
            ("text", "town", "Town"),
            ("csv-external", "trees", ""),
            (
                "select_one_from_file list.csv",
                "tree",
                "T",
                "",
                "",
                f"{trees}/town = near",
            ),
            ("note", "told", "${tree}", "", "", "", "instance('list')/root/item[name = ${tree}]/near = 'Périgny'"),
        ]
        tables = {"trees.csv": read_table("trees.csv", TREES)}
        tables["list.csv"] = read_table("list.csv", "name,label,near\na,A,Périgny\nb,B,x\n".encode())
        book, definition, faults = look(*rows, tables=tables, choices=[CHOICES[0], CHOICES[-1]])
        assert not codes(faults)
        shown, judged = offered(definition, town="elm", tree="a")
        assert shown.choices == [("a", "A")]
        assert "told" in {one.node.name for one in judged.shown}
        assert "told" not in {one.node.name for one in offered(definition, town="fir", tree="b")[1].shown}
        xform, _itemsets = xform_of(book, "x")
        assert 'id="trees" src="jr://file-csv/trees.csv"' in xform

    def test_xml_is_looked_into_by_the_names_of_its_author(self):
        towns = b"<towns><t><code>1</code><n>A</n></t><t><code>2</code></t></towns>"
        tables = {"towns.xml": read_table("towns.xml", towns)}
        rows = [("xml-external", "towns", ""), ("calculate", "c", "", "", "instance('towns')/towns/t[code = 1]/n")]
        _book, definition, faults = look(*rows, tables=tables)
        assert not codes(faults)
        assert answers.judge(definition, {}, NOW, complete=True).values["c"] == "A"

    @pytest.mark.parametrize(
        ("asked", "code"),
        [
            ("instance('no')/root/item/a", "unknown_instance"),
            ("instance(${a})/root/item/a", "bad_instance"),
            ("instance('trees')", "bad_instance"),
            ("instance('trees')/root", "bad_instance"),
            ("instance('trees')/rows/item/nom", "bad_instance"),
            ("instance('trees')/root/item[. = 1]/nom", "bad_instance"),
            ("instance('trees')/root/item[instance('trees')/root/item/nom = nom]/nom", "bad_instance"),
            ("instance('trees')/root/item[position() > 1]/nom", "bad_instance"),
            ("instance('trees')/root/item[no = 1]/nom", "no_file_column"),
            ("instance('trees')/root/item/no", "no_file_column"),
            ("instance('trees')/root/item/nom/more", "path"),
            ("instance('trees')/root/item[nom = ${z}]/nom", "unknown_question"),
            ("instance('trees')/root/item[nom = 1", "expected"),
            ("nom", "unexpected"),
            ("instance('trees')/root/item[" + "(" * 100, "too_deep_expression"),
        ],
    )
    def test_what_cannot_be_looked_up_is_said(self, asked, code):
        _book, _definition, faults = look(("csv-external", "trees", ""), ("calculate", "c", "", "", asked))
        assert codes(faults) == [code]
        assert all(one.sentence() for one in faults)

    def test_many_look_ups_in_a_long_file_take_a_moment(self):
        long = "name,label\n" + "\n".join(f"n{number},N {number}" for number in range(20_000))
        rows = [("csv-external", "trees", ""), ("text", "a", "A")]
        asked = "instance('trees')/root/item[name = concat(${a}, '%s')]/label"
        rows += [("calculate", f"c{n}", "", "", asked % n) for n in range(50)]
        _book, definition, faults = look(*rows, tables={"trees.csv": read_table("trees.csv", long.encode())})
        assert not codes(faults)
        begun = time.perf_counter()
        judged = answers.judge(definition, {"a": ["n1"]}, NOW, complete=True)
        assert judged.values["c49"] == "N 149"
        assert time.perf_counter() - begun < 5
