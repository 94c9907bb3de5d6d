"""Leaving for good: nothing of the person remains, what is theirs is settled, and it happens once."""

import threading

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests import factories

from ckanext.lrtzc.links.model import Link
from ckanext.lrtzc.personal.api import Identity, factors, holdings, identities

from .conftest import PASSWORD

pytestmark = pytest.mark.usefixtures("letters")
NAME = "Zanzibar Durandeau"


@pytest.fixture
def user():
    made = factories.User(password=PASSWORD, fullname=NAME, about=f"Je suis {NAME}")
    identities.keep(made["id"], Identity("Mme", "Zanzibar", "Durandeau", "1990-05-17"))
    factors.add(made["id"], "recovery", ["x"], only=True)
    return made


def own(user, licence="lov2", state="active"):
    """Make an object of a person's own, without an organisation."""
    org = factories.Organization(users=[{"name": user["name"], "capacity": "editor"}])
    dataset = factories.Dataset(user=user, owner_org=org["id"], license_id=licence)
    package = model.Package.get(dataset["id"])
    package.owner_org, package.creator_user_id, package.state = None, user["id"], state
    model.Session.commit()
    return dataset["id"]


@pytest.fixture
def client(app, user):
    client = app.test_client()
    client.post("/user/login", data={"login": user["name"], "password": PASSWORD})
    # codes are asked of nobody here: recovery codes alone are no second factor
    return client


def leave(client, **choices):
    data = {"password": PASSWORD, "sure": "yes", **{f"thing-{number}": choice for number, choice in choices.items()}}
    return client.post("/account/leave", data=data)


def test_nothing_names_the_person_any_more(app, client, user):
    kept, gone, draft = own(user), own(user, "notspecified"), own(user, state="draft")
    token = factories.APIToken(user=user["id"])["token"]
    page = client.get("/account/leave").text
    assert kept in page
    assert draft in page
    answer = leave(client)
    assert answer.status_code == 200, answer.text
    assert client.get("/account/profile", follow_redirects=False).status_code == 302
    for name, holding in holdings():
        assert holding.find(user["id"]) == 0, name
        assert holding.export(user["id"]) == {}, name
    assert model.Package.get(kept).state == "active"
    assert model.Package.get(gone).state == "deleted"
    assert model.Package.get(draft) is None
    columns = "name, fullname, email, about, image_url, plugin_extras, reset_key, apikey"
    row = model.Session.execute(sa.text(f'SELECT {columns} FROM "user" WHERE id = :id'), {"id": user["id"]}).one()
    for secret in (NAME, user["email"], user["name"]):
        assert secret not in str(row)
    if model.Session.scalar(sa.text("SELECT to_regclass('activity')")):
        told = model.Session.execute(sa.text("SELECT data FROM activity")).scalars()
        assert not [each for each in told if each and NAME in each]
    header = {"Authorization": token}
    answer = app.get("/api/3/action/lrtzc_ledger_mine", headers=header, expect_errors=True)
    assert answer.status_code == 403
    for login in (user["name"], user["email"], NAME):
        assert app.post("/user/login", data={"login": login, "password": PASSWORD}).status_code == 200
    shown = app.get(f"/dataset/{kept}").body
    assert NAME not in shown
    assert user["email"] not in shown


def test_a_thing_is_handed_over_to_an_organisation(client, user):
    org = factories.Organization(users=[{"name": user["name"], "capacity": "editor"}])
    thing = own(user)
    assert leave(client, **{thing: org["id"]}).status_code == 200
    assert model.Package.get(thing).owner_org == org["id"]


def test_what_others_stand_on_is_said_and_kept_by_default(client, user):
    thing, other = own(user, "notspecified"), factories.UserWithToken()
    org = factories.Organization(users=[{"name": other["name"], "capacity": "editor"}])
    use = factories.Dataset(user=other, owner_org=org["id"])
    model.Session.add(Link(kind="uses", source_id=use["id"], target_id=thing, created_by=other["id"]))
    model.Session.commit()
    page = client.get("/account/leave").text
    assert "1 objet" in page
    assert leave(client).status_code == 200
    assert model.Package.get(thing).state == "active"


def test_offers_are_closed(client, user):
    giver = factories.User()
    thing, mine = own(giver), own(user)
    for who, what, to in ((giver, thing, user), (user, mine, giver)):
        tk.get_action("lrtzc_transfer_offer")({"user": who["name"]}, {"ids": [what], "to": to["name"]})
    assert "/transfers" in client.get("/account/workspace").text
    assert leave(client).status_code == 200
    assert not tk.get_action("lrtzc_transfer_list")({"user": giver["name"]}, {})["received"]
    assert not tk.get_action("lrtzc_transfer_list")({"user": giver["name"]}, {})["made"]


class TestRefusals:
    def test_choices_that_cannot_be(self, client, user):
        thing, strangers = own(user), own(factories.User())
        closed = factories.Organization()
        for choices in ({thing: closed["id"]}, {thing: "x"}, {strangers: "withdraw"}, {"nobody": "keep"}):
            assert leave(client, **choices).status_code == 400
        assert model.Package.get(thing).owner_org is None
        assert model.Package.get(strangers).state == "active"
        assert identities.of(user["id"]) is not None

    def test_without_password_or_being_sure(self, client, user):
        for data in ({"sure": "yes"}, {"password": "x", "sure": "yes"}, {"password": PASSWORD}):
            assert client.post("/account/leave", data=data).status_code == 400
        assert model.User.get(user["id"]).state == "active"

    def test_nobody_is_made_to_leave(self, app, user):
        other = factories.UserWithToken()
        data = {"id": user["id"], "user": user["name"], "password": PASSWORD, "sure": True}
        header = {"Authorization": other["token"]}
        answer = app.post("/api/3/action/lrtzc_account_leave", json=data, headers=header, expect_errors=True)
        assert answer.status_code == 409
        assert model.User.get(user["id"]).state == "active"

    def test_without_the_store_nothing_is_lost(self, client, user, monkeypatch):
        thing = own(user, "notspecified")
        monkeypatch.setitem(tk.config, "ckanext.lrtzc.personal.url", "postgresql://x:y@127.0.0.1:9/z")
        assert leave(client, **{thing: "keep"}).status_code == 400
        kept = model.Session.get(model.User, user["id"], populate_existing=True)
        assert (kept.state, kept.fullname) == ("active", NAME)
        assert "lrtzc_leaving" not in (kept.plugin_extras or {})


def test_of_two_at_once_one_leaves(app, user):
    outcomes = []

    def go():
        with app.flask_app.test_request_context():
            try:
                data = {"password": PASSWORD, "sure": True}
                outcomes.append(tk.get_action("lrtzc_account_leave")({"user": user["name"]}, data))
            except (tk.ValidationError, tk.NotAuthorized) as refused:
                outcomes.append(refused)
            finally:
                model.Session.remove()

    model.Session.commit()
    both = [threading.Thread(target=go) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sum(isinstance(each, dict) for each in outcomes) == 1, outcomes
