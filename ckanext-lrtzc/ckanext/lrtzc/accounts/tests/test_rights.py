"""Identities put right, invitations, accounts closed by administrators, and what is stored without being used."""

import secrets

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests import factories

from ckanext.lrtzc.accounts.logic.invitations import MOST_A_DAY
from ckanext.lrtzc.personal.api import Identity, holdings, identities

from .conftest import PASSWORD, PERSON
from .test_leaving import own

pytestmark = pytest.mark.usefixtures("letters")
ZOE = Identity("Mme", "Zoé", "Durandeau", "1990-05-17")


@pytest.fixture
def user():
    made = factories.User(password=PASSWORD, fullname=f"Zoé {secrets.token_hex(4)}", about="Je compte les arbres")
    identities.keep(made["id"], ZOE)
    return made


@pytest.fixture
def administrator():
    return factories.Sysadmin(password=PASSWORD)


def signed_in(app, user):
    client = app.test_client()
    client.post("/user/login", data={"login": user["name"], "password": PASSWORD})
    return client


def call(action, user, **data):
    return tk.get_action(action)({"user": user["name"], "ignore_auth": False}, data)


class TestIdentity:
    def test_it_is_put_right_with_ones_password(self, app, user):
        client = signed_in(app, user)
        assert "/account/identity" in client.get("/account/profile").text
        assert 'value="Durandeau"' in client.get("/account/identity").text
        given = {**PERSON, "last_name": "Durand d'Eau", "password": PASSWORD}
        assert client.post("/account/identity", data=given, follow_redirects=False).status_code == 302
        assert identities.of(user["id"]) == Identity("Mme", "Zoé", "Durand d'Eau", "1990-05-17")
        query = sa.text(
            "SELECT payload::text FROM lrtzc_ledger.detail ORDER BY 1 DESC"
            if model.Session.scalar(sa.text("SELECT to_regclass('lrtzc_ledger.detail')"))
            else "SELECT ''"
        )
        assert not any("Durand d'Eau" in (text or "") for text in model.Session.scalars(query))

    @pytest.mark.parametrize(
        "wrong",
        [{"password": "x"}, {"password": ""}, {"birth_date": "2999-01-01"}, {"last_name": ""}, {"title": "Roi"},
         {"first_name": "\u202e"}],
    )  # fmt: skip
    def test_what_cannot_be_changes_nothing(self, app, user, wrong):
        given = {**PERSON, "first_name": "Autre", "password": PASSWORD, **wrong}
        assert signed_in(app, user).post("/account/identity", data=given).status_code == 400
        assert identities.of(user["id"]) == ZOE

    def test_nobody_elses_is_in_reach(self, app, user):
        other = factories.User(password=PASSWORD)
        given = {**PERSON, "first_name": "Autre", "password": PASSWORD, "id": user["id"], "account": user["id"]}
        signed_in(app, other).post("/account/identity", data=given)
        assert identities.of(user["id"]) == ZOE
        assert app.post("/account/identity", data=given, follow_redirects=False).status_code == 302
        with pytest.raises(tk.NotAuthorized):
            call("lrtzc_account_identity_update", {"name": ""}, **given)


def test_the_address_until_now_is_told_of_the_new_one(app, user, letters):
    client, new = signed_in(app, user), f"{secrets.token_hex(4)}@example.org"
    given = {"user_name": user["fullname"], "email": new, "password": PASSWORD}
    client.post("/account/profile", data=given, content_type="multipart/form-data")
    (letter,) = letters.write()
    client.post(letters.link(letter), data={})
    assert model.User.get(user["id"]).email == new
    (told,) = letters.write()
    assert user["email"] in told["To"]
    assert new not in told.get_content(), "who reads the old address needn't know the new one"


class TestInvitation:
    def invite(self, administrator, address):
        group = factories.Organization()
        made = call("user_invite", administrator, email=address, group_id=group["id"], role="editor")
        return made, group

    def test_its_link_works_once_and_makes_a_person(self, app, letters, administrator):
        address, name = f"lea.{secrets.token_hex(4)}@example.org", f"Léa {secrets.token_hex(4)}"
        made, group = self.invite(administrator, address)
        assert model.User.get(made["id"]).reset_key is None, "CKAN's key has no end"
        (letter,) = letters.write()
        assert group["title"] in letter.get_content()
        link = letters.link(letter)
        assert app.get(link).status_code == 200
        given = {**PERSON, "user_name": name, "password": PASSWORD}
        assert app.post(link, data={**given, "password": "x"}, expect_errors=True).status_code == 400
        client = app.test_client()
        assert client.post(link, data=given, follow_redirects=False).status_code == 302
        user = model.User.get(made["id"])
        assert (user.state, user.fullname) == ("active", name)
        assert "lea-" in user.name
        assert identities.of(user.id) == ZOE
        assert [each["id"] for each in call("organization_list_for_user", {"name": user.name})] == [group["id"]]
        assert app.get(link, expect_errors=True).status_code == 410
        assert app.post(link, data=given, expect_errors=True).status_code == 410

    def test_a_second_one_takes_the_place_of_the_first_and_keeps_both_places(self, app, letters, administrator):
        address = f"lea.{secrets.token_hex(4)}@example.org"
        first, group = self.invite(administrator, address)
        (letter,) = letters.write()
        second, other = self.invite(administrator, address.upper())
        assert (second["id"], set(second)) == (first["id"], set(first))
        (again,) = letters.write()
        given = {**PERSON, "user_name": f"Léa {secrets.token_hex(4)}", "password": PASSWORD}
        for answer in (app.get, app.post):
            assert answer(letters.link(letter), data=given, expect_errors=True).status_code == 410
        assert app.test_client().post(letters.link(again), data=given, follow_redirects=False).status_code == 302
        user = model.User.get(first["id"])
        found = call("organization_list_for_user", {"name": user.name})
        assert {each["id"] for each in found} == {group["id"], other["id"]}
        assert app.get(letters.link(again), expect_errors=True).status_code == 410

    def test_nobody_is_invited_without_end(self, letters, administrator):
        address = f"lea.{secrets.token_hex(4)}@example.org"
        for _ in range(MOST_A_DAY):
            made, _group = self.invite(administrator, address)
        with pytest.raises(tk.ValidationError):
            self.invite(administrator, address)
        assert len(letters.write()) == MOST_A_DAY
        with pytest.raises(tk.ValidationError):
            call("user_invite", administrator, email=address, group_id="", role="editor")
        assert model.User.get(made["id"]).state == "pending"

    def test_functions_and_strangers_are_refused(self, administrator, user):
        with pytest.raises(tk.ValidationError):
            self.invite(administrator, "contact@example.org")
        with pytest.raises(tk.NotAuthorized):
            self.invite(user, "lea@example.org")

    def test_one_that_was_taken_back_is_over(self, app, letters, administrator):
        made, _group = self.invite(administrator, f"lea.{secrets.token_hex(4)}@example.org")
        link = letters.link(letters.write()[0])
        call("user_delete", administrator, id=made["id"])
        assert app.get(link, expect_errors=True).status_code == 410
        assert model.User.get(made["id"]).email is None


class TestClosing:
    def test_an_administrator_closes_an_account_as_its_person_would(self, app, user, administrator):
        kept, given = own(user), own(user)
        group = factories.Organization(users=[{"name": user["name"], "capacity": "editor"}])
        client = signed_in(app, administrator)
        page = client.get(f"/user/delete/{user['id']}").text
        assert kept in page
        assert client.post(f"/user/delete/{user['id']}", data={}).status_code == 400
        assert model.User.get(user["id"]).state == "active"
        choices = {f"thing-{given}": group["id"], "sure": "yes"}
        answer = client.post(f"/user/delete/{user['id']}", data=choices, follow_redirects=False)
        assert answer.status_code == 302, answer.text
        assert model.Package.get(kept).state == "active"
        assert model.Package.get(given).owner_org == group["id"]
        closed = model.User.get(user["id"])
        assert (closed.state, closed.email, closed.fullname) == ("deleted", None, "")
        for name, holding in holdings():
            assert holding.find(user["id"]) == 0, name

    def test_who_may_not_and_what_cannot_be(self, app, user, administrator):
        thing = own(user)
        other = factories.User(password=PASSWORD)
        with pytest.raises(tk.NotAuthorized):
            call("user_delete", other, id=user["id"])
        assert signed_in(app, other).get(f"/user/delete/{user['id']}").status_code == 403
        for choices in ({thing: "x"}, {"nothing": "keep"}, ["x"], "x"):
            with pytest.raises(tk.ValidationError):
                call("user_delete", administrator, id=user["id"], choices=choices)
        with pytest.raises(tk.ObjectNotFound):
            call("user_delete", administrator, id="nobody-of-the-kind")
        assert model.User.get(user["id"]).state == "active"
        assert identities.of(user["id"]) == ZOE
