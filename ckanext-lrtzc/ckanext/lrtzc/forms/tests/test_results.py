"""What was answered, told in figures to those who may read it; and to each what became of their own answers."""

import re

import pytest

from .conftest import SURVEY

pytestmark = pytest.mark.usefixtures("rooms_db")
SURVEY_MORE = [
    *SURVEY,
    ("select_multiple state", "seen", "Vu", "Seen", "", "", "", ""),
    ("date", "day", "Jour", "Day", "", "", "", ""),
]
SURVEY_SCALED = [
    (*SURVEY[0], "parameters"),
    *((*line, "") for line in SURVEY[1:4]),
    ("range", "tired", "Fatigue", "Tired", "", "", "", "", "start=1 end=5 step=1"),
    ("range", "half", "Par demi", "By halves", "", "", "", "", "start=0 end=1 step=0.5"),
    ("range", "long", "Note", "Mark", "", "", "", "", "start=0 end=100 step=1"),
    ("decimal", "width", "Largeur", "Width", "", "", "", "", ""),
    (*SURVEY[6], ""),
]


@pytest.fixture
def text(app):
    """Give what a page says, without its marks."""

    def text(address, **more):
        body = app.get(address, **more).body
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))

    return text


def signed(account):
    from ckan.tests import factories

    return {"Authorization": factories.APIToken(user=account["name"])["token"]}


class TestResults:
    def test_counts_shares_numbers_days_and_last_texts_are_told(self, app, text, make_form, answer, rows):
        made = make_form(SURVEY_MORE)
        address = f"/form/{made.form['id']}/results"
        assert "Pas encore de réponse" in text(f"/fr{address}") or "No answer yet" in text(address)
        answer(made, street="Rue A", state="good", seen="good bad", height="10", day="2024-05-01")
        answer(made, street="Rue B", state="good", seen="bad", height="12", day="2024-05-02")
        answer(made, street="Rue <b>C</b>", state="bad", why="Cassé", height="20")
        rows(made)
        said = text(f"/en{address}") + text(f"/en{address}?page=2")
        assert "3 answers are in the dataset" in said
        assert re.search(r"Good 2 66\.7 %", said)
        assert re.search(r"Bad 1 33\.3 %", said)
        assert re.search(r"several could be chosen.*Good 1 50 %.*Bad 2 100 %", said)
        assert "Mean: 14" in said
        assert "Median: 12" in said
        assert "1 May 2024 1" in said or "May 1, 2024 1" in said
        assert "3 answers have a place on the map" in said
        page = app.get(f"/en{address}").body + app.get(f"/en{address}?page=2").body
        assert "Rue &lt;b&gt;C&lt;/b&gt;" in page
        assert page.index("C&lt;/b&gt;") < page.index("Rue B") < page.index("Rue A")
        assert f"{made.form['resource_id']}/explore/export.geojson" in page

    def test_each_value_of_a_short_scale_has_its_bar_and_long_ones_are_cut_without_overlap(
        self, text, make_form, answer, rows
    ):
        made = make_form(SURVEY_SCALED)
        answer(made, tired="2", half="0.5", long="7", width="1.5")
        answer(made, tired="4", half="0.5", long="100", width="3.5")
        rows(made)
        address = f"/en/form/{made.form['id']}/results"
        said = text(address) + text(f"{address}?page=2")
        assert re.search(r"1 0 0 % 2 1 50 % 3 0 0 % 4 1 50 % 5 0 0 %", said)
        assert re.search(r"0 0 0 % 0\.5 2 100 % 1 0 0 %", said)
        assert re.search(r"0 to 9 1 50 %.* 90 to 99 0 0 % 100 1 50 %", said)
        assert re.search(r"1\.4 to less than 1\.6 1 50 %", said)

    def test_the_number_of_statements_is_the_same_for_more_answers(self, make_form, answer, rows):
        import sqlalchemy as sa
        from ckanext.datastore.backend.postgres import get_read_engine

        from ckanext.lrtzc.explore.api import reading, select
        from ckanext.lrtzc.forms.definitions import definition_of
        from ckanext.lrtzc.forms.domain.results import topics_of
        from ckanext.lrtzc.forms.model import Form
        from ckanext.lrtzc.forms.results import results

        made = make_form(SURVEY_MORE)
        asked = []

        def counted(count):
            for number in range(count):
                answer(
                    made, street=f"Rue {number}", state="good", height=str(1 + number), day="2024-05-01", seen="good"
                )
            rows(made)
            resource = {"id": made.form["resource_id"], "package_id": made.dataset["id"]}
            selection = select({"user": made.editor["name"]}, resource, ())
            topics = topics_of(definition_of(Form.get(made.form["id"])), "fr")
            engine = get_read_engine()
            with reading() as connection:
                asked.clear()
                sa.event.listen(engine, "before_cursor_execute", note)
                found = results(selection, connection, topics)
                sa.event.remove(engine, "before_cursor_execute", note)
            return found.answers, len(asked)

        def note(_connection, _cursor, statement, *_rest):
            asked.append(statement)

        assert counted(2) == (2, 3)
        assert counted(10) == (12, 3)

    def test_who_may_not_read_the_data_sees_no_result(self, app, make_form, answer, rows, call_as):
        made = make_form()
        answer(made)
        rows(made)
        call_as(made.editor, "package_patch", id=made.dataset["id"], private=True)
        address = f"/form/{made.form['id']}/results"
        assert app.get(address, expect_errors=True).status_code == 404
        assert app.get(address, headers=signed(made.editor)).status_code == 200
        assert app.get("/form/none/results", expect_errors=True).status_code == 404

    def test_a_draft_has_no_results(self, app, make_form):
        made = make_form(opened=False)
        address = f"/form/{made.form['id']}/results"
        assert app.get(address, headers=signed(made.editor), expect_errors=True).status_code == 404


class TestContributions:
    def test_each_sees_their_own_answers_with_what_became_of_them(self, app, text, make_form, answer, rows, call_as):
        from ckan.tests import factories

        made, someone, other = make_form(), factories.User(), factories.User()
        first = answer(made, user=someone["name"])
        second = answer(made, user=someone["name"], street="Autre rue")
        answer(made, user=other["name"], street="Rue d'un autre")
        rows(made)
        call_as(someone, "lrtzc_answer_withdraw", answer=second)
        mine = call_as(someone, "lrtzc_answer_list")
        assert {one["answer"]: one["state"] for one in mine["answers"]} == {first: "integrated", second: "withdrawn"}
        assert [one["open"] for one in mine["answers"] if one["answer"] == first] == [True]
        assert not mine["more"]
        page = app.get("/answers", headers=signed(someone)).body
        assert f"/answer/{first}/correct" in page
        assert f"/answer/{second}/correct" not in page
        assert app.get("/answers", follow_redirects=False).status_code in (302, 303)

    def test_a_stranger_has_no_list(self):
        import ckan.plugins.toolkit as tk

        with pytest.raises(tk.NotAuthorized):
            tk.get_action("lrtzc_answer_list")({"user": ""}, {})
