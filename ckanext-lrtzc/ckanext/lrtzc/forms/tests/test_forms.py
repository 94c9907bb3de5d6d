"""A form feeds a dataset: made, opened, answered, followed, corrected, withdrawn; and all that must not get in."""

import datetime as dt
import json
import re
from html import unescape

import pytest

from .conftest import SURVEY, upload

pytestmark = [
    pytest.mark.usefixtures("rooms_db"),
    pytest.mark.ckan_config("ckanext.lrtzc.forms.soonest", "0"),
]


@pytest.fixture
def call():
    from ckan.tests.helpers import call_action

    return call_action


def hidden(page, name):
    return unescape(re.search(rf'name="{name}" value="([^"]*)"', page)[1])


def fill(page, **fields):
    """Give what a browser would send of a form's page."""
    return {
        "token": hidden(page, "token"),
        "version": hidden(page, "version"),
        "website": "",
        "verb": "send",
        **{f"q/{name}": value for name, value in fields.items()},
    }


STREET = {"street": "Rue des Ormes", "state": "", "height": "12", "place": "46.16, -1.15", "place@address": ""}


class TestAnswering:
    def test_an_answer_becomes_a_row_with_its_place(self, make_form, answer, rows, call):
        from ckanext.lrtzc.batches.proposal import table_of

        made = make_form()
        link = answer(made, height="12", state="good")
        (row,) = rows(made)
        assert row["street"] == "Rue des Ormes"
        assert row["height"] == 12
        assert row["state"] == "good"
        assert str(row["double"]).startswith("24")
        assert row["_geometry"]
        assert call("lrtzc_answer_show", {"user": ""}, answer=link)["state"] == "integrated"
        resource = call("resource_show", id=made.form["resource_id"])
        assert resource["datastore_active"]
        assert resource["name"] == "Arbres"
        state = table_of(resource["id"]).infos["state"]
        assert state["label"] == "État"
        assert "bad: Mauvais" in state["notes"]

    def test_many_answers_are_integrated_together(self, make_form, answer, rows, call):
        made = make_form()
        links = [answer(made, street=f"Rue {number}") for number in range(20)]
        found = rows(made)
        assert sorted(row["street"] for row in found) == sorted(f"Rue {number}" for number in range(20))
        assert {call("lrtzc_answer_show", {"user": ""}, answer=link)["state"] for link in links} == {"integrated"}
        assert len(rows(made)) == 20

    def test_what_breaks_a_rule_isnt_taken_and_says_where(self, make_form, answer, rows):
        import ckan.plugins.toolkit as tk

        made = make_form()
        with pytest.raises(tk.ValidationError) as error:
            answer(made, height="99", state="bad")
        assert set(error.value.error_dict) == {"height", "why"}
        assert rows(made) == []

    def test_hostile_texts_stand_in_the_table_as_they_were(self, make_form, answer, rows, shared_data):
        made = make_form()
        texts = json.loads((shared_data / "hostile" / "blns.json").read_text())
        texts = [text for text in texts if text.strip()][::25]
        for text in texts:
            answer(made, street=text)
        assert len(rows(made)) == len(texts)

    def test_a_correction_takes_the_place_and_a_withdrawal_leaves_nothing(self, make_form, answer, rows, call):
        import ckan.model as model
        import sqlalchemy as sa

        from ckanext.lrtzc.batches.model import Batch, Small

        made = make_form()
        link, other = answer(made), answer(made, street="Autre rue")
        rows(made)
        fields = {"street": "Rue corrigée", "place@address": "devant l'école"}
        assert call("lrtzc_answer_correct", {"user": ""}, answer=link, fields=fields)["state"] == "received"
        assert sorted(row["street"] for row in rows(made)) == ["Autre rue", "Rue corrigée"]
        assert call("lrtzc_answer_withdraw", {"user": ""}, answer=link)["state"] == "withdrawn"
        assert [row["street"] for row in rows(made)] == ["Autre rue"]
        call("lrtzc_answer_withdraw", {"user": ""}, answer=link)
        shown = call("lrtzc_answer_show", {"user": ""}, answer=link)
        assert shown["state"] == "withdrawn"
        assert shown["values"] == {}
        kept = model.Session.scalars(sa.select(Small.content))
        assert not any(b"corrig" in bytes(content) for content in kept)
        states = model.Session.scalars(
            sa.select(Batch.state).where(Batch.resource_id == made.form["resource_id"])
        ).all()
        assert sorted(states) == ["integrated", "withdrawn", "withdrawn"]
        assert call("lrtzc_answer_show", {"user": ""}, answer=other)["values"]["street"] == "Autre rue"

    def test_what_is_withdrawn_while_it_is_loaded_does_not_come_back(self, make_form, answer, rows, call, monkeypatch):
        from ckanext.lrtzc.batches import together

        made = make_form()
        link = answer(made)
        load = together._load

        def meanwhile(*args):
            monkeypatch.setattr(together, "_load", load)
            call("lrtzc_answer_withdraw", {"user": ""}, answer=link)
            return load(*args)

        monkeypatch.setattr(together, "_load", meanwhile)
        assert rows(made) == []

    def test_what_a_worker_left_when_it_was_killed_is_done_once(self, make_form, answer, rows, monkeypatch):
        from ckanext.lrtzc.batches import together

        made = make_form()
        answer(made), answer(made, street="Autre rue")

        class Killed(BaseException):
            pass

        def dies(*_args):
            raise Killed

        with monkeypatch.context() as patched:
            patched.setattr(together, "_done", dies)
            with pytest.raises(Killed):
                rows(made)
        assert len(rows(made, wait=False)) == 2
        answer(made, street="Une troisième")
        assert sorted(row["street"] for row in rows(made)) == ["Autre rue", "Rue des Ormes", "Une troisième"]


class TestWhoMayAnswer:
    def test_what_is_sent_twice_from_a_page_counts_once_even_at_the_same_instant(self, make_form, rows, at_once, call):
        from ckanext.lrtzc.forms.answering import Giver, accept
        from ckanext.lrtzc.forms.model import Form

        made = make_form()
        fields = {"street": ["Rue"], "place": ["46 -1"]}

        def send():
            return accept(Form.get(made.form["id"]), fields, "one page", Giver(), "fr").id

        assert len({send(), *at_once(send, send, send)}) == 1
        assert len(rows(made)) == 1

    def test_another_answer_from_a_page_that_was_used_isnt_lost_in_silence(self, make_form, answer):
        import ckan.plugins.toolkit as tk

        from ckanext.lrtzc.forms.tokens import page_token

        made = make_form()
        token = page_token(made.form["id"])
        assert answer(made, token) == answer(made, token)
        with pytest.raises(tk.ValidationError, match="already"):
            answer(made, token, street="Autre")

    def test_tokens_that_are_forged_or_of_another_form_are_refused(self, make_form, answer):
        import ckan.plugins.toolkit as tk

        from ckanext.lrtzc.forms.tokens import answer_token, page_token

        made, other = make_form(), make_form()
        for token in (page_token(other.form["id"]), "x.y.z", answer_token(made.form["id"])):
            with pytest.raises(tk.ValidationError):
                answer(made, token)

    def test_a_quota_holds_when_many_answer_at_once(self, make_form, rows, at_once, call):
        from ckanext.lrtzc.forms.answering import Giver, Refused, accept
        from ckanext.lrtzc.forms.model import Form

        made = make_form(quota=3)

        def send(number):
            return lambda: accept(
                Form.get(made.form["id"]), {"street": [str(number)], "place": ["46 -1"]}, str(number), Giver(), "fr"
            )

        done = at_once(*[send(number) for number in range(6)])
        assert sum(isinstance(one, Refused) for one in done) == 3
        assert len(rows(made)) == 3

    def test_dates_and_states_hold(self, make_form, answer, call):
        import ckan.plugins.toolkit as tk

        soon = (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).isoformat()
        past = (dt.datetime.now(dt.UTC) - dt.timedelta(days=1)).isoformat()
        for settings in ({"opens": soon}, {"closes": past}):
            with pytest.raises(tk.ValidationError):
                answer(make_form(**settings))
        made = make_form()
        call("lrtzc_form_close", {"user": made.editor["name"]}, form=made.form["id"])
        with pytest.raises(tk.ValidationError):
            answer(made)
        with pytest.raises(tk.ValidationError):
            answer(make_form(opened=False))

    def test_only_people_invited_answer_each_once(self, make_form, answer, call, rows):
        import ckan.plugins.toolkit as tk

        from ckanext.lrtzc.forms.model import Invitation
        from ckanext.lrtzc.forms.tokens import invitation_token

        made, other = make_form(openness="invited", once=True), make_form(openness="invited")
        for one in (made, other):
            context = {"user": one.editor["name"]}
            call("lrtzc_form_invite", context, form=one.form["id"], emails="a@example.org, B@example.org")
        first, second = (invitation_token(each.id) for each in Invitation.of_form(made.form["id"]))
        theirs = invitation_token(Invitation.of_form(other.form["id"])[0].id)
        answer(made, invitation=first)
        answer(made, invitation=second)
        for invitation in ("", first, theirs, "forged"):
            with pytest.raises(tk.ValidationError):
                answer(made, invitation=invitation)
        assert len(rows(made)) == 2

    def test_a_form_for_the_owner_is_answered_by_them_alone(self, make_form, answer):
        import ckan.plugins.toolkit as tk
        from ckan.tests import factories

        made = make_form(openness="owner")
        answer(made, user=made.editor["name"])
        for user in ("", factories.User()["name"]):
            with pytest.raises(tk.ValidationError):
                answer(made, user=user)


class TestMaking:
    def test_a_workbook_at_fault_is_refused_with_rows_and_nothing_is_made(self, make_form, call):
        import ckan.plugins.toolkit as tk

        made = make_form(opened=False)
        wrong = upload([*SURVEY[:2], ("select_one nothing", "x", "X", "", "${gone} = 1", "", "", "")])
        context = {"user": made.editor["name"]}
        with pytest.raises(tk.ValidationError) as error:
            call("lrtzc_form_create", context, id=made.dataset["id"], upload=wrong)
        said = " ".join(error.value.error_dict["upload"])
        assert "3" in said
        assert "nothing" in said
        assert "gone" in said
        assert len(call("lrtzc_form_list", context, id=made.dataset["id"])) == 1

    def test_a_form_with_personal_data_cannot_be_opened(self, make_form, call):
        import ckan.plugins.toolkit as tk

        survey = [(*SURVEY[0], "lrtzc:personal"), (*SURVEY[1], "yes")]
        made = make_form(survey, opened=False)
        with pytest.raises(tk.ValidationError, match="personal"):
            call("lrtzc_form_open", {"user": made.editor["name"]}, form=made.form["id"])

    def test_a_changed_form_keeps_its_table_and_widens_it(self, make_form, answer, rows, call):
        import ckan.plugins.toolkit as tk

        made = make_form()
        answer(made)
        rows(made)
        context = {"user": made.editor["name"]}
        with pytest.raises(tk.ValidationError):
            call("lrtzc_form_define", dict(context), form=made.form["id"], upload=upload())
        call("lrtzc_form_close", dict(context), form=made.form["id"])
        wider = [*SURVEY, ("text", "species", "Essence", "Species", "", "", "", "")]
        call("lrtzc_form_define", dict(context), form=made.form["id"], upload=upload(wider))
        call("lrtzc_form_open", dict(context), form=made.form["id"])
        answer(made, species="Orme")
        assert sorted(str(row["species"]) for row in rows(made)) == ["None", "Orme"]
        call("lrtzc_form_close", dict(context), form=made.form["id"])
        other = [SURVEY[0], ("integer", "street", "Rue", "Street", "", "", "", "")]
        call("lrtzc_form_define", dict(context), form=made.form["id"], upload=upload(other))
        with pytest.raises(tk.ValidationError, match="street"):
            call("lrtzc_form_open", dict(context), form=made.form["id"])

    def test_others_may_do_nothing_to_a_form(self, make_form, call):
        import ckan.plugins.toolkit as tk
        from ckan.tests import factories

        made = make_form()
        for user in ("", factories.User()["name"]):
            for action in ("show", "open", "close", "delete", "update"):
                with pytest.raises(tk.NotAuthorized):
                    tk.get_action(f"lrtzc_form_{action}")({"user": user}, {"form": made.form["id"]})
            with pytest.raises(tk.NotAuthorized):
                tk.get_action("lrtzc_form_list")({"user": user}, {"id": made.dataset["id"]})


class TestPages:
    def test_a_stranger_answers_follows_corrects_and_withdraws_without_a_script(self, app, make_form, rows):
        made = make_form()
        address = f"/form/{made.form['id']}"
        page = app.get(f"/en{address}").body
        assert "Why?" not in page
        assert "Street" in page
        wrong = app.post(address, data=fill(page, **STREET | {"street": ""}), expect_errors=True)
        assert wrong.status_code == 422
        assert 'href="#q-street-' in wrong.body
        more = app.post(address, data=fill(wrong.body, **STREET | {"state": "bad"})).body
        assert "Pourquoi" in more
        assert "Rue des Ormes" in more
        sent = app.post(address, data=fill(more, **STREET | {"state": "bad", "why": "<b>creux</b>"}), follow_redirects=False)  # fmt: skip  # noqa: E501
        assert sent.status_code == 303
        assert "/answer/" in sent.headers["Location"]
        link = re.search(r"/answer/[^?]+", sent.headers["Location"])[0]
        rows(made)
        page = app.get(f"/en{link}").body
        assert "it is in the dataset" in page
        assert "&lt;b&gt;creux" in page
        page = app.get(f"{link}/correct").body
        assert "<textarea" not in page
        assert 'value="Rue des Ormes"' in page
        app.post(f"{link}/correct", data=fill(page, **STREET | {"street": "Rue Neuve"}))
        assert [row["street"] for row in rows(made)] == ["Rue Neuve"]
        assert "retirée" in app.post(link).body
        assert rows(made) == []
        assert app.get("/answer/of-another", expect_errors=True).status_code == 404

    def test_programs_are_kept_out(self, app, make_form, rows, ckan_config, monkeypatch):
        made = make_form()
        address = f"/form/{made.form['id']}"
        page = app.get(address).body
        trapped = app.post(address, data=fill(page, **STREET) | {"website": "x"}, expect_errors=True)
        assert trapped.status_code == 422
        monkeypatch.setitem(ckan_config, "ckanext.lrtzc.forms.soonest", 30)
        hasty = app.post(address, data=fill(page, **STREET), expect_errors=True)
        assert hasty.status_code == 422
        assert "Rue des Ormes" in hasty.body
        assert rows(made) == []

    def test_repeats_are_added_and_taken_away(self, app, make_form):
        survey = [
            SURVEY[0],
            ("begin repeat", "tree", "Arbre", "Tree", "", "", "", ""),
            ("text", "name", "Nom", "Name", "", "", "", ""),
            ("end repeat", "", "", "", "", "", "", ""),
        ]
        made = make_form(survey)
        address = f"/form/{made.form['id']}"
        page = app.get(address).body
        one = {"tree[0]": "", "tree[0]/name": "Orme"}
        page = app.post(address, data=fill(page, **one) | {"verb": "add:tree:1"}).body
        assert 'name="q/tree[1]/name"' in page
        assert 'value="Orme"' in page
        two = one | {"tree[1]": "", "tree[1]/name": "Tilleul"}
        page = app.post(address, data=fill(page, **two) | {"verb": "remove:tree:0"}).body
        assert 'name="q/tree[1]/name"' not in page
        assert 'value="Tilleul"' in page

    def test_the_owner_makes_opens_and_downloads_a_form(self, app, make_form, call):
        from ckan.tests import factories

        from ckanext.lrtzc.forms.domain import workbook

        made = make_form(opened=False)
        token = factories.APIToken(user=made.editor["name"])["token"]
        signed = {"Authorization": token}
        manage = f"/form/{made.form['id']}/manage"
        assert app.get(manage, expect_errors=True).status_code == 404
        page = app.get(manage, headers=signed).body
        assert "Arbres" in page
        app.post(manage, data={"verb": "open"}, headers=signed)
        assert "Arbres" in app.get(f"/dataset/{made.dataset['name']}/forms", headers=signed).body
        assert f"/form/{made.form['id']}" in app.get(f"/dataset/{made.dataset['name']}").body
        got = app.get(f"/form/{made.form['id']}/form.xlsx", headers=signed)
        import io
        from pathlib import Path
        from tempfile import TemporaryDirectory

        with TemporaryDirectory() as folder:
            path = Path(folder) / "form.xlsx"
            path.write_bytes(io.BytesIO(got.data).getvalue())
            from ckanext.lrtzc.forms.tests.conftest import sheets

            assert workbook.same_meaning(workbook.read(path), sheets())
        wrong = app.post(
            manage,
            data={"verb": "settings", "title": "", "openness": "all", "quota": "-1", "opens": "never"},
            headers=signed,
            expect_errors=True,
        )
        assert wrong.status_code == 422
