"""Rules warn, then destroy what they say and nothing else, wherever it stands here; a person may keep it by hand."""

import datetime as dt
import email.utils
import io

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.tests import factories

from ckanext.lrtzc.accounts.tests.conftest import PASSWORD
from ckanext.lrtzc.batches import storage
from ckanext.lrtzc.batches.api import BatchError, rows_number, submit_file
from ckanext.lrtzc.batches.model import Batch
from ckanext.lrtzc.batches.versions import Version
from ckanext.lrtzc.objects.tests.test_datasets import run
from ckanext.lrtzc.objects.tests.test_kinds import of
from ckanext.lrtzc.retention import destroying, jobs
from ckanext.lrtzc.retention.model import Rule, Run, now

pytestmark = [
    pytest.mark.usefixtures("rooms_db", "app", "letters"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
TODAY = dt.date.today()
TABLE = f"jour;valeur\n2001-01-01;1\n2001-01-02;2\n{TODAY};3\n;4\n".encode()


@pytest.fixture
def owner():
    return factories.User(password=PASSWORD, plugin_extras={"lrtzc_accounts": {"language": "en"}})


@pytest.fixture
def thing(owner):
    for table in (Run, Rule):
        model.Session.execute(sa.delete(table))
    model.Session.commit()
    return run("package_create", owner, **of("dataset", title="Relevés", owner_org=None))


@pytest.fixture
def batch(owner, thing):
    sent = submit_file(thing["id"], io.BytesIO(TABLE), "releves.csv", owner["name"], wait=True)
    assert sent["state"] == "integrated"
    return sent


@pytest.fixture
def look(app):
    """Do what the scheduler and its worker do; give the runs of a dataset."""

    def work(thing):
        with app.flask_app.test_request_context():
            jobs.tick()
            jobs.apply()
        found = sa.select(Run).where(Run.package_id == thing["id"]).order_by(Run.started)
        return list(model.Session.scalars(found.execution_options(populate_existing=True)))

    return work


def declare(owner, thing, **rule):
    return run("lrtzc_retention_declare", owner, id=thing["id"], **rule)


def on_rows(batch, **more):
    return {"kind": "rows", "resource_id": batch["resource_id"], "column": "jour", "days": 365, **more}


def days_pass(days):
    """Let a warning have been given so many days ago, and nothing have been done today."""
    model.Session.execute(sa.update(Rule).values(warned=now() - dt.timedelta(days=days), ran=None))
    model.Session.commit()


def is_kept(batch):
    try:
        with storage.local_file(Batch.get(batch["id"])):
            return True
    except BatchError:
        return False


class TestRows:
    def test_old_rows_go_everywhere_once_their_warning_has_stood(
        self, app, look, letters, drain_outboxes, owner, thing, batch
    ):
        resource_id = batch["resource_id"]
        seen = run("lrtzc_retention_preview", owner, id=thing["id"], **on_rows(batch))
        assert (seen["rows"], seen["of"], seen["undated"]) == (2, 4, 1)
        rule = declare(owner, thing, **on_rows(batch, warn_days=2))
        assert dt.date.fromisoformat(rule["destroys_from"]) >= TODAY + dt.timedelta(days=1)
        assert look(thing) == look(thing) == []
        ((letter),) = letters.received
        assert email.utils.parseaddr(letter["To"])[1] == owner["email"]
        assert "Data will be destroyed" in letter["Subject"]
        assert rows_number(resource_id) == 4
        assert is_kept(batch)
        days_pass(2)
        (done,) = look(thing)
        assert (done.state, done.result["rows"], done.result["undated"]) == ("done", 2, 1)
        assert (done.result["raw"], done.result["files"]) == (1, 1)
        assert rows_number(resource_id) == 2
        assert not is_kept(batch)
        assert Batch.get(batch["id"]).rows_accepted == 4, "counts of the report stay"
        answer = app.get(f"/dataset/{thing['id']}/resource/{resource_id}/download/releves.csv", expect_errors=True)
        assert "2001-01-01" not in answer.body
        exported = app.get(f"/dataset/{thing['id']}/resource/{resource_id}/explore/export.csv").body
        assert sorted(line.partition(",")[2] for line in exported.split()[1:]) == ["3", "4"]
        versions = model.Session.execute(
            sa.select(Version.number, Version.mode, Version.rows).where(Version.resource_id == resource_id)
        )
        assert sorted(map(tuple, versions)) == [(1, "replace", 4), (2, "destroy", 2)]
        assert len(look(thing)) == 1, "once a day"
        days_pass(3)
        assert [each.result.get("rows") for each in look(thing)] == [2, None], "nothing more was old enough"
        drain_outboxes()
        model.Session.rollback()
        proofs = sa.text(
            "SELECT count(*) FROM lrtzc_ledger.detail WHERE object_id = :id AND operation = 'retention.destroy'"
        )
        assert model.Session.scalar(proofs, {"id": resource_id}) == 1

    @pytest.mark.parametrize("cut", ["erase_older", "note_version", "erase_raw", "without_file", "erase_file"])
    def test_what_is_cut_off_is_gone_on_with_and_done_once(self, look, owner, thing, batch, monkeypatch, cut):
        declare(owner, thing, **on_rows(batch, warn_days=0))
        real = getattr(destroying, cut)

        def killed(*given, **named):
            real(*given, **named)
            raise KeyboardInterrupt

        monkeypatch.setattr(destroying, cut, killed)
        with pytest.raises(KeyboardInterrupt):
            look(thing)
        model.Session.rollback()
        monkeypatch.setattr(destroying, cut, real)
        (done,) = look(thing)
        assert (done.state, done.result["rows"]) == ("done", 2)
        assert rows_number(batch["resource_id"]) == 2
        assert not is_kept(batch)
        destroyed = sa.select(sa.func.count()).where(Version.package_id == thing["id"], Version.mode == "destroy")
        assert model.Session.scalar(destroyed) == 1

    def test_only_what_a_column_holds_may_go_with_the_place_that_was_read_from_it(self, app, look, owner, thing):
        table = f"jour;nom;lon;lat\n2001-01-01;Zanzibar;-1.1;46.1\n{TODAY};Ulysse;-1.2;46.2\n".encode()
        sent = submit_file(thing["id"], io.BytesIO(table), "noms.csv", owner["name"], wait=True)
        with pytest.raises(tk.ValidationError):
            declare(owner, thing, **on_rows(sent, emptied="jour"))
        with pytest.raises(tk.ValidationError):
            declare(owner, thing, **on_rows(sent, emptied="_geometry"))
        assert run("lrtzc_retention_preview", owner, id=thing["id"], **on_rows(sent, emptied="nom"))["rows"] == 1
        export = f"/dataset/{thing['id']}/resource/{sent['resource_id']}/explore/export"
        for emptied, left in (("nom", 2), ("lon", 1)):
            declare(owner, thing, **on_rows(sent, emptied=emptied, warn_days=0))
            done = look(thing)[-1]
            assert (done.state, done.result["rows"], done.result["emptied"]) == ("done", 1, emptied)
            shapes = [each["geometry"] for each in app.get(f"{export}.geojson").json["features"]]
            assert len([each for each in shapes if each]) == left
        rows = app.get(f"{export}.csv").body
        assert "Zanzibar" not in rows
        assert "Ulysse" in rows
        assert rows_number(sent["resource_id"]) == 2
        assert "Zanzibar" not in app.get(f"{export}.csv?q=Zanzibar").body

    def test_what_fails_is_said_and_begun_again_the_next_day(self, look, owner, thing, batch, monkeypatch):
        declare(owner, thing, **on_rows(batch, warn_days=0))

        def broken(*_given):
            raise OSError

        with monkeypatch.context() as patched:
            patched.setattr(destroying, "erase_file", broken)
            for _ in range(destroying.TRIES):
                look(thing)
            (failed,) = look(thing)
            assert (failed.state, failed.result["problem"]) == ("failed", "internal")
        days_pass(1)
        (done,) = look(thing)
        assert (done.state, done.result["files"]) == ("done", 1)

    def test_a_rule_needs_a_date_to_go_by(self, owner, thing, batch):
        wrong = (
            on_rows(batch, column="valeur"), on_rows(batch, column="_id"), on_rows(batch, column='x"; DROP TABLE y'),
            on_rows(batch, resource_id="x"), on_rows(batch, days=0), on_rows(batch, days="x"), on_rows(batch, days=""),
            on_rows(batch, warn_days=-1), {"kind": "dataset"}, {"kind": "x"}, {"kind": "dataset", "on_day": "tomorrow"},
            {"kind": "dataset", "on_day": "9999-01-01"}, {"kind": "dataset", "on_day": "2030-01-01", "days": 5},
        )  # fmt: skip
        for asked in wrong:
            for action in ("preview", "declare"):
                with pytest.raises(tk.ValidationError):
                    run(f"lrtzc_retention_{action}", owner, id=thing["id"], **asked)


class TestDataset:
    def test_a_whole_dataset_goes_on_its_day_and_what_is_out_of_reach_is_said(self, app, look, owner, thing, batch):
        day = TODAY + dt.timedelta(days=3)
        declare(owner, thing, kind="dataset", on_day=day.isoformat(), warn_days=5)
        assert look(thing) == []
        assert "will be destroyed on" in app.get(f"/en/dataset/{thing['name']}").body
        model.Session.execute(sa.update(Rule).values(on_day=TODAY - dt.timedelta(days=1)))
        model.Session.commit()
        assert look(thing) == [], "the warning hasn't stood for five days"
        days_pass(6)
        (done,) = look(thing)
        assert (done.state, done.title) == ("done", "Relevés")
        assert {name: done.result[name] for name in ("rows", "tables", "files", "raw")} == {
            "rows": 4, "tables": 1, "files": 1, "raw": 1,
        }  # fmt: skip
        assert {"downloads", "deliveries"} <= done.result.keys()
        assert model.Package.get(thing["id"]) is None
        assert rows_number(batch["resource_id"]) is None
        assert not is_kept(batch)
        assert app.get(f"/dataset/{thing['name']}", expect_errors=True).status_code == 404
        assert len(look(thing)) == 1
        admin = factories.Sysadmin(password=PASSWORD)
        shown = run("lrtzc_retention_overview", admin)
        assert [each["title"] for each in shown["runs"]] == ["Relevés"]
        client = app.test_client()
        client.post("/user/login", data={"login": admin["name"], "password": PASSWORD})
        assert "4 rows" in client.get("/en/ckan-admin/retention").text


class TestDeciding:
    def test_what_is_kept_by_hand_stays_until_it_is_released_and_warned_of_anew(self, look, owner, thing, batch):
        rule = declare(owner, thing, **on_rows(batch, warn_days=1))
        with pytest.raises(tk.ValidationError):
            run("lrtzc_retention_hold", owner, id=rule["id"], reason=" ")
        held = run("lrtzc_retention_hold", owner, id=rule["id"], reason="Procès")
        assert (held["state"], held["hold_reason"]) == ("held", "Procès")
        days_pass(9)
        assert look(thing) == []
        run("lrtzc_retention_release", owner, id=rule["id"])
        assert look(thing) == [], "warned anew"
        run("lrtzc_retention_remove", owner, id=rule["id"])
        days_pass(9)
        assert look(thing) == []
        for action in ("hold", "release", "remove"):
            with pytest.raises(tk.ObjectNotFound):
                run(f"lrtzc_retention_{action}", owner, id=rule["id"], reason="x")

    def test_only_those_who_answer_for_the_data_decide(self, app, owner, thing, batch):
        rule, other = declare(owner, thing, **on_rows(batch)), factories.User()
        for action in ("declare", "preview", "list"):
            with pytest.raises(tk.NotAuthorized):
                run(f"lrtzc_retention_{action}", other, id=thing["id"], **on_rows(batch))
        for action in ("hold", "release", "remove"):
            with pytest.raises(tk.NotAuthorized):
                run(f"lrtzc_retention_{action}", other, id=rule["id"], reason="x")
        with pytest.raises(tk.NotAuthorized):
            run("lrtzc_retention_overview", owner)

    def test_the_page_shows_what_would_go_before_a_rule_is_declared(self, app, owner, thing, batch):
        client, here = app.test_client(), f"/en/dataset/{thing['name']}/retention"
        client.post("/user/login", data={"login": owner["name"], "password": PASSWORD})
        form = {"kind": "rows", "rows": f"{batch['resource_id']}|jour", "days": "365", "warn_days": "30"}
        first = client.get(here).text
        assert 'value="declare"' not in first
        seen = client.post(here, data={**form, "do": "preview"}).text
        assert "would destroy 2 rows of 4" in seen
        assert 'value="declare"' in seen
        made = client.post(here, data={**form, "do": "declare"}, follow_redirects=True).text
        assert "more than 365 days old" in made
        rule = run("lrtzc_retention_list", owner, id=thing["id"])["rules"][0]["id"]
        assert client.post(here, data={"do": "hold", "rule": rule, "reason": ""}).status_code == 422
        held = client.post(here, data={"do": "hold", "rule": rule, "reason": "Procès"}, follow_redirects=True).text
        assert "Procès" in held
        assert client.post(here, data={"do": "remove", "rule": "x"}).status_code in (403, 404)
        assert client.post(here, data={**form, "days": "x", "do": "preview"}).status_code == 422

    def test_columns_are_called_what_they_are_called_and_no_two_alike(self, app, owner, thing, batch):
        fields = run("datastore_info", owner, id=batch["resource_id"])["fields"]
        for field in fields:
            field["info"] = {**field.get("info", {}), "label": "Le relevé"}
        place = {"resource_id": batch["resource_id"], "force": True, "fields": fields}
        tk.get_action("datastore_create")({"ignore_auth": True}, place)
        declare(owner, thing, **on_rows(batch))
        client = app.test_client()
        client.post("/user/login", data={"login": owner["name"], "password": PASSWORD})
        shown = client.get(f"/en/dataset/{thing['name']}/retention").text
        assert "by the date in “Le relevé (jour)”" in shown
        assert "– Le relevé (valeur)</option>" in shown
