"""Administrators see at one place what waits for a person, what comes next, what failed and what ran."""

import datetime as dt
import io
from types import SimpleNamespace

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.tests import factories

from ckanext.lrtzc.accounts.tests.conftest import PASSWORD
from ckanext.lrtzc.batches.api import submit_file
from ckanext.lrtzc.batches.model import Batch
from ckanext.lrtzc.diffusion.model import Subscription
from ckanext.lrtzc.objects.tests.test_datasets import run
from ckanext.lrtzc.objects.tests.test_kinds import of
from ckanext.lrtzc.orchestration.domain.arranging import Part, arranged

pytestmark = [
    pytest.mark.usefixtures("rooms_db", "app"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


def piece(stand, hours):
    return SimpleNamespace(stand=stand, moment=dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(hours=hours))


def test_what_comes_stands_by_its_time_and_the_rest_with_the_latest_first():
    parts = arranged([piece("next", 2), piece("next", 1), piece("now", 9), piece("done", 1), piece("done", 2)], 2)
    assert [(each.stand, each.moment.hour) for each in parts[Part.COMING]] == [("now", 9), ("next", 1)]
    assert [each.moment.hour for each in parts[Part.DONE]] == [2, 1]
    assert parts[Part.PERSON] == parts[Part.FAILED] == []


def test_all_rooms_say_what_they_do_by_a_number_of_statements_that_stays(app):
    admin = factories.Sysadmin(password=PASSWORD)
    client = app.test_client()
    client.post("/user/login", data={"login": admin["name"], "password": PASSWORD})

    def statements():
        seen = []

        def note(_connection, _cursor, statement, *_rest):
            seen.append(statement)

        sa.event.listen(model.meta.engine, "before_cursor_execute", note)
        try:
            with app.flask_app.test_request_context():
                found = run("lrtzc_orchestration_show", admin)
        finally:
            sa.event.remove(model.meta.engine, "before_cursor_execute", note)
        return len(seen), found

    def make(number):
        thing = run("package_create", admin, **of("dataset", title=f"Relevés {number}", owner_org=None))
        sent = submit_file(
            thing["id"], io.BytesIO(b"jour;valeur\n2001-01-01;1\n"), f"{number}.csv", admin["name"], wait=True
        )
        assert sent["state"] == "integrated"
        rule = {"kind": "rows", "resource_id": sent["resource_id"], "column": "jour", "days": 9}
        held = run("lrtzc_retention_declare", admin, id=thing["id"], **rule)
        run("lrtzc_retention_hold", admin, id=held["id"], reason="Procès")
        run("lrtzc_retention_declare", admin, id=thing["id"], kind="dataset", on_day="2199-01-01")
        told = run("lrtzc_subscription_create", admin, id=thing["id"], address="https://x.test/")
        model.Session.execute(
            sa.update(Subscription).where(Subscription.id == told["id"]).values(state="stopped", failures=1)
        )
        model.Session.add(
            Batch(
                package_id=thing["id"], resource_id="r", author="", origin="upload", name="a.csv", location="batch:x",
                state="failed",
            )
        )  # fmt: skip
        model.Session.commit()
        return thing

    first = make(1)
    statements()
    before, found = statements()
    shown = {part: [(each["kind"], each["said"]) for each in found[part]] for part in ("person", "coming", "failed")}
    mine = {
        part: {(each["kind"], each["stand"]) for each in found[part] if "Relevés 1" in each["title"]}
        for part in ("person", "coming", "failed", "done")
    }
    assert mine == {
        "person": {("retention", "person"), ("diffusion", "person")},
        "coming": {("retention", "next")},
        "failed": {("batches", "failed")},
        "done": {("batches", "done")},
    }, shown
    assert set(found["kinds"]) == {"batches", "sources", "partners", "retention", "diffusion"}
    for number in (2, 3):
        make(number)
    after, found = statements()
    assert after == before
    page = client.get("/en/ckan-admin/orchestration").text
    assert f"/dataset/{first['name']}/retention" in page
    assert "Relevés 1" in client.get("/en/ckan-admin/orchestration?of=diffusion").text
    assert client.get("/en/ckan-admin/orchestration?of=x").status_code == 404


def test_answers_are_told_together_so_that_they_hide_nothing(app):
    admin = factories.Sysadmin()
    thing = run("package_create", admin, **of("dataset", title="Arbres signalés", owner_org=None))
    for state, many in (("integrated", 60), ("waiting", 1)):
        model.Session.add_all(
            Batch(
                package_id=thing["id"], resource_id="r", author="", origin="upload", name=f"Signaler {number}.json",
                location=f"small:{state}{number}", state=state,
            )
            for number in range(many)
        )  # fmt: skip
    model.Session.commit()
    with app.flask_app.test_request_context():
        found = run("lrtzc_orchestration_show", admin, of="batches")
    told = {part: [each for each in found[part] if "Arbres signalés" in each["title"]] for part in ("person", "done")}
    assert [(len(pieces), "(60 " in pieces[0]["said"]) for pieces in told.values()] == [(1, False), (1, True)]
    assert told["done"][0]["url"].endswith(f"/dataset/{thing['id']}/batches")


def test_it_is_for_administrators_only(app):
    with pytest.raises(tk.NotAuthorized):
        run("lrtzc_orchestration_show", factories.User())
    assert app.get("/ckan-admin/orchestration", expect_errors=True).status_code == 403
