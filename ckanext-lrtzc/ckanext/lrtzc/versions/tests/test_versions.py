"""Versions are listed, cited, compared and read again by those who may; what is destroyed leaves them."""

import datetime as dt
import io

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.tests import factories

from ckanext.lrtzc.accounts.tests.conftest import PASSWORD
from ckanext.lrtzc.batches.api import copy_of, erase_older, submit_file, under_way
from ckanext.lrtzc.batches.model import Batch
from ckanext.lrtzc.objects.tests.test_datasets import run
from ckanext.lrtzc.objects.tests.test_form import Browser
from ckanext.lrtzc.objects.tests.test_kinds import of
from ckanext.lrtzc.versions import keeping
from ckanext.lrtzc.versions.model import Copy

pytestmark = [
    pytest.mark.usefixtures("rooms_db", "app"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture
def owner():
    return factories.User(password=PASSWORD)


@pytest.fixture
def thing(owner):
    return run("package_create", owner, **of("dataset", title="Passages de vélos", owner_org=None))


def load(owner, thing, text, **how):
    sent = submit_file(thing["id"], io.BytesIO(text), "velos.csv", owner["name"], wait=True, **how)
    assert sent["state"] == "integrated", sent["report"]
    keeping.keep()
    return sent["resource_id"]


def listed(resource_id, user=None):
    return run("lrtzc_version_list", user, id=resource_id)["versions"]


def pages(thing, resource_id):
    return f"/dataset/{thing['name']}/resource/{resource_id}/versions"


class TestListing:
    def test_each_version_says_what_it_added_changed_and_removed_and_how_to_cite_it(self, app, owner, thing):
        resource_id = load(owner, thing, b"heure;velos\n1;12\n2;15\n3;9\n")
        load(owner, thing, b"heure;velos\n4;20\n", resource_id=resource_id, mode="append")
        load(owner, thing, b"heure;velos\n2;16\n5;7\n", resource_id=resource_id, mode="upsert", key=("heure",))
        load(owner, thing, b"heure;velos\n1;12\n9;9\n", resource_id=resource_id)
        versions = listed(resource_id)
        assert [(one["number"], one["mode"], one["rows"]) for one in versions] == [
            (4, "replace", 2), (3, "upsert", 5), (2, "append", 4), (1, "replace", 3),
        ]  # fmt: skip
        counts = [(one["added"], one["changed"], one["removed"]) for one in versions]
        assert counts == [(1, 0, 4), (1, 1, 0), (1, 0, 0), (3, 0, 0)], "told apart by number, then by the key"
        assert all(one["readable"] for one in versions)
        assert "author" not in versions[0]
        assert listed(resource_id, owner)[0]["sent"] == "velos.csv"
        first = run("lrtzc_version_show", None, id=resource_id, number=1)
        assert first["records"] == [("1", "12"), ("2", "15"), ("3", "9")]
        assert first["url"].endswith(f"{thing['id']}/resource/{resource_id}/versions/1")
        assert first["citation"].endswith(f"Version 1. {tk.config['ckan.site_title']}. {first['url']}") or (
            "Version 1. " + first["url"] in first["citation"]
        )
        body = app.get(first["url"]).body
        assert "Newer data has come since." in body or "Des données plus récentes" in body
        assert first["url"] in body
        csv = app.get(f"{pages(thing, resource_id)}/1/rows.csv").body
        assert csv == "heure,velos\r\n1,12\r\n2,15\r\n3,9\r\n"

    def test_two_versions_are_compared_by_page(self, app, owner, thing):
        resource_id = load(owner, thing, b"heure;velos\n1;12\n2;15\n")
        load(owner, thing, b"heure;velos\n2;16\n5;7\n", resource_id=resource_id, mode="upsert", key=("heure",))
        found = run("lrtzc_version_compare", None, id=resource_id, before=1, after=2)
        assert (found["added"], found["changed"], found["removed"], found["by"]) == (1, 1, 0, ["_id"])
        assert found["rows"] == [{"cells": ["2", "16"], "former": {"velos": "15"}}]
        backwards = run("lrtzc_version_compare", None, id=resource_id, before=2, after=1, of="removed")
        assert [row["cells"] for row in backwards["rows"]] == [["5", "7"]]
        base = pages(thing, resource_id)
        body = app.get(f"{base}/compare?before=1&after=2").body
        assert ">15</del>" in body
        assert ">16</ins>" in body
        for wrong in ("before=1&after=9", "before=x&after=1", "after=1", "before=1&after=2&page=99999999999999"):
            assert app.get(f"{base}/compare?{wrong}", expect_errors=True).status_code in (400, 404)
        for wrong in ("0", "99", "9" * 30):
            assert app.get(f"{base}/{wrong}", expect_errors=True).status_code == 404
            assert app.get(f"{base}/{wrong}/rows.csv", expect_errors=True).status_code in (404, 410)

    def test_rows_that_a_program_changes_make_a_version_too(self, owner, thing):
        resource_id = load(owner, thing, b"heure;velos\n1;12\n2;15\n")
        row = {"heure": 7, "velos": 70}
        run("datastore_upsert", owner, resource_id=resource_id, records=[row], method="insert", force=True)
        keeping.keep()
        run("datastore_delete", owner, resource_id=resource_id, filters={"heure": 1}, force=True)
        keeping.keep()
        run(
            "datastore_upsert", owner, resource_id=resource_id, records=[row], method="insert", force=True,
            dry_run=True,
        )  # fmt: skip
        versions = listed(resource_id, owner)
        assert [(one["number"], one["mode"], one["rows"]) for one in versions[:2]] == [
            (3, "records", 2),
            (2, "records", 3),
        ]
        assert [one["added"] for one in versions] == [0, 1, 2]
        assert [one["removed"] for one in versions] == [1, 0, 0]
        assert versions[0]["author"] == owner["fullname"]


class TestWhoReads:
    def test_what_was_held_back_is_not_opened_by_what_comes_later(self, app, owner, thing):
        reader = factories.User(password=PASSWORD)
        resource_id = load(owner, thing, b"heure;nom\n1;Secret\n")
        run("lrtzc_access_restrict", owner, id=thing["id"], reason="Clients")
        base = pages(thing, resource_id)
        assert app.get(f"{base}/1/rows.csv", expect_errors=True).status_code == 403
        assert app.get(f"{base}/compare?before=1&after=1", expect_errors=True).status_code == 403
        hidden = listed(resource_id, reader)[0]
        assert (hidden["rows"], hidden["added"], hidden["readable"]) == (None, None, False)
        assert "Secret" not in app.get(f"{base}/1").body
        load(owner, thing, b"heure;nom\n1;X\n", resource_id=resource_id)
        run("lrtzc_access_lift", owner, id=thing["id"])
        assert [one["readable"] for one in listed(resource_id, reader)] == [True, False]
        assert app.get(f"{base}/2/rows.csv").body == "heure,nom\r\n1,X\r\n"
        assert app.get(f"{base}/1/rows.csv", expect_errors=True).status_code == 410
        assert "Secret" not in app.get(f"{base}/1").body
        with pytest.raises(tk.ValidationError, match=r"not open to all|pas ouverte"):
            run("lrtzc_version_compare", reader, id=resource_id, before=1, after=2)
        assert run("lrtzc_version_show", owner, id=resource_id, number=1)["records"] == [("1", "Secret")]

    def test_a_dataset_that_isnt_public_shows_nothing(self, app, owner, thing):
        resource_id = load(owner, thing, b"heure;nom\n1;A\n")
        run("package_patch", owner, id=thing["id"], private=True) if thing.get("owner_org") else None
        run("package_delete", owner, id=thing["id"])
        for name in ("", "/1", "/1/rows.csv", "/compare?before=1&after=1", "/erase"):
            assert app.get(pages(thing, resource_id) + name, expect_errors=True).status_code == 404
        with pytest.raises((tk.NotAuthorized, tk.ObjectNotFound)):
            listed(resource_id)


class TestLimits:
    def test_what_came_before_versions_were_kept_is_kept_from_now_on(self, owner, thing):
        resource_id = load(owner, thing, b"a;b\n1;1\n")
        load(owner, thing, b"a;b\n1;2\n", resource_id=resource_id)
        model.Session.execute(sa.delete(Copy).where(Copy.resource_id == resource_id))
        model.Session.commit()
        assert [one["kept"] for one in listed(resource_id)] == ["none", "none"]
        keeping.begin()
        keeping.keep()
        assert [one["kept"] for one in listed(resource_id)] == ["kept", "none"]

    def test_one_that_must_wait_keeps_no_other_from_its_turn(self, owner, thing, monkeypatch):
        first, last = sorted(
            submit_file(thing["id"], io.BytesIO(b"a;b\n1;1\n"), "v.csv", owner["name"], wait=True)["resource_id"]
            for _ in range(2)
        )
        monkeypatch.setattr(keeping, "_AT_ONCE", 1)
        monkeypatch.setattr(keeping, "under_way", lambda resource_id: resource_id == first)
        keeping.keep()
        assert [listed(each)[0]["kept"] for each in (first, last)] == ["waiting", "kept"]

    def test_old_copies_large_ones_and_those_that_were_overtaken_are_said_not_to_be_kept(
        self, app, owner, thing, monkeypatch
    ):
        monkeypatch.setitem(tk.config, "ckanext.lrtzc.versions.kept", 2)
        monkeypatch.setitem(tk.config, "ckanext.lrtzc.versions.cells", 4)
        resource_id = load(owner, thing, b"a;b\n1;1\n")
        for text in (b"a;b\n1;2\n", b"a;b\n1;3\n"):
            load(owner, thing, text, resource_id=resource_id)
        load(owner, thing, b"a;b\n1;1\n2;2\n3;3\n", resource_id=resource_id)
        states = [one["kept"] for one in listed(resource_id)]
        assert states == ["large", "kept", "kept", "dropped"]
        batch = submit_file(
            thing["id"], io.BytesIO(b"a;b\n5;5\n"), "v.csv", owner["name"], wait=True, resource_id=resource_id
        )
        row = model.Session.get(Batch, batch["id"])
        row.state = "loading"
        model.Session.commit()
        assert under_way(resource_id)
        keeping.keep()
        assert listed(resource_id)[0]["kept"] == "waiting", "rows of the next may be among those there are"
        row.state = "integrated"
        model.Session.commit()
        load(owner, thing, b"a;b\n6;6\n", resource_id=resource_id)
        assert [one["kept"] for one in listed(resource_id)][:2] == ["kept", "passed"]
        body = app.get(f"{pages(thing, resource_id)}/5/rows.csv", expect_errors=True)
        assert body.status_code == 410

    def test_what_is_destroyed_or_erased_leaves_no_copy(self, app, owner, thing):
        resource_id = load(owner, thing, b"jour;nom\n2001-01-01;Ancien\n2030-01-01;Neuf\n")
        load(owner, thing, b"jour;nom\n2031-01-01;Autre\n", resource_id=resource_id, mode="append")
        assert erase_older(resource_id, "jour", dt.date(2010, 1, 1), lambda _connection, _rows: None) == 1
        model.Session.commit()
        with copy_of(resource_id, 1) as first, copy_of(resource_id, 2) as second:
            assert (first, second) == (None, None)
        assert [one["kept"] for one in listed(resource_id)] == ["erased", "erased"]
        load(owner, thing, b"jour;nom\n2032-01-01;Encore\n", resource_id=resource_id, mode="append")
        stranger, browser = factories.User(password=PASSWORD), Browser(app, owner)
        erase = pages(thing, resource_id) + "/erase"
        Browser(app, stranger).get(erase, status=403)
        with pytest.raises(tk.NotAuthorized):
            run("lrtzc_version_erase", stranger, id=resource_id)
        browser.get(erase)
        browser.post(erase, cancel="yes")
        assert listed(resource_id)[0]["kept"] == "kept"
        browser.get(erase)
        browser.post(erase, delete="yes")
        assert listed(resource_id)[0]["kept"] == "erased"
        with copy_of(resource_id, 3) as third:
            assert third is None
        run("resource_delete", owner, id=resource_id)
        keeping.forget_erased()
        assert not model.Session.scalar(sa.select(sa.exists().where(Copy.resource_id == resource_id)))
