"""Data is sent to places after each version: what its audience may read, whole or what changed."""

import io

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.tests import factories

from ckanext.lrtzc.accounts.tests.conftest import PASSWORD
from ckanext.lrtzc.batches.api import submit_file
from ckanext.lrtzc.diffusion import pushing
from ckanext.lrtzc.diffusion.model import Delivery, Subscription, now
from ckanext.lrtzc.objects.tests.test_datasets import run
from ckanext.lrtzc.objects.tests.test_form import Browser
from ckanext.lrtzc.objects.tests.test_kinds import of
from ckanext.lrtzc.sources.tests import conftest as servers

pytestmark = [
    pytest.mark.usefixtures("rooms_db", "app"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
CREDENTIALS = {"username": servers.NAME, "password": servers.PASSWORD}


@pytest.fixture
def shelf():
    found = servers.Shelf()
    found.takes = True
    return found


@pytest.fixture
def sftp(shelf, monkeypatch):
    server = servers.SftpServer(shelf, servers.NAME, servers.PASSWORD)
    monkeypatch.setitem(tk.config, "ckanext.lrtzc.egress.allowed_hosts", [server.host])
    yield server
    server.stop()


@pytest.fixture
def owner():
    return factories.User(password=PASSWORD)


@pytest.fixture
def thing(owner):
    model.Session.execute(sa.delete(Subscription))
    model.Session.commit()
    return run("package_create", owner, **of("dataset", title="Passages de vélos", owner_org=None))


def load(owner, thing, text, **how):
    sent = submit_file(thing["id"], io.BytesIO(text), "velos.csv", owner["name"], wait=True, **how)
    assert sent["state"] == "integrated", sent["report"]
    return sent["resource_id"]


def declare(user, thing, sftp, **more):
    settings = {**CREDENTIALS, "host_key": sftp.fingerprint, **more.pop("settings", {})}
    place = {"kind": "sftp", "address": sftp.address, "settings": settings}
    return run("lrtzc_push_create", user, id=thing["id"], **place, **more)


def messages(user, subscription):
    return run("lrtzc_subscription_show", user, id=subscription["id"])["messages"]


def push():
    model.Session.execute(sa.update(Delivery).values(due=now()))
    model.Session.commit()
    return pushing.push_due()


def rows(shelf, name):
    return sorted(shelf.files[name][0].decode().split()[1:])


class TestPush:
    def test_each_version_is_left_whole_then_only_what_changed(self, shelf, sftp, owner, thing):
        place = declare(owner, thing, sftp, delta=True)
        assert "portal-test.txt" in shelf.files
        resource_id = load(owner, thing, b"heure;velos\n1;12\n2;15\n")
        assert push() == 1
        load(owner, thing, b"heure;velos\n3;9\n", resource_id=resource_id, mode="append")
        load(owner, thing, b"heure;velos\n2;16\n", resource_id=resource_id, mode="upsert", key=("heure",))
        assert push() == 2
        first, later = f"_{resource_id[:8]}_v1.csv", f"_{resource_id[:8]}_v3_changes.csv"
        names = {name[name.index("_" + resource_id[:8]) :]: name for name in shelf.files if "_v" in name}
        assert set(names) == {first, later}, "what came meanwhile goes with one file"
        assert rows(shelf, names[first]) == ["1,12", "2,15"]
        assert rows(shelf, names[later]) == ["2,16", "3,9"]
        told = messages(owner, place)
        assert [(one["state"], one["told"]["pushed"]) for one in told] == [
            ("delivered", 3),
            ("delivered", 3),
            ("delivered", 1),
        ]
        assert run("lrtzc_push_send", owner, id=place["id"]) == {"count": 0}
        assert push() == 0

    def test_what_is_held_back_goes_only_where_its_owner_says_so(self, shelf, sftp, owner, thing):
        everybody = declare(owner, thing, sftp)
        mine = declare(owner, thing, sftp, audience="account", naming="same", format="json")
        load(owner, thing, b"heure;velos\n1;12\n")
        run("lrtzc_access_restrict", owner, id=thing["id"], reason="Clients")
        shelf.files.clear()
        assert push() == 2
        assert messages(owner, everybody)[0]["state"] == "withheld"
        assert messages(owner, mine)[0]["state"] == "delivered"
        (name,) = shelf.files
        assert name.endswith(".json")
        assert b'"velos":12' in shelf.files[name][0]
        stranger = factories.User()
        with pytest.raises(tk.NotAuthorized):
            declare(stranger, thing, sftp)
        for action in ("lrtzc_push_send", "lrtzc_push_update"):
            with pytest.raises(tk.ObjectNotFound):
                run(action, stranger, id=mine["id"], address=sftp.address)
        # who may no longer change the dataset sends nothing any more
        model.Session.execute(sa.update(Subscription).values(account_id=stranger["id"]))
        model.Session.commit()
        load(owner, thing, b"heure;velos\n2;1\n")
        shelf.files.clear()
        push()
        assert not shelf.files

    def test_a_place_that_refuses_is_tried_again_and_the_fault_is_said(self, app, shelf, sftp, owner, thing):
        place = declare(owner, thing, sftp, settings={})
        load(owner, thing, b"heure;velos\n1;12\n")
        for break_it, word in (
            (lambda row: setattr(row, "options", {**row.options, "host_key": "SHA256:" + "A" * 43}), "host_key"),
            (lambda row: setattr(row, "credentials", b"forged"), "secrets"),
        ):
            row = Subscription.get(place["id"])
            kept = dict(row.options), row.credentials
            break_it(row)
            model.Session.commit()
            assert push() == 1
            (told,) = messages(owner, place)
            assert (told["state"], told["problem"]) == ("waiting", word)
            row = Subscription.get(place["id"])
            row.options, row.credentials = kept
            model.Session.commit()
        browser = Browser(app, owner)
        body = browser.get(f"/en/subscriptions/{place['id']}").body
        assert "type them again" in body
        assert servers.PASSWORD not in body
        assert push() == 1
        assert messages(owner, place)[0]["state"] == "delivered"


class TestPages:
    def test_the_key_of_the_server_is_shown_then_accepted(self, app, shelf, sftp, owner, thing):
        browser = Browser(app, owner)
        page = f"/en/dataset/{thing['name']}/subscriptions/new-place?kind=sftp"
        browser.get(f"/en/dataset/{thing['name']}/subscriptions")
        assert "new-place?kind=sftp" in browser.page.body
        browser.get(page)
        typed = {f"setting-{name}": value for name, value in CREDENTIALS.items()} | {"address": sftp.address}
        body = browser.post(page, status=422, **typed).body
        assert sftp.fingerprint in body
        assert servers.PASSWORD not in body
        assert not shelf.files
        browser.post(page, **typed, **{"setting-host_key": sftp.fingerprint, "delta": "yes"})
        read = browser.location()
        assert "only what came or changed" in browser.get(read).body
        browser.get(f"{read}/edit")
        browser.post(f"{read}/edit", address=sftp.address, **{"setting-host_key": sftp.fingerprint}, format="json",
                     **{"setting-username": servers.NAME})  # fmt: skip
        assert "JSON" in browser.get(read).body, "the password was kept"
        moved = sftp.address.replace("/out", "/out/other")
        browser.get(f"{read}/edit")
        browser.post(f"{read}/edit", status=422, address=moved, **{"setting-host_key": sftp.fingerprint},
                     **{"setting-username": servers.NAME})  # fmt: skip
        Browser(app, factories.User(password=PASSWORD)).get(page, status=403)
        Browser(app, factories.User(password=PASSWORD)).get(f"{read}/edit", status=404)
        for wrong in ("kind=ftp", "kind=webhook", ""):
            body = browser.get(f"/en/dataset/{thing['name']}/subscriptions/new-place?{wrong}", status=200).body
            assert "places-heading" in body, "one chooses first"
