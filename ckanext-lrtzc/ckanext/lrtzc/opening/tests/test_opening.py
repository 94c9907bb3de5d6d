"""A dataset is published without a hand once nothing holds it back, where its organisation wants it."""

import io
import re

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories

from ckanext.lrtzc.accounts.tests.conftest import PASSWORD
from ckanext.lrtzc.batches.api import submit_file
from ckanext.lrtzc.objects.api import licences
from ckanext.lrtzc.objects.tests.test_datasets import run
from ckanext.lrtzc.objects.tests.test_form import Browser
from ckanext.lrtzc.objects.tests.test_kinds import of
from ckanext.lrtzc.opening import judging

pytestmark = [
    pytest.mark.usefixtures("rooms_db", "app"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture
def editor():
    return factories.User(password=PASSWORD)


@pytest.fixture
def chief():
    return factories.User(password=PASSWORD)


@pytest.fixture
def organisation(editor, chief):
    users = [{"name": editor["name"], "capacity": "editor"}, {"name": chief["name"], "capacity": "admin"}]
    return factories.Organization(users=users)


def make(editor, organisation, **more):
    return run("package_create", editor, **of("dataset", owner_org=organisation["id"], resources=[], **more))


def load(editor, thing):
    sent = submit_file(thing["id"], io.BytesIO(b"essence;age\nTilleul;12\n"), "arbres.csv", editor["name"], wait=True)
    assert sent["state"] == "integrated", sent["report"]


def is_public(thing):
    package = model.Session.get(model.Package, thing["id"], populate_existing=True)
    return package.state == "active" and not package.private


def lacking(editor, thing):
    found = run("lrtzc_opening_show", editor, id=thing["id"])["conditions"]
    return [each["code"] for each in found if not each["met"]]


class TestOpening:
    def test_it_opens_once_nothing_holds_it_back_and_its_organisation_wants_it(self, editor, chief, organisation):
        thing = make(editor, organisation, private=True)
        assert lacking(editor, thing) == ["data"]
        load(editor, thing)
        run("lrtzc_access_restrict", editor, id=thing["id"], reason="Clients")
        assert lacking(editor, thing) == ["open"]
        with pytest.raises(tk.NotAuthorized):
            run("lrtzc_opening_switch", editor, id=organisation["id"], on=True)
        run("lrtzc_opening_switch", chief, id=organisation["id"], on=True)
        assert not judging.open_if_met(thing["id"])
        run("lrtzc_access_lift", editor, id=thing["id"])
        run("lrtzc_opening_switch", chief, id=organisation["id"], on=False)
        assert not judging.open_if_met(thing["id"])
        run("lrtzc_opening_switch", chief, id=organisation["id"], on=True)
        closed = next(each.id for each in licences().values() if not each.is_open)
        run("package_patch", editor, id=thing["id"], license_id=closed)
        assert lacking(editor, thing) == ["licence"]
        assert not judging.open_if_met(thing["id"])
        run("package_patch", editor, id=thing["id"], license_id=thing["license_id"])
        assert thing["id"] in judging.candidates()
        judging.look()
        assert is_public(thing)
        assert run("lrtzc_opening_show", editor, id=thing["id"])["opened"]
        assert not judging.open_if_met(thing["id"]), "once"
        # taken out by hand, it stays out
        run("lrtzc_objects_withhold", editor, id=thing["id"])
        assert thing["id"] not in judging.candidates()
        assert not judging.open_if_met(thing["id"])
        assert run("lrtzc_opening_show", editor, id=thing["id"])["choice"] == "hand"

    def test_a_draft_opens_only_where_those_who_fill_it_ask_for_it(self, editor, chief, organisation):
        draft = make(editor, organisation, state="draft")
        load(editor, draft)
        run("lrtzc_opening_switch", chief, id=organisation["id"], on=True)
        assert draft["id"] not in judging.candidates()
        run("lrtzc_opening_choose", editor, id=draft["id"], choice="auto")
        assert judging.open_if_met(draft["id"]), lacking(editor, draft)
        assert is_public(draft)

    def test_pages_say_what_lacks_and_change_it(self, app, editor, chief, organisation):
        thing = make(editor, organisation, private=True)
        browser, page = Browser(app, editor), f"/en/dataset/{thing['name']}/opening"
        body = browser.get(page).body
        assert "1 condition holds it back." in body
        assert f'<a href="/en/dataset/{thing["name"]}/upload">Send a file.</a>' in body
        assert "As its organisation does" in body
        load(editor, thing)
        assert "All is met; it waits" in browser.get(page).body
        switch = f"/en/organization/{organisation['name']}/opening"
        browser.get(switch, status=403)
        admin = Browser(app, chief)
        admin.get(switch)
        admin.post(switch, on="yes")
        assert "Switch it off" in admin.get(switch).body
        browser.get(page)
        browser.post(page, choice="auto")
        browser.post(page, status=422, choice="never")
        assert judging.open_if_met(thing["id"])
        assert "The portal opened it on" in browser.get(page).body
        browser.post(page, do="withhold")
        assert not is_public(thing)
        stranger = Browser(app, factories.User(password=PASSWORD))
        stranger.get(page, status=404)
        stranger.get("/en/dataset/no-such/opening", status=404)
        stranger.get("/en/organization/no-such/opening", status=404)

    def test_what_belongs_to_a_person_is_published_by_hand_unless_they_choose(self, app, editor):
        thing = run("package_create", editor, **of("dataset", owner_org=None, resources=[], private=True))
        browser, page = Browser(app, editor), f"/en/dataset/{thing['name']}/opening"
        assert "As its organisation does" not in browser.get(page).body
        browser.post(page, choice="auto")
        assert run("lrtzc_opening_show", editor, id=thing["id"])["choice"] == "auto"
        assert re.search(r'<option value="auto"\s+selected', browser.get(page).body)
        browser.post(page, choice="")
        assert run("lrtzc_opening_show", editor, id=thing["id"])["choice"] == ""
