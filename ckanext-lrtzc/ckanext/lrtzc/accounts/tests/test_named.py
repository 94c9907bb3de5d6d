"""Whoever is restricted (GDPR, article 18) is named on no way out; administrators and they themselves still see it."""

import secrets

import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from ckan.tests import factories

from ckanext.lrtzc.accounts.holding import AccountHolding
from ckanext.lrtzc.objects.tests.test_datasets import run
from ckanext.lrtzc.objects.tests.test_kinds import of
from ckanext.lrtzc.people import public_name, public_names

pytestmark = pytest.mark.usefixtures("rooms_db", "clean_index", "app")
# No part of an identifier: these letters stand in no hexadecimal number.
NAME = "Quetzalcoatl Durandeau"


def says(text):
    return "quetzalcoatl" in str(text).lower()


@pytest.fixture
def owner(rooms_db):
    return factories.User(name=f"quetzalcoatl-{secrets.token_hex(4)}", fullname=NAME, about=f"Je suis {NAME}")


@pytest.fixture
def other(rooms_db):
    return factories.UserWithToken(fullname="Camille Regarde")


@pytest.fixture
def team(owner, other):
    users = [{"name": owner["name"], "capacity": "editor"}, {"name": other["name"], "capacity": "admin"}]
    return factories.Organization(users=users)


def test_no_way_out_names_who_is_restricted(app, owner, other, team):
    made = {kind: run("package_create", owner, **of(kind)) for kind in ("dataset", "algorithm", "use-case")}
    theirs = run("package_create", owner, **of("dataset", owner_org=team["id"]))
    offers = run("lrtzc_transfer_offer", owner, ids=[made["algorithm"]["id"]], to=other["name"])
    dataset, header = made["dataset"], {"Authorization": other["token"]}
    pages = [f"/{kind}/{each['name']}" for kind, each in made.items()]
    pages += ["/dataset/", "/feeds/dataset.atom", "/catalog.ttl", "/catalog.jsonld", f"/dataset/{theirs['name']}"]
    pages += [f"/dataset/{dataset['name']}.{form}" for form in ("ttl", "jsonld", "xml")]
    pages += [f"/api/3/action/package_show?id={dataset['id']}", "/api/3/action/package_search?q=essayer"]
    assert says(app.get(pages[0]).body), "an owner who isn't restricted is named"
    actions = [
        ("user_list", {"all_fields": False}), ("user_list", {}), ("user_list", {"q": "quetzal"}),
        ("user_autocomplete", {"q": "quetzal"}), ("user_show", {"id": owner["id"]}),
        ("organization_show", {"id": team["id"], "include_users": True}),
        ("package_activity_list", {"id": theirs["id"]}), ("lrtzc_transfer_list", {}),
    ]  # fmt: skip
    told = {name for name, asked in actions if says(run(name, other, **asked))}
    assert {"user_list", "user_autocomplete", "user_show", "organization_show", "lrtzc_transfer_list"} <= told
    members = f"/organization/members/{team['name']}"
    AccountHolding().restrict(owner["id"], True)
    for path in pages:
        assert not says(app.get(path).body), path
    app.set_session_user(other["id"])
    for path in (*pages, members, f"/user/{owner['id']}", "/user/?q=quetzal", "/transfers"):
        body = app.get(path).body
        assert not says(body), (path, body[max(0, body.lower().find("quetzalcoatl") - 200) :][:400])
    assert app.get(f"/user/{owner['name']}", expect_errors=True, headers=header).status_code == 404
    assert "Compte dont l&#39;affichage est restreint" in app.get(pages[0]).body
    for name, asked in actions:
        assert not says(run(name, other, **asked)), name
    with pytest.raises(tk.ObjectNotFound):
        run("user_show", other, id=owner["name"])
    for asker in (owner, factories.Sysadmin()):
        assert run("user_show", asker, id=owner["id"])["about"] == owner["about"]
    assert says(run("user_list", factories.Sysadmin(), all_fields=False))
    run("lrtzc_transfer_refuse", other, ids=[each["id"] for each in offers])
    AccountHolding().restrict(owner["id"], False)
    assert says(app.get(pages[0]).body)


def test_who_left_and_who_never_was_are_former_members(owner):
    AccountHolding().restrict(owner["id"], True)
    user = model.User.get(owner["id"])
    assert not says([public_name(user), *public_names({owner["id"]}).values()])
    user.state = "deleted"
    model.Session.commit()
    former = public_name(None)
    assert public_name(user) == former
    assert public_names({owner["id"], None, "nobody"}) == {owner["id"]: former, None: former, "nobody": former}
