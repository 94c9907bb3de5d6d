"""What answers are worth, by the rules that definitions state."""

import contextlib
import datetime as dt
import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.lrtzc.forms.domain import answers, columns, places, reading, workbook, xforms
from ckanext.lrtzc.forms.domain.computing import Computing
from ckanext.lrtzc.forms.domain.expressions import ExpressionError, parse
from ckanext.lrtzc.forms.domain.faults import DefinitionError
from ckanext.lrtzc.forms.domain.functions import bounds
from ckanext.lrtzc.forms.domain.instances import build
from ckanext.lrtzc.forms.tests.conftest import CHOICES, SURVEY, sheets

NOW = dt.datetime(2024, 12, 31, 18, 30)
HEADER = ("type", "name", "label", "relevant", "constraint", "calculation", "required", "repeat_count", "choice_filter")


def definition(*rows, choices=CHOICES):
    padded = [(*row, *[""] * (len(HEADER) - len(row))) for row in rows]
    return reading.read_definition(sheets([HEADER, *padded], choices))[0]


def judged(form, complete=True, **fields):
    given_ = {key: value if isinstance(value, list) else [value] for key, value in fields.items()}
    return answers.judge(form, given_, NOW, "fr", complete=complete)


def computed(text, **fields):
    form = definition(*[("text", name, name) for name in fields] or [("text", "a", "A")])
    root = build(form, {}, 10)
    computing = Computing(form, root, lambda instance: fields.get(instance.key, ""), NOW, "fr")
    return computing.evaluate(parse(text, bounds), root)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3 - -1", 10.0),
        ("7 mod 3 = 1 and 7 div 2 = 3.5", True),
        ("not(false()) or unknownless", True),
        ("if(2 > 1, 'oui', 'non')", "oui"),
        ("concat('a', 1, true())", "a1true"),
        ("regex('17000', '[0-9]{5}')", True),
        ("regex('17000 La Rochelle', '[0-9]{5}')", False),
        ("selected('a bb', 'b')", False),
        ("selected('a bb', 'bb') and count-selected('a bb') = 2", True),
        ("selected-at('a b c', 1)", "b"),
        ("round(2.345, 2)", 2.35),
        ("round(-2.5)", -2.0),
        ("today() > date('2024-12-30')", True),
        ("format-date(today(), '%d/%m/%Y')", "31/12/2024"),
        ("today() - date('2024-12-01')", 30.0),
        ("date('2024-12-31') = today()", True),
        ("substr('bonjour', 1, 3)", "on"),
        ("coalesce('', 'b')", "b"),
        ("sum(1, 2, '3')", 6.0),
        ("'10' < '9'", False),
        ("'a' = 'a' and '1.0' != '1'", True),
        ("1 div 0", math.inf),
        ("string-length('é')", 1.0),
        ("translate('abc', 'ac', 'x')", "xb"),
    ],
)
def test_expressions_are_worth_what_xpath_says(text, value):
    assert computed(text.replace("unknownless", "true()")) == value


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("/data/a", "path"),
        ("../a = 1", "path"),
        ("instance('x')", "bad_instance"),
        ("instance('x')/root/item[. = 'a']", "bad_instance"),
        ("document('http://example.org')", "unknown_function"),
        ("__import__('os')", "unknown_function"),
        ("if(1, 2)", "arguments"),
        ("1 +", "cut"),
        ("(1", "expected"),
        ("a b", "unexpected"),
        ("${}", "unreadable"),
        ("(" * 90 + "1" + ")" * 90, "too_deep"),
        ("1 + " * 2000 + "1", "too_long"),
    ],
)
def test_what_cannot_be_computed_is_refused_with_its_reason(text, code):
    with pytest.raises(ExpressionError) as error:
        parse(text, bounds)
    assert error.value.code == code


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(ExpressionError):
        parse(text, bounds)


def test_a_pattern_never_takes_long():
    assert computed("regex(${a}, '(a+)+b')", a="a" * 5_000) is False


def test_an_answer_is_checked_calculated_and_bounded():
    form = reading.read_definition(sheets(SURVEY))[0]
    found = judged(form, street="Rue Verdière", state="good", height="12", place="46,16 -1,15")
    assert found.refusals == {}
    assert found.values == {
        "street": "Rue Verdière", "state": "good", "height": "12", "double": "24", "place": "46.16 -1.15",
    }  # fmt: skip
    wrong = judged(form, state="worse", height="60", place="91, 0")
    assert {key: refusal.code for key, refusal in wrong.refusals.items()} == {
        "street": "required", "state": "not_choice", "height": "constraint", "place": "not_point",
    }  # fmt: skip


def test_questions_that_do_not_concern_an_answer_are_neither_shown_nor_kept_nor_required():
    form = reading.read_definition(sheets(SURVEY))[0]
    good = judged(form, street="a", state="good", why="a trace of before", place="46, -1")
    assert "why" not in good.values
    assert "why" not in good.keys
    assert not good.refusals
    bad = judged(form, street="a", state="bad", place="46, -1")
    assert bad.refusals["why"].code == "required"
    assert "why" in bad.keys


def test_a_location_may_be_told_in_words():
    form = reading.read_definition(sheets(SURVEY))[0]
    found = judged(form, street="a", **{"place@address": "devant  la mairie"})
    assert not found.refusals
    assert found.values["place@address"] == "devant la mairie"


def test_repeats_see_their_own_answers_and_all_of_them_are_summed():
    form = definition(
        ("begin repeat", "tree", "Arbre"),
        ("integer", "girth", "Tour"),
        ("calculate", "radius", "", "", "", "${girth} div 2"),
        ("end repeat",),
        ("calculate", "total", "", "", "", "sum(${girth})"),
        ("note", "told", "En tout ${total}, ${tree_count}"),
        ("calculate", "tree_count", "", "", "", "count(${tree})"),
    )
    found = judged(form, **{"tree[0]/girth": "10", "tree[1]/girth": "30", "tree[9999]/girth": "1"})
    assert found.values["tree[0]/radius"] == "5"
    assert found.values["tree[1]/radius"] == "15"
    # a repeat that is asked for beyond the bound isn't one
    assert found.values["total"] == "40"
    row = columns.row_of(form, "1", "2024-01-01T00:00:00", {k: v for k, v in found.values.items() if "[9" not in k})
    assert json.loads(row["tree"]) == [{"girth": "10", "radius": "5"}, {"girth": "30", "radius": "15"}]
    assert "En tout 40" in next(one.label for one in found.shown if one.node.name == "told")


def test_a_repeat_is_counted_by_its_definition_and_choices_are_filtered():
    form = definition(
        ("integer", "how_many", "Combien"),
        ("begin repeat", "one", "Un", "", "", "", "", "${how_many}"),
        ("select_one town", "town", "Commune", "", "", "", "", "", "region = ${region}"),
        ("end repeat",),
        ("text", "region", "Région"),
        choices=[
            ("list_name", "name", "label", "region"),
            ("town", "lr", "La Rochelle", "17"),
            ("town", "n", "Niort", "79"),
        ],
    )
    found = judged(form, how_many="2", region="17", **{"one[0]/town": "lr", "one[1]/town": "n"})
    assert found.refusals["one[1]/town"].code == "not_choice"
    assert "one[0]/town" not in found.refusals
    assert len([one for one in found.shown if one.node.name == "one"]) == 2
    many = judged(form, how_many="1000000", region="17")
    assert len([one for one in many.shown if one.node.name == "one"]) == 100


def test_all_that_is_wrong_with_a_definition_is_said_with_its_row():
    faulty = sheets(
        [
            HEADER,
            ("begin group", "g", "G", "${nobody} = 1", "", "", "", "", ""),
            ("select_one towns", "a b", "A", "", "", "", "", "", ""),
            ("integre", "i", "I", "", "", "", "", "", ""),
            ("text", "g", "", "", "regex(., '(')", "", "", "", ""),
            ("calculate", "c", "", "", "", "${d} + 1", "", "", ""),
            ("calculate", "d", "", "", "", "${c} + 1", "", "", ""),
            ("rank", "photo", "Photo", "", "", "", "yes", "", ""),
        ]
    )
    with pytest.raises(DefinitionError) as error:
        reading.read_definition(faulty)
    found = {(fault.code, fault.row) for fault in error.value.faults}
    assert {
        ("unknown_question", 2), ("unknown_list", 3), ("bad_name", 3), ("unknown_type", 4), ("same_name", 5),
        ("bad_pattern", 5), ("not_asked_required", 8), ("never_ended", 2),
    } <= found  # fmt: skip
    assert any(code == "circle" for code, _row in found)
    for fault in error.value.faults:
        assert fault.sentence()


@given(st.lists(st.tuples(st.sampled_from(["text", "begin group", "end group", "note", "calculate", ""]), st.text(max_size=8), st.text(max_size=20)), max_size=12))  # fmt: skip  # noqa: E501
def test_any_sheet_is_read_or_refused(rows):
    try:
        form, _warnings = reading.read_definition(sheets([("type", "name", "calculation"), *rows]))
    except DefinitionError:
        return
    judged(form, complete=False)


def test_a_thousand_calculations_each_from_the_next_are_computed():
    rows = [("calculate", f"c{place}", "", "", "", f"${{c{place + 1}}} + 1") for place in range(900)]
    form = definition(*rows, ("integer", "c900", "Fin"))
    assert judged(form, c900="1").values["c0"] == "901"


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("46.16, -1.15", (46.16, -1.15)),
        ("46,16 -1,15", (46.16, -1.15)),
        ("46.16 -1.15 0 0", (46.16, -1.15)),
        ("46.16° N, 1.15° W", (46.16, -1.15)),
        ("46;-1", (46, -1)),
    ],
)
def test_coordinates_are_read_as_people_write_them(text, point):
    assert places.point(text) == point


def test_lines_and_areas_become_well_known_text():
    form = definition(("geoshape", "zone", "Zone"), ("geotrace", "way", "Chemin"))
    found = judged(form, zone="46 -1\n46.1 -1\n46.1 -1.1", way="46 -1; 46.1 -1")
    row = columns.row_of(form, "1", "2024-01-01T00:00:00", found.values)
    assert row["zone"] == "POLYGON ((-1 46, -1 46.1, -1.1 46.1, -1 46))"
    assert row["way"] == "LINESTRING (-1 46, -1 46.1)"
    assert columns.place_of(form) == columns.Place("zone", "wkt")
    assert judged(form, zone="46 -1\n46 -1").refusals["zone"].code == "not_area"


def test_hostile_texts_are_kept_as_texts(shared_data):
    form = definition(("text", "t", "T"), ("integer", "i", "I"), ("decimal", "d", "D"), ("date", "j", "J"), ("geopoint", "p", "P"))  # fmt: skip  # noqa: E501
    for text in json.loads((shared_data / "hostile" / "blns.json").read_text()):
        found = judged(form, t=text, i=text, d=text, j=text, p=text)
        assert "\0" not in found.values.get("t", "")
        found.values.get("t", "").encode()
        columns.row_of(form, "1", "2024-01-01T00:00:00", found.values)


def test_the_community_s_own_workbook_is_read_filled_and_written_unchanged_in_meaning(shared_data, tmp_path):
    first = workbook.read(shared_data / "xlsform" / "xlsform_spec_test.xlsx")
    form, warnings = reading.read_definition(first)
    assert warnings == []
    assert len(form.questions()) == 46
    assert form.languages == ("chinese", "english")
    copy = tmp_path / "copy.xlsx"
    copy.write_bytes(workbook.write(first))
    again = workbook.read(copy)
    assert workbook.same_meaning(first, again)
    assert xforms.xform_of(first, "spec") == xforms.xform_of(again, "spec")
    found = judged(form, skip_to_end="no", **{
        "everything/my_name": "Zoé", "everything/a_integer": "3", "everything/a_decimal": "4",
        "everything/repeat_test[0]/group_test/required_text": "x",
        "everything/repeat_test[0]/group_test/select_multiple_test": ["yes", "no"],
        "everything/repeat_test[0]/labeled_select_group/list-nolabel-test": "yes",
        "everything/repeat_test[1]/group_test/required_text": "y",
        "everything/repeat_test[1]/labeled_select_group/list-nolabel-test": "no",
    })  # fmt: skip
    assert {key: refusal.code for key, refusal in found.refusals.items()} == {
        "everything/a_decimal": "constraint",
        "everything/repeat_test[0]/group_test/select_multiple_test": "constraint",
    }
    assert "Zoé" in found.refusals["everything/repeat_test[0]/group_test/select_multiple_test"].said
    assert not judged(form, skip_to_end="yes").refusals


def test_what_is_no_workbook_is_refused(tmp_path):
    path: Path = tmp_path / "x.xlsx"
    path.write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(DefinitionError):
        workbook.read(path)
