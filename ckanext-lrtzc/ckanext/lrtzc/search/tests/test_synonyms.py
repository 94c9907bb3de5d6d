"""Administrators keep synonyms by page; what they say holds at the next search, and can be undone."""

import json
from html import unescape
from uuid import uuid4

import ckan.model as model
import pytest
import sqlalchemy as sa
from ckan.plugins import toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.lrtzc.objects.tests.test_form import Browser
from ckanext.lrtzc.search.model import Synonyms

pytestmark = pytest.mark.usefixtures("rooms_db", "clean_index", "clean_redis")
PAGE = "/ckan-admin/synonyms"


@pytest.fixture
def admin(app):
    model.Session.execute(sa.delete(Synonyms))
    model.Session.commit()
    return Browser(app, factories.Sysadmin())


@pytest.fixture
def hives():
    organization = factories.Organization()
    return factories.Dataset(owner_org=organization["id"], title="Ruches des écoles", notes="Colonies suivies")["name"]


def found(words):
    return [one["name"] for one in call_action("package_search", q=words)["results"]]


def listed(terms):
    told = call_action("lrtzc_synonym_list")
    return next((one for one in told if one["terms"] == terms), None)


def test_a_group_holds_at_the_next_search_until_it_is_changed(admin, hives):
    admin.get(PAGE)
    assert found("avettes mellifères") == found("apier") == []
    admin.post(PAGE, go="add", terms="ruche, Avette mellifère, apier")
    assert found("avettes mellifères") == found("apiers") == [hives]
    assert found("apier écoles colonie") == [hives]
    assert found('"apier"') == []
    assert "ruche · Avette mellifère · apier" in unescape(admin.get(PAGE).body)
    made = listed(["ruche", "Avette mellifère", "apier"])
    admin.post(PAGE, go="keep", id=made["id"], terms="ruche, apier")
    assert found("avettes mellifères") == []
    assert found("apier") == [hives]
    admin.post(PAGE, go="delete", id=made["id"])
    assert found("apier") == []
    entries = call_action("lrtzc_ledger_search", object_id=made["id"])["entries"]
    assert [one["operation"] for one in entries] == ["search.synonyms"] * 3


def test_a_group_of_the_file_is_changed_taken_away_and_put_back(admin):
    group = next(one for one in call_action("lrtzc_synonym_list") if "autobus" in one["terms"])
    admin.get(PAGE)
    admin.post(PAGE, go="keep", id=group["id"], terms="bus, autobus, autocar")
    assert listed(["bus", "autobus", "autocar"])["state"] == "changed"
    admin.post(PAGE, go="delete", id=group["id"])
    assert listed(["bus", "autobus"]) is None
    # what was a term of it is free for another group, and then the group can't come back as it was
    made = call_action("lrtzc_synonym_create", terms=["autobus", "omnibus"])
    assert "autobus" in admin.post(PAGE, status=422, go="keep", id=group["id"], terms="bus, autobus").body
    call_action("lrtzc_synonym_delete", id=made["id"])
    admin.post(PAGE, go="keep", id=group["id"], terms="bus, autobus")
    assert listed(["bus", "autobus"])["state"] == "default"
    assert model.Session.scalar(sa.select(sa.func.count()).select_from(Synonyms)) == 0


@pytest.mark.parametrize(
    "terms",
    ["", "seul", "<b>x</b>, y", 'x" OR *:*, y', "é" * 5000, "a\x00b, c", ", ,", json.dumps(["x"])],
    ids=range(8),
)
def test_hostile_groups_are_refused_and_leave_nothing(admin, terms):
    admin.get(PAGE)
    body = admin.post(PAGE, status=422, go="add", terms=terms).body
    assert "error-message" in body
    assert "<b>x</b>" not in body
    assert model.Session.scalar(sa.select(sa.func.count()).select_from(Synonyms)) == 0


def test_only_administrators_and_only_known_groups(app, admin):
    admin.get(PAGE)
    admin.post(PAGE, status=404, go="delete", id="file-0000")
    member = factories.User()
    Browser(app, member).get(PAGE, status=403)
    for user in (None, member):
        for action in ("list", "create", "update", "delete"):
            with pytest.raises(tk.NotAuthorized):
                tk.get_action(f"lrtzc_synonym_{action}")(
                    {"user": user["name"] if user else "", "ignore_auth": False},
                    {**({} if action == "create" else {"id": str(uuid4())}), "terms": ["a b", "c d"]},
                )
