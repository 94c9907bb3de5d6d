"""Profiles of rights: made by page, given by e-mail, in force at once and no wider than they say."""

import json

import pytest
from ckan import model
from ckan.tests import factories

from .conftest import PASSWORD

pytestmark = pytest.mark.usefixtures("letters")


@pytest.fixture
def admin(app):
    made = factories.Sysadmin(password="Quatre-gros-goélands-9")
    client = app.test_client()
    client.post("/user/login", data={"login": made["name"], "password": "Quatre-gros-goélands-9"})
    return client


@pytest.fixture
def person():
    return factories.UserWithToken()


def post(client, **data):
    return client.post("/ckan-admin/profiles", data=data, follow_redirects=False)


def call(app, who, action, **data):
    header = {"Authorization": who["token"]} if who else {}
    answer = app.post(f"/api/3/action/{action}", json=data, headers=header, expect_errors=True)
    return answer.status_code, json.loads(answer.body)


def profiles(app):
    return call(app, factories.SysadminWithToken(), "lrtzc_profile_list")[1]["result"]["profiles"]


def test_a_profile_is_made_given_and_taken_back_by_page(app, admin, person):
    title = f"Animatrice « {person['name']} » <b>"
    assert call(app, person, "organization_create", name=f"o-{person['name']}", title="O")[0] == 403
    assert post(admin, go="keep", title=title, function=["organizations", "traces"]).status_code == 302
    (made,) = (each for each in profiles(app) if each["title"] == title)
    assert post(admin, go="give", profile=made["id"], email=person["email"].upper()).status_code == 302
    assert call(app, person, "organization_create", name=f"o-{person['name']}", title="O")[0] == 200
    assert call(app, person, "lrtzc_ledger_search")[0] == 200
    assert call(app, person, "group_create", name=f"g-{person['name']}", title="G")[0] == 403, "what it doesn't say"
    page = admin.get("/ckan-admin/profiles").text
    assert person["fullname"].split()[0] in page
    assert "<b>" not in page.split("<main")[1].split("</main")[0].replace("&lt;b&gt;", "")
    post(admin, go="keep", profile=made["id"], title=title, function=["groups"])
    assert call(app, person, "lrtzc_ledger_search")[0] == 403, "a change holds at once"
    assert call(app, person, "group_create", name=f"g-{person['name']}", title="G")[0] == 200
    assert post(admin, go="take", profile=made["id"], person=person["id"]).status_code == 302
    assert call(app, person, "group_create", name=f"h-{person['name']}", title="G")[0] == 403
    post(admin, go="give", profile=made["id"], email=person["email"])
    assert post(admin, go="delete", profile=made["id"]).status_code == 302
    assert call(app, person, "group_create", name=f"h-{person['name']}", title="G")[0] == 403


class TestRefusals:
    def test_nobody_gives_rights_to_themselves(self, app, admin, person):
        post(admin, go="keep", title=f"Tout {person['name']}", function=["accounts", "organizations", "partners"])
        (made,) = (each for each in profiles(app) if each["title"] == f"Tout {person['name']}")
        post(admin, go="give", profile=made["id"], email=person["email"])
        for action, data in (
            ("lrtzc_profile_give", {"id": made["id"], "email": person["email"]}),
            ("lrtzc_profile_update", {"id": made["id"], "title": "x", "functions": ["traces"]}),
            ("lrtzc_profile_take", {"id": made["id"], "person": person["id"]}),
            ("lrtzc_profile_delete", {"id": made["id"]}),
            ("lrtzc_profile_list", {}),
        ):
            assert call(app, person, action, **data)[0] == 403
            assert call(app, None, action, **data)[0] == 403
        client = app.test_client()
        user = factories.User(password=PASSWORD)
        client.post("/user/login", data={"login": user["name"], "password": PASSWORD})
        assert client.get("/ckan-admin/profiles").status_code == 403

    def test_strangers_and_closed_accounts_gain_nothing(self, app, admin, person):
        post(admin, go="keep", title=f"Partenaires {person['name']}", function=["partners", "accounts"])
        (made,) = (each for each in profiles(app) if each["title"] == f"Partenaires {person['name']}")
        post(admin, go="give", profile=made["id"], email=person["email"])
        assert call(app, person, "partner_list")[0] == 200
        assert call(app, None, "partner_list")[0] == 403
        assert call(app, None, "organization_create", name="x-y-z")[0] == 403
        account = model.User.get(person["id"])
        account.state = "deleted"
        model.Session.commit()
        assert call(app, person, "partner_list")[0] == 403

    @pytest.mark.parametrize(
        "data",
        [
            {"go": "keep", "title": ""}, {"go": "keep", "title": "x" * 101}, {"go": "keep", "title": "\u202e"},
            {"go": "keep", "title": "Bon", "function": ["sysadmin"]}, {"go": "give", "profile": "nobody", "email": "x"},
            {"go": "delete", "profile": "'; --"}, {"go": "give", "profile": "", "email": ""},
        ],
    )  # fmt: skip
    def test_what_cannot_be_is_said(self, admin, data):
        assert post(admin, **data).status_code == 400

    def test_generic_accounts_are_given_nothing(self, app, admin):
        post(admin, go="keep", title="Un profil de plus", function=[])
        (made,) = (each for each in profiles(app) if each["title"] == "Un profil de plus")
        assert post(admin, go="keep", title="UN PROFIL de plus").status_code == 400
        factories.User(email="contact@example.org", fullname="Zoé")
        assert post(admin, go="give", profile=made["id"], email="contact@example.org").status_code == 400
        assert post(admin, go="give", profile=made["id"], email="personne@example.org").status_code == 400
