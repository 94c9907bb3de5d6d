"""Answers that a device kept while there was no network: sent once; and what follows from answers, as one writes."""

import re
from uuid import uuid4

import pytest

from .test_forms import STREET, fill, hidden

pytestmark = [
    pytest.mark.usefixtures("rooms_db"),
    pytest.mark.ckan_config("ckanext.lrtzc.forms.soonest", "0"),
]


class TestKeptAnswers:
    def test_answers_of_one_page_are_told_apart_by_their_numbers_and_each_counts_once(self, app, make_form, rows):
        made = make_form()
        address = f"/form/{made.form['id']}"
        given = fill(app.get(address).body, **STREET)
        first, second = str(uuid4()), str(uuid4())
        followed = [
            app.post(f"{address}/send", data=given | {"kept": number, "q/street": street}).json["address"]
            for number, street in [(first, "Rue A"), (second, "Rue B"), (first, "Rue A")]
        ]
        assert followed[0] == followed[2] != followed[1]
        assert sorted(row["street"] for row in rows(made)) == ["Rue A", "Rue B"]
        assert app.get(followed[0]).status_code == 200
        other = app.post(f"{address}/send", data=given | {"kept": first, "q/street": "Rue C"}, expect_errors=True)
        assert (other.status_code, other.json["code"]) == (422, "used")

    def test_what_is_not_taken_says_why_and_nothing_is_stored(self, app, make_form, rows):
        made = make_form()
        address = f"/form/{made.form['id']}"
        given = fill(app.get(address).body, **STREET) | {"kept": str(uuid4())}

        def code(**changes):
            answer = app.post(f"{address}/send", data=given | changes, expect_errors=True)
            assert answer.status_code in (404, 422)
            assert answer.json["said"]
            return answer.json["code"]

        assert code(**{"q/height": "99"}) == "answers"
        assert code(**{"q/state": "bad"}) == "more"
        assert code(version="7") == "changed"
        assert code(token="x.y.z") == "forged"
        assert code(website="http://example.org") == "trapped"
        assert rows(made) == []
        gone = app.post("/form/none/send", data=given, expect_errors=True)
        assert (gone.status_code, gone.json["code"]) == (404, "no_form")

    def test_a_page_looked_through_keeps_the_number_of_what_was_kept(self, app, make_form, rows):
        made = make_form()
        address, number = f"/form/{made.form['id']}", str(uuid4())
        given = fill(app.get(address).body, **STREET) | {"kept": number}
        page = app.post(address, data=given | {"verb": "continue"}).body
        assert hidden(page, "kept") == number
        app.post(address, data=fill(page, **STREET) | {"kept": number})
        app.post(f"{address}/send", data=given)
        assert len(rows(made)) == 1

    def test_the_script_is_let_see_pages_of_forms_only(self, app, make_form):
        made = make_form()
        answer = app.get("/form/worker.js")
        assert answer.mimetype == "text/javascript"
        assert "Service-Worker-Allowed" not in answer.headers
        page = app.get(f"/form/{made.form['id']}").body
        assert "/form/worker.js" in page
        owner = make_form(openness="owner")
        assert app.get(f"/form/{owner.form['id']}/fresh", expect_errors=True).status_code == 403


class TestFollowing:
    def test_what_follows_from_answers_is_given_without_a_word_on_what_is_missing(self, app, make_form, rows):
        made = make_form()
        address = f"/form/{made.form['id']}"
        given = fill(app.get(address).body, street="", state="bad")
        piece = app.post(f"{address}/follow", data=given).body
        assert 'name="q/why"' in piece
        assert "<html" not in piece
        assert "error-message" not in piece
        assert 'name="q/why"' not in app.post(f"{address}/follow", data=given | {"q/state": "good"}).body
        assert rows(made) == []

    def test_a_node_that_says_the_same_bears_the_same_mark(self, app, make_form):
        made = make_form()
        address = f"/form/{made.form['id']}"
        page = app.get(address).body
        piece = app.post(f"{address}/follow", data=fill(page, street="Rue", state="bad")).body

        def marks(text):
            return dict(re.findall(r'data-key="([^"]+)" data-mark="([0-9a-f]+)"', text))

        assert marks(page).items() < marks(piece).items()

    def test_an_old_page_is_given_another_token_and_one_that_serves_keeps_its_own(self, app, make_form):
        made = make_form()
        address = f"/form/{made.form['id']}"
        token = hidden(app.get(address).body, "token")
        assert hidden(app.get(f"{address}/fresh?token={token}").body, "token") == token
        assert hidden(app.get(f"{address}/fresh?token=old").body, "token") not in ("", "old")
