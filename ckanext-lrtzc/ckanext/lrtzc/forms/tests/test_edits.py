"""Telephones say an answer anew: by whom, once, in order, and what must not get in."""

import pytest

from .conftest import SURVEY, basic, instance, picture

pytestmark = [
    pytest.mark.usefixtures("rooms_db"),
    pytest.mark.ckan_config("ckanext.lrtzc.forms.soonest", "0"),
]
ACCOUNT = "/openrosa/account"
PHOTO = [*SURVEY, ("image", "photo", "Photo", "Photo", "", "", "", "")]


@pytest.fixture
def account():
    """Give a new account as a telephone tells it."""
    from ckan.tests import factories

    return lambda: basic(factories.User())


class TestEditing:
    def test_an_edit_takes_the_answer_s_place_once_however_often_it_is_sent(self, send, make_form, rows, account):
        made, me = make_form(), account()
        first = instance(made, "uuid:1")
        second = instance(made, "uuid:2", replaces="uuid:1", street="Rue des Lilas")
        third = instance(made, "uuid:3", replaces="uuid:2", street="Rue des Tilleuls")
        assert send(second, ACCOUNT, me)[0] == 404
        assert send(first, ACCOUNT, me)[0] == 201
        rows(made)
        assert [send(second, ACCOUNT, me)[0] for _again in range(2)] == [201, 201]
        (row,) = rows(made)
        assert row["street"] == "Rue des Lilas"
        number = row["answer"]
        assert send(third, ACCOUNT, me)[0] == 201
        # whatever a telephone sends late or again brings nothing back
        assert [send(xml, ACCOUNT, me)[0] for xml in (first, second, third)] == [201, 201, 201]
        (row,) = rows(made)
        assert (row["street"], row["answer"]) == ("Rue des Tilleuls", number)
        assert send(third.replace("Tilleuls", "Chênes"), ACCOUNT, me)[0] == 409
        status, said = send(instance(made, "uuid:4", replaces="uuid:1"), ACCOUNT, me)
        assert status == 409
        assert "corrected since" in said or "corrigée" in said
        assert len(rows(made)) == 1

    def test_nobody_edits_what_another_answered(self, send, make_form, rows, account, call_as):
        from ckanext.lrtzc.forms.model import Invitation
        from ckanext.lrtzc.forms.tokens import invitation_token

        made, me, other = make_form(), account(), account()
        assert send(instance(made, "uuid:mine"), ACCOUNT, me)[0] == 201
        assert send(instance(made, "uuid:nobody"))[0] == 201
        forged = instance(made, "uuid:forged", replaces="uuid:mine", street="x")
        unknown = instance(made, "uuid:forged", replaces="uuid:unknown")
        assert send(forged)[0] == 403
        assert send(forged, ACCOUNT, other) == send(unknown, ACCOUNT, other)
        assert send(forged, ACCOUNT, other)[0] == 404
        assert send(instance(made, "uuid:5", replaces="uuid:nobody"), ACCOUNT, me)[0] == 404
        assert send(instance(make_form(), "uuid:6", replaces="uuid:mine"), ACCOUNT, me)[0] == 404
        assert send(instance(made, "uuid:7", replaces="uuid:7"), ACCOUNT, me)[0] == 400
        assert send(instance(made, "uuid:8", replaces="x" * 300), ACCOUNT, me)[0] == 400
        assert {row["street"] for row in rows(made)} == {"Rue des Ormes"}
        invited = make_form(openness="invited", once=True)
        call_as(invited.editor, "lrtzc_form_invite", form=invited.form["id"], emails="a@example.org, b@example.org")
        one, two = (f"/openrosa/key/{invitation_token(each.id)}" for each in Invitation.of_form(invited.form["id"]))
        assert send(instance(invited, "uuid:1"), one)[0] == 201
        edit = instance(invited, "uuid:2", replaces="uuid:1", street="Rue des Lilas")
        assert send(edit, two)[0] == 404
        assert send(edit, one)[0] == 201
        assert [row["street"] for row in rows(invited)] == ["Rue des Lilas"]

    def test_what_can_t_be_corrected_any_more_says_so(self, send, make_form, rows, account, call_as):
        from ckanext.lrtzc.forms.answering import withdraw
        from ckanext.lrtzc.forms.model import Answer, Form

        made, me = make_form(quota=1), account()
        assert send(instance(made, "uuid:1"), ACCOUNT, me)[0] == 201
        # a form that has all its answers still lets them be corrected
        assert send(instance(made, "uuid:2", replaces="uuid:1", street="Lilas"), ACCOUNT, me)[0] == 201
        status, said = send(instance(made, "uuid:3", replaces="uuid:2", street=""), ACCOUNT, me)
        assert status == 422
        assert "Rue" in said or "Street" in said
        call_as(made.editor, "lrtzc_form_close", form=made.form["id"])
        edit = instance(made, "uuid:3", replaces="uuid:2", street="Chênes")
        status, said = send(edit, ACCOUNT, me)
        assert status == 403
        assert said
        call_as(made.editor, "lrtzc_form_open", form=made.form["id"])
        withdraw(Form.get(made.form["id"]), Answer.sent_from(made.form["id"], "instance uuid:2"), "")
        assert send(edit, ACCOUNT, me)[0] == 403
        assert rows(made) == []

    def test_files_stay_are_replaced_and_erased_with_the_edit(self, app, send, make_form, rows, account):
        from ckanext.lrtzc.forms.attachments import erase_left, of_answer
        from ckanext.lrtzc.forms.model import Answer

        made, me = make_form(PHOTO), account()
        first = instance(made, "uuid:1", photo="1.jpg")
        assert send(first, ACCOUNT, me, **{"1_jpg": picture()})[0] == 201
        (row,) = rows(made)
        kept = instance(made, "uuid:2", replaces="uuid:1", photo="1.jpg", street="Lilas")
        assert send(kept, ACCOUNT, me)[0] == 201
        (again,) = rows(made)
        assert (again["photo"], again["street"]) == (row["photo"], "Lilas")
        other = instance(made, "uuid:3", replaces="uuid:2", photo="2.jpg")
        assert send(other, ACCOUNT, me)[0] == 400
        assert send(other, ACCOUNT, me, parts=True, **{"2_jpg": picture()})[0] == 201
        assert rows(made)[0]["photo"] == row["photo"]
        assert [send(other, ACCOUNT, me)[0] for _again in range(2)] == [201, 201]
        assert rows(made)[0]["photo"].endswith("/2.jpg")
        erase_left()
        answer = Answer.sent_from(made.form["id"], "instance uuid:3")
        assert [file.name for file in of_answer(answer.id)] == ["2.jpg"]
