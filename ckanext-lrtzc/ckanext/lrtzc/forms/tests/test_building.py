"""An owner builds a form by page: nothing typed is lost, nobody overwrites another, columns are spoken of before."""

import re
from html import unescape

import pytest

from .conftest import SURVEY

pytestmark = [
    pytest.mark.usefixtures("rooms_db"),
    pytest.mark.ckan_config("ckanext.lrtzc.forms.soonest", "0"),
]
REPEATED = [
    SURVEY[0],
    *(("text", f"q{number}", f"Question {number}", "", f"${{q{number - 1}}} != ''" if number else "", "", "", "")
      for number in range(200)),
]  # fmt: skip


@pytest.fixture
def building(app, make_form):
    """Give pages of a form that isn't open to its owner: `get`, `post` of what a page would send, `names`."""
    from types import SimpleNamespace

    from ckan.tests import factories

    from ckanext.lrtzc.forms.definitions import definition_of
    from ckanext.lrtzc.forms.model import Form

    def build(survey=SURVEY, **options):
        made = make_form(survey, **{"opened": False, **options})
        signed = {"Authorization": factories.APIToken(user=made.editor["name"])["token"]}
        base = f"/form/{made.form['id']}/build"

        def get(path="", code=200):
            page = app.get(f"/en{base}{path}", headers=signed, expect_errors=True)
            assert page.status_code == code
            return page.body

        def post(path="", code=303, **given):
            sent = {name.replace("__", "."): value for name, value in given.items()}
            page = app.post(f"/en{base}{path}", data=sent, headers=signed, follow_redirects=False, expect_errors=True)
            assert page.status_code == code, page.body[:2000]
            return page.body

        def names():
            return [node.name for node in definition_of(Form.get(made.form["id"])).walk()]

        def version():
            return str(Form.get(made.form["id"]).version)

        return SimpleNamespace(made=made, get=get, post=post, names=names, version=version, signed=signed)

    return build


def fields(page):
    """Give what a browser would send of the form of a question's page."""
    page = page[page.index('id="build-question"') : page.index('id="as-asked"')]
    found = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ('type="checkbox"' not in tag or " checked" in tag):
            found[name[1]] = unescape(value[1]) if value else ""
    for name, text in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>\n?(.*?)</textarea>', page, re.S):
        found[name] = unescape(text)
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        found[name] = unescape(chosen[1])
    return found


def queries(work):
    """Count the queries that some work makes; gives their number and what it gave."""
    import sqlalchemy as sa

    count = 0

    def note(*_args):
        nonlocal count
        count += 1

    sa.event.listen(sa.engine.Engine, "before_cursor_execute", note)
    try:
        given = work()
    finally:
        sa.event.remove(sa.engine.Engine, "before_cursor_execute", note)
    return count, given


class TestBuilding:
    def test_an_owner_builds_orders_and_opens_a_form_without_a_script(self, app, building, answer, rows):
        owner = building()
        asked = owner.post(code=200, verb="delete:3", version=owner.version())
        assert "“Why?” speaks of it" in asked
        assert "state" in owner.names()
        for row in (7, 6, 5, 4, 3, 2):
            owner.post(verb=f"delete:{row}", version=owner.version())
        assert owner.names() == []
        assert "No question yet" in owner.get()
        page = owner.get("/question?kind=one&after=1")
        sent = fields(page) | {"label.0": "État ?", "label.1": "State?"}
        more = fields(owner.post("/question", 200, **sent, go="option-add"))
        assert more["label.0"] == "État ?"
        more |= {"option.0.label.0": "Bon", "option.1.label.0": "Mauvais", "required": "yes"}
        assert "Mauvais" in owner.post("/question", 200, **more, go="look").split('id="as-asked"')[1]
        owner.post("/question", **more, go="save")
        page = owner.get(f"/question?kind=integer&after=2&version={owner.version()}")
        sent = fields(page) | {"label.0": "Hauteur ?", "name": "height", "least": "1", "most": "60"}
        more = fields(owner.post("/question", 200, **sent, go="line-add"))
        assert more["line.0.question"] == "etat"
        owner.post("/question", **(more | {"line.0.value": "bon"}), go="save")
        assert "“État ?” is “Bon”" in owner.get().replace("State?", "État ?")
        owner.post(verb="up:3", version=owner.version())
        assert owner.names() == ["height", "etat"]
        owner.post(verb="undo", version=owner.version())
        assert owner.names() == ["etat", "height"]
        app.post(f"/form/{owner.made.form['id']}/manage", data={"verb": "open"}, headers=owner.signed)
        assert "Close the form" in owner.get()
        answer(owner.made, etat="bon", height="12")
        (row,) = rows(owner.made)
        assert (row["etat"], row["height"]) == ("bon", 12)

    def test_what_cant_be_kept_is_shown_again_with_all_that_was_typed_and_why(self, building):
        owner = building()
        hostile = '"><script>alert(1)</script>${'
        sent = fields(owner.get("/question?row=3")) | {"label.0": hostile, "name": "street", "option.0.label.0": "<b>"}
        page = owner.post("/question", 422, **sent, go="save")
        assert "is taken by another question" in page
        assert fields(page) == {**sent, "seen": fields(page)["seen"]}
        assert "<script>alert" not in page
        circular = fields(owner.get("/question?row=6")) | {"calculation": "${double} + 1"}
        assert "depends on itself" in owner.post("/question", 422, **circular, go="save")
        unknown = fields(owner.get("/question?row=4")) | {"relevant": "${gone} = 1", "label.0": "Toujours là"}
        page = owner.post("/question", 422, **unknown, go="save")
        assert "gone" in page
        assert "Toujours là" in page
        assert owner.version() == "1"

    def test_the_second_of_two_editors_is_told_and_loses_nothing(self, building):
        owner = building()
        mine, theirs, other = (fields(owner.get(f"/question?row={row}")) for row in (2, 2, 5))
        owner.post("/question", **(theirs | {"label.0": "La rue"}), go="save")
        page = owner.post("/question", 409, **(mine | {"label.0": "Quelle rue"}), go="save")
        assert "La rue" in page
        assert fields(page)["label.0"] == "Quelle rue"
        # a question that the other didn't touch is kept, though rows have moved meanwhile
        owner.post(verb="down:2", version=owner.version())
        owner.post(verb="delete:5", version=owner.version(), sure="yes")
        assert owner.names() == ["state", "street", "why", "double", "place"]
        page = owner.post("/question", 409, **(other | {"label.0": "Taille"}), go="save")
        assert fields(page)["label.0"] == "Taille"
        owner.post("/question", **(fields(page) | {"name": "height"}), go="save")
        assert "height" in owner.names()
        stale = owner.post(code=409, verb="delete:2", version="1")
        assert "nothing of yours was done" in stale
        assert "state" in owner.names()

    def test_columns_are_spoken_of_before_a_question_with_answers_changes(self, app, building, answer, rows):
        from ckan.tests.helpers import call_action

        owner = building(opened=True)
        answer(owner.made)
        rows(owner.made)
        assert "Close the form" in owner.get()
        assert app.get(f"/form/{owner.made.form['id']}/build/question?row=2", headers=owner.signed).status_code == 200
        call_action("lrtzc_form_close", {"user": owner.made.editor["name"]}, form=owner.made.form["id"])
        sent = fields(owner.get("/question?row=2")) | {"sort": "integer"}
        page = owner.post("/question", 200, **sent, go="save")
        assert "values of another type" in page
        page = owner.post(code=200, verb="delete:2", version=owner.version())
        assert "keeps what was answered" in page
        renamed = fields(owner.get("/question?row=2")) | {"name": "road", "sure": "yes"}
        owner.post("/question", **renamed, go="save")
        assert "column road (text)" in owner.get()
        assert "<code>street</code>" in owner.get()

    def test_two_hundred_questions_stand_on_one_page_with_a_constant_number_of_queries(self, building):
        few, many = building(), building(REPEATED)
        few.get(), many.get()
        short, _page = queries(few.get)
        long, page = queries(many.get)
        assert page.count('class="build-item') == 200
        assert long == short
        many.post(verb="duplicate:101", version=many.version())
        assert many.names()[100] == "q99_2"

    def test_strangers_and_those_who_may_not_change_the_dataset_see_nothing(self, app, building):
        from ckan.tests import factories

        owner = building()
        other = {"Authorization": factories.APIToken(user=factories.User()["name"])["token"]}
        for headers in ({}, other):
            for path in ("/build", "/build/question?row=2"):
                page = app.get(f"/form/{owner.made.form['id']}{path}", headers=headers, expect_errors=True)
                assert page.status_code == 404

    def test_programs_give_sheets_under_a_version_and_bad_ones_change_nothing(self, building):
        import ckan.plugins.toolkit as tk
        from ckan.tests.helpers import call_action

        owner = building()
        context = {"user": owner.made.editor["name"]}
        form = owner.made.form["id"]
        sheets = [{"name": "survey", "header": ["type", "name", "label"], "rows": [["text", "a", "A\x00"]]}]
        for bad in ([], [{"name": "survey"}], [{"name": "s", "header": [], "rows": [[1]]}], "x", [None]):
            with pytest.raises(tk.ValidationError):
                call_action("lrtzc_form_build", dict(context), form=form, version=1, sheets=bad)
        with pytest.raises(tk.ValidationError) as error:
            call_action("lrtzc_form_build", dict(context), form=form, version=7, sheets=sheets)
        assert "version" in error.value.error_dict
        done = call_action("lrtzc_form_build", dict(context), form=form, version=1, sheets=sheets, said="Made")
        assert (done["version"], done["undo"]) == (2, "Made")
        assert owner.names() == ["a"]
        done = call_action("lrtzc_form_unbuild", dict(context), form=form, version=2)
        assert done["undone"] == "Made"
        assert len(owner.names()) == 6
        with pytest.raises(tk.ValidationError):
            call_action("lrtzc_form_unbuild", dict(context), form=form, version=3)
