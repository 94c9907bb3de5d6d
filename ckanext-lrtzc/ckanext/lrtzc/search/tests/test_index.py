"""Administrators see how the index stands, and have objects indexed again without anybody missing anything."""

import ckan.model as model
import pytest
import sqlalchemy as sa
from ckan.lib.search import SearchIndexError
from ckan.lib.search.common import make_connection
from ckan.plugins import toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.lrtzc.objects.tests.test_form import Browser
from ckanext.lrtzc.search import rounds
from ckanext.lrtzc.search.model import Round

pytestmark = pytest.mark.usefixtures("rooms_db", "clean_index", "clean_redis")
PAGE = "/ckan-admin/search-index"


@pytest.fixture
def admin(app):
    return Browser(app, factories.Sysadmin())


@pytest.fixture
def objects():
    model.Session.execute(sa.delete(Round))
    # what other tests left isn't in the index, which begins empty
    model.Session.execute(sa.update(model.Package).values(state="deleted"))
    model.Session.commit()
    organization = factories.Organization()
    return [factories.Dataset(owner_org=organization["id"], title=f"Ruches {number}") for number in range(3)]


def found():
    return call_action("package_search", q="ruches")["count"]


def lost(dataset):
    """Take an object out of the index behind the portal's back."""
    make_connection().delete(q=f'id:"{dataset["id"]}"', commit=True)


def finish(monkeypatch):
    """Do what workers would, in slices of one piece of one object; give what was found after each slice."""
    monkeypatch.setattr(rounds, "PIECE", 1)
    monkeypatch.setattr(rounds, "SLICE", 0.001)
    seen = []
    current = model.Session.scalars(sa.select(Round).where(Round.finished.is_(None))).one()
    for _ in range(200):
        rounds.go_on(current.id)
        seen.append(found())
        model.Session.refresh(current)
        if current.finished:
            return seen
    raise AssertionError("the round has no end")


def test_what_is_missing_is_said_and_indexed_again_while_searches_go_on(admin, objects, monkeypatch):
    lost(objects[0])
    assert found() == 2
    body = admin.get(PAGE).body
    assert "Ruches 0" in body
    assert "Ruches 1" not in body
    admin.post(PAGE, go="all")
    assert admin.get("/ckan-admin/search-index/progress").body.count("data-refresh") == 1
    assert "déjà en train" in admin.post(PAGE, status=409, go="all").body
    admin.post(PAGE, status=409, go="one", id=objects[1]["name"])
    seen = finish(monkeypatch)
    assert set(seen) <= {2, 3}
    assert seen[-1] == 3
    body = admin.get(PAGE).body
    assert "Ruches 0" not in body
    assert "data-refresh" not in body
    assert call_action("lrtzc_ledger_search", operation="search.index")["entries"]


def test_one_object_is_indexed_again_by_its_address_and_unknown_ones_are_told(admin, objects, monkeypatch):
    lost(objects[2])
    address = f"http://test.ckan.net/dataset/{objects[2]['name']}"
    admin.get(PAGE)
    admin.post(PAGE, go="one", id=address)
    finish(monkeypatch)
    assert found() == 3
    for hostile in ("nulle-part", "", "' OR 1=1 --", "\x00", "http://[", "é" * 5000):
        admin.post(PAGE, status=422, go="one", id=hostile)
    assert model.Session.scalar(sa.select(sa.func.count()).select_from(Round)) == 1


def test_a_failure_is_kept_in_words_until_it_goes_right(admin, objects, monkeypatch):
    real = rounds.index_update_package

    def failing(context, package_id, defer_commit=False):
        if package_id == objects[1]["id"]:
            raise SearchIndexError("no")
        real(context, package_id, defer_commit)

    monkeypatch.setattr(rounds, "index_update_package", failing)
    assert list(rounds.index([one["id"] for one in objects])) == [objects[1]["id"]]
    body = admin.get(PAGE).body
    assert "Le moteur de recherche n'a pas répondu" in body.replace("&#39;", "'")
    assert "Ruches 1" in body
    monkeypatch.setattr(rounds, "index_update_package", real)
    rounds.index([objects[1]["id"]])
    assert "Ruches 1" not in admin.get(PAGE).body


def test_what_left_is_taken_out_and_what_is_held_back_meanwhile_is_looked_at_twice(objects, monkeypatch):
    call_action("package_delete", {"user": factories.Sysadmin()["name"]}, id=objects[0]["id"])
    ghost = {"id": "ghost", "index_id": "ghost", "entity_type": "package", "state": "active", "dataset_type": "dataset"}
    make_connection().add([{**ghost, "site_id": tk.config["ckan.site_id"]}], commit=True)
    rounds._take_out("")
    assert make_connection().search('id:"ghost"').hits == 0
    real, indexed = rounds.index_update_package, []

    def holding_back(context, package_id, defer_commit=False):
        indexed.append(package_id)
        real(context, package_id, defer_commit)
        if len(indexed) == 1:
            admin = factories.Sysadmin()
            tk.get_action("lrtzc_access_restrict")(
                {"user": admin["name"]}, {"id": objects[1]["id"], "reason": "Espèces protégées"}
            )

    monkeypatch.setattr(rounds, "index_update_package", holding_back)
    rounds.index([objects[1]["id"]])
    assert indexed == [objects[1]["id"]] * 2


def test_only_administrators(app):
    for user in (None, factories.User()):
        Browser(app, user).get(PAGE, status=403)
