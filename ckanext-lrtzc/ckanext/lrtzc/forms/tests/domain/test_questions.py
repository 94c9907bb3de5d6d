"""Questions are built row by row: what a page chooses is written as XLSForm, and what it doesn't speak of stays."""

import pytest

from ckanext.lrtzc.forms.domain import building, conditions, reading
from ckanext.lrtzc.forms.domain.building import BuildError
from ckanext.lrtzc.forms.domain.choosing import Option, options_of
from ckanext.lrtzc.forms.domain.conditions import Condition, ConditionError, Limits, Line, Sign
from ckanext.lrtzc.forms.domain.kinds import Kind
from ckanext.lrtzc.forms.domain.questions import QuestionError, new_question, question_of, save
from ckanext.lrtzc.forms.domain.sorts import SORTS
from ckanext.lrtzc.forms.domain.typed import typed_question
from ckanext.lrtzc.forms.domain.workbook import blank, read, same_meaning
from ckanext.lrtzc.forms.domain.xforms import xform_of
from ckanext.lrtzc.forms.tests.conftest import SURVEY, sheets

FR, EN = "Français (fr)", "English (en)"
NESTED = [
    ("type", "name", "label", "relevant", "calculation"),
    ("text", "first", "First", "", ""),
    ("begin group", "inside", "Inside", "", ""),
    ("integer", "count", "Count", "", ""),
    ("end group", "", "", "", ""),
    ("calculate", "double", "", "", "${count} * 2"),
]


def meant(workbook):
    return reading.look(workbook)[0]


def names(workbook):
    return [item.name for item in building.outline(workbook, meant(workbook))]


def added(workbook, code, after=None, **fields):
    """Give a workbook with one more question, as its page would add it."""
    definition = meant(workbook)
    question = new_question(workbook, definition, SORTS[code])
    given = {"label.0": code.title(), "label.1": code.title(), "option.0.label.0": "Un", "option.1.label.0": "Deux"}
    given |= {
        "group": question.group,
        "rows": "Ligne A\nLigne B",
        "calculation": "1 + 1" if code == "calculation" else "",
    }
    if question.options:
        given |= {f"option.{at}.name": option.name for at, option in enumerate(question.options)}
    given |= {"start": "0", "end": "10", "step": "1"} | {key.replace("__", "."): text for key, text in fields.items()}
    languages = building.languages_of(workbook, definition)
    typed = typed_question(given, question, languages, {})
    survey = workbook.sheet("survey")
    return save(workbook, definition, typed, after=len(survey.rows) + 1 if after is None else after)


class TestWhatIsOffered:
    def test_each_kind_is_added_reads_back_as_itself_and_the_converter_takes_them_all(self):
        workbook = blank("Essai", "essai", (FR, EN))
        for code in SORTS:
            workbook, row = added(workbook, code)
            item, question = question_of(workbook, meant(workbook), row)
            assert item.sort.code == code == question.sort.code
        errors = [fault for fault in reading.look(workbook)[1] if not fault.warning]
        # a group and a repeat were left empty
        assert not errors
        xform_of(workbook, "essai")

    def test_to_keep_a_question_without_a_change_changes_no_cell(self, shared_data):
        workbooks = [sheets(), sheets(NESTED), read(shared_data / "xlsform" / "xlsform_spec_test.xlsx")]
        kept = 0
        for workbook in workbooks:
            definition = meant(workbook)
            for item in building.outline(workbook, definition):
                if item.sort is None:
                    continue
                _item, question = question_of(workbook, definition, item.row)
                told = question.texts or any("image" in header for header in question.kept)
                if not question.sort.nesting and not question.calculation and not told:
                    with pytest.raises(QuestionError, match="no_text"):
                        save(workbook, definition, question, row=item.row)
                    continue
                changed, row = save(workbook, definition, question, row=item.row)
                assert row == item.row
                assert same_meaning(workbook, changed), item
                kept += 1
        assert kept > 40

    def test_what_the_page_doesnt_speak_of_stays_in_its_cell(self):
        workbook = sheets([(*SURVEY[0], "media::audio", "bind::odk:length"), (*SURVEY[1], "a.mp3", "12")])
        _item, question = question_of(workbook, meant(workbook), 2)
        assert question.kept == {"media::audio": "a.mp3", "bind::odk:length": "12"}
        question.texts[("label", EN)] = "The street"
        changed, _row = save(workbook, meant(workbook), question, row=2)
        assert changed.sheet("survey").rows[0][-2:] == ["a.mp3", "12"]
        assert changed.sheet("survey").rows[0][3] == "The street"


class TestOrder:
    def test_a_question_moves_line_by_line_into_groups_and_out_again(self):
        workbook = sheets(NESTED)
        workbook, row = building.move(workbook, meant(workbook), 2, down=True)
        assert names(workbook) == ["inside", "first", "count", "double"]
        assert building.outline(workbook, meant(workbook))[1].depth == 1
        for _step in range(3):
            workbook, row = building.move(workbook, meant(workbook), row, down=True)
        assert names(workbook) == ["inside", "count", "double", "first"]
        assert building.move(workbook, meant(workbook), row, down=True) == (workbook, row)

    def test_a_group_moves_with_what_stands_in_it_and_not_into_itself(self):
        workbook = sheets(NESTED)
        moved, _row = building.place(workbook, meant(workbook), 3, 1)
        assert names(moved) == ["inside", "count", "first", "double"]
        with pytest.raises(BuildError):
            building.place(workbook, meant(workbook), 3, 4)

    def test_a_copy_gets_names_of_its_own_which_it_speaks_of(self):
        rows = [*NESTED[:4], ("text", "why", "Why of ${count}?", "${count} > 2", ""), *NESTED[4:]]
        workbook, row = building.duplicate(sheets(rows), meant(sheets(rows)), 3)
        assert names(workbook) == ["first", "inside", "count", "why", "inside_2", "count_2", "why_2", "double"]
        why = workbook.sheet("survey").rows[row]
        assert why[2:4] == ["Why of ${count_2}?", "${count_2} > 2"]
        assert not [fault for fault in reading.look(workbook)[1] if not fault.warning]

    def test_to_take_a_question_away_is_told_to_those_that_speak_of_it(self):
        workbook = sheets(NESTED)
        items = building.outline(workbook, meant(workbook))
        assert [item.name for item in building.users_of(items, {"count"})] == ["double"]
        assert names(building.remove(workbook, meant(workbook), 3)) == ["first", "double"]
        assert names(workbook) == ["first", "inside", "count", "double"]

    def test_a_new_name_is_followed_by_all_that_speaks_of_it(self):
        workbook = sheets(NESTED)
        _item, question = question_of(workbook, meant(workbook), 4)
        question.name = "trees"
        changed, _row = save(workbook, meant(workbook), question, row=4)
        assert changed.sheet("survey").rows[4][4] == "${trees} * 2"


class TestConditions:
    KINDS = {"n": Kind.INTEGER, "d": Kind.DATE, "c": Kind.ONE, "m": Kind.MANY, "t": Kind.TEXT, "p": Kind.POINT}

    def test_what_is_chosen_is_written_and_read_back(self):
        lines = (
            Line("n", Sign.LEAST, "-2.5"), Line("d", Sign.LESS, "2024-12-31"), Line("d", Sign.MOST, "today"),
            Line("c", Sign.IS, "bad"), Line("m", Sign.HAS, "a"), Line("m", Sign.LACKS, "b"),
            Line("t", Sign.NOT, 'say "yes"'), Line("t", Sign.IS, "l'orme"), Line("p", Sign.FILLED),
            Line("n", Sign.EMPTY),
        )  # fmt: skip
        for every in (True, False):
            condition = Condition(lines, every)
            assert conditions.condition_of(conditions.written(condition, self.KINDS), self.KINDS) == condition

    @pytest.mark.parametrize(
        "expression",
        [
            "${n} + 1 > 2", "${n} > 2 and (${c} = 'a' or ${c} = 'b')", "${c} = ${t}", "count(${m}) > 1", "${gone} = 1",
            "${n} = 'two'", "not(${c} = 'a')", "${c} =", "${t} > 3", "selected(${c}, 'a')", "'a' = ${c}",
        ],
    )  # fmt: skip
    def test_what_lines_cant_say_stays_as_it_was_typed(self, expression):
        assert conditions.condition_of(expression, self.KINDS) == Condition(expression=expression)

    def test_values_that_arent_of_the_questions_kind_are_refused(self):
        for line, code in [
            (Line("n", Sign.IS, "two"), "not_number"),
            (Line("d", Sign.IS, "31/12/2024"), "not_day"),
            (Line("t", Sign.IS, "'\""), "both_marks"),
            (Line("t", Sign.IS, " "), "no_value"),
            (Line("p", Sign.IS, "1"), "not_comparable"),
            (Line("gone", Sign.FILLED), "no_question"),
        ]:
            with pytest.raises(ConditionError) as error:
                conditions.written(Condition((line,)), self.KINDS)
            assert error.value.code == code

    def test_limits_are_written_and_read_back_and_others_are_left(self):
        for limits, kind in [
            (Limits("0", "12.5"), Kind.DECIMAL),
            (Limits("2024-01-01", "today"), Kind.DATE),
            (Limits(longest="80", pattern="[0-9]{5}"), Kind.TEXT),
        ]:
            assert conditions.limits_of(conditions.written_limits(limits, kind), kind) == limits
        for other in (". > 0", ". >= ${n}", ". >= 1 or . <= 0", ". != 3"):
            assert conditions.limits_of(other, Kind.INTEGER) is None


class TestChoices:
    def test_choices_keep_their_order_and_what_else_their_rows_say(self):
        workbook = sheets(choices=[("list_name", "name", "label", "region"), ("state", "good", "Bon", "a"),
                                   ("state", "bad", "Mauvais", "b")])  # fmt: skip
        _item, question = question_of(workbook, meant(workbook), 3)
        good, bad = question.options
        question.options = [bad, Option(None, "", {FR: "Très mauvais"}), good]
        changed, _row = save(workbook, meant(workbook), question, row=3)
        assert [option.name for option in options_of(changed, "state")] == ["bad", "tres_mauvais", "good"]
        assert changed.sheet("choices").rows[0][3] == "b"

    def test_a_shared_list_is_parted_when_asked(self):
        workbook = sheets([*SURVEY, ("select_one state", "again", "Encore", "Again", "", "", "", "")])
        row = len(SURVEY) + 1
        _item, question = question_of(workbook, meant(workbook), row)
        question.own, question.options = True, question.options[:1]
        changed, _row = save(workbook, meant(workbook), question, row=row)
        assert [option.name for option in options_of(changed, "state")] == ["good", "bad"]
        assert [option.name for option in options_of(changed, "again")] == ["good"]
        assert meant(changed).named("again").list == "again"

    @pytest.mark.parametrize(
        ("fields", "error"),
        [
            ({"option__0__label__0": "", "option__1__label__0": ""}, ("no_choices", "")),
            ({"option__0__name": "a b"}, ("bad_choice_name", "a b")),
            ({"option__0__name": "a", "option__1__name": "a"}, ("same_choice_name", "a")),
        ],
    )
    def test_choices_that_cant_be_are_refused(self, fields, error):
        with pytest.raises(QuestionError) as refused:
            added(sheets(), "one", **fields)
        assert refused.value.errors == {"choices": error}


class TestWrong:
    def test_all_that_is_wrong_is_said_at_once_and_nothing_is_written(self):
        workbook = sheets()
        before = workbook.as_dict()
        with pytest.raises(QuestionError) as refused:
            added(workbook, "integer", name="street", label__0="", label__1="", least="many")
        assert set(refused.value.errors) == {"name", "label", "limits"}
        assert workbook.as_dict() == before

    def test_hostile_labels_stand_as_they_are_and_names_are_made_of_what_can_be_one(self, shared_data):
        import json

        from ckanext.lrtzc.forms.domain.workbook import clean

        workbook = blank("Essai", "essai", (FR,))
        texts = json.loads((shared_data / "hostile" / "blns.json").read_text())
        texts = [text for text in texts if clean(text) and "${" not in text][::40]
        for text in texts:
            workbook, row = added(workbook, "text", label__0=text)
            _item, question = question_of(workbook, meant(workbook), row)
            assert question.texts[("label", FR)] == clean(text)
        assert not [fault for fault in reading.look(workbook)[1] if not fault.warning]

    def test_a_language_is_added_once(self):
        workbook = building.add_language(sheets(), "Español (es)")
        assert building.languages_of(workbook, meant(workbook)) == [FR, EN, "Español (es)"]
        for language in ("es", " ", "a::b"):
            with pytest.raises(BuildError):
                building.add_language(workbook, language)
