"""Who accessed what is mine, who reuses it, for how long that is kept; and what is said when nothing can be kept."""

import json
import uuid
from datetime import UTC, datetime, timedelta

import ckan.model as model
import ckan.plugins.toolkit as tk
import psycopg2
import pytest
import sqlalchemy as sa
from ckan.tests import factories
from ckan.tests.helpers import call_action
from click.testing import CliRunner

from ckanext.lrtzc.ledger import audit, expiry, reads, search, store
from ckanext.lrtzc.ledger.api import NotRecorded, record
from ckanext.lrtzc.ledger.cli import ledger
from ckanext.lrtzc.ledger.domain.entry import make_entry
from ckanext.lrtzc.ledger.logic.action import connection
from ckanext.lrtzc.ledger.verify import main as verify

pytestmark = pytest.mark.usefixtures("rooms_db")
TRACES = "ckanext.lrtzc.ledger.traces"
KEPT = "ckanext.lrtzc.ledger.retention"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def sequence():
    result = CliRunner().invoke(ledger, ["sequence", "--once"])
    assert result.exit_code == 0, result.output


@pytest.fixture
def producer():
    return factories.User(fullname="Anne Producteur")


@pytest.fixture
def dataset(producer, clean_index):
    organization = factories.Organization(users=[{"name": producer["name"], "capacity": "editor"}])
    made = factories.Dataset(title="Arbres remarquables", owner_org=organization["id"])
    made["file"] = factories.Resource(package_id=made["id"], name="Arbres.csv", url="http://example.org/arbres.csv")
    return made


class TestAccesses:
    def test_a_producer_sees_who_read_what_is_not_open_and_why(self, app, producer, dataset):
        reader = factories.User(fullname="Bruno Lecteur")
        details = {"purpose": "Étude des îlots de chaleur", "part": ["espèce", "hauteur"], "grant": "g-1"}
        record("access.download", actor=reader["id"], object_type="resource", object_id=dataset["file"]["id"],
               details=details)  # fmt: skip
        record("access.grant", actor=producer["id"], object_type="dataset", object_id=dataset["id"])
        model.Session.commit()
        app.set_session_user(producer["name"])
        for query in ({}, {"dataset": dataset["name"]}):
            page = app.get("/ledger/accesses", query_string=query, status=200).body
            for text in ("Bruno Lecteur", "Étude des îlots de chaleur", "espèce, hauteur", "Arbres.csv"):
                assert text in page
            assert "access.download" not in page

    def test_a_person_sees_accesses_to_what_is_theirs(self, app):
        person, reader = factories.User(), factories.User(fullname="Claire Agente")
        record("access.read", actor=reader["id"], object_type="person", object_id=person["id"],
               details={"purpose": "Instruction d'un dossier"})  # fmt: skip
        model.Session.commit()
        app.set_session_user(person["name"])
        page = app.get("/ledger/accesses", status=200).body
        assert "Claire Agente" in page
        assert "Instruction d&#39;un dossier" in page

    def test_another_producer_sees_nothing_of_it(self, dataset):
        record("access.read", object_type="dataset", object_id=dataset["id"])
        model.Session.commit()
        other = {"user": factories.User()["name"]}
        assert call_action("lrtzc_ledger_accesses", dict(other))["entries"] == []
        with pytest.raises(tk.ObjectNotFound):
            call_action("lrtzc_ledger_accesses", dict(other), dataset=dataset["name"])

    def test_pages_follow_each_other_without_a_gap(self, producer, dataset):
        for _ in range(120):
            record("access.read", object_type="dataset", object_id=dataset["id"])
        model.Session.commit()
        seen, before = [], None
        while True:
            given = {} if before is None else {"before": before}
            answer = call_action("lrtzc_ledger_accesses", {"user": producer["name"]}, **given)
            seen += [entry["id"] for entry in answer["entries"]]
            if (before := answer["before"]) is None:
                break
        assert len(seen) == 120
        assert seen == sorted(set(seen), reverse=True)

    def test_a_download_of_what_is_not_open_is_told_once(self, app, producer, dataset):
        call_action("package_patch", {"user": factories.Sysadmin()["name"]}, id=dataset["id"], private=True)
        app.set_session_user(producer["name"])
        app.get(f"/dataset/{dataset['id']}/resource/{dataset['file']['id']}/download", follow_redirects=False)
        told = call_action("lrtzc_ledger_accesses", {"user": producer["name"]}, dataset=dataset["name"])["entries"]
        assert [(entry["operation"], entry["actor"]) for entry in told] == [("access.download", producer["id"])]


class TestReuses:
    @pytest.mark.ckan_config(TRACES, "download reuse query")
    def test_uses_of_open_data_are_counted_and_nobody_is_followed(self, app, producer, dataset):
        name = dataset["file"]["id"]
        agents = [BROWSER, "python-requests/2.32", "python-requests/2.31"]
        for agent in agents:
            app.get(f"/dataset/{dataset['id']}/resource/{name}/download", headers={"User-Agent": agent},
                    follow_redirects=False)  # fmt: skip
        app.get("/api/3/action/package_search", headers={"User-Agent": "udata/11.0 (harvest)"}, status=200)
        answer = call_action("lrtzc_ledger_reuses", {"user": producer["name"]})
        (line,) = [line for line in answer["datasets"] if line["package_id"] == dataset["id"]]
        assert (line["files"], line["exports"], line["people"]) == (3, 0, 0)
        assert line["programs"] == ["python-requests"]
        assert "udata" in {line["program"] for line in answer["catalogue"]}
        query = sa.text("SELECT count(*) FROM lrtzc_ledger.detail WHERE object_id = :id AND origin IS NOT NULL "
                        "AND operation LIKE 'download.%'")  # fmt: skip
        assert model.Session.scalar(query, {"id": name}) == 0
        app.set_session_user(producer["name"])
        page = app.get("/ledger/reuses", status=200).body
        assert "Arbres remarquables" in page
        assert "python-requests" in page

    @pytest.mark.ckan_config(TRACES, "dataset")
    def test_what_the_administrator_leaves_out_is_not_counted_and_is_said(self, app, producer, dataset):
        app.get(f"/dataset/{dataset['id']}/resource/{dataset['file']['id']}/download", follow_redirects=False)
        assert call_action("lrtzc_ledger_reuses", {"user": producer["name"]})["datasets"] == []
        app.set_session_user(producer["name"])
        assert "alert" in app.get("/ledger/reuses").body

    @pytest.mark.parametrize(
        ("agent", "name"),
        [
            (BROWSER, ""),
            ("", ""),
            ("python-requests/2.32.3", "python-requests"),
            ("curl/8.1", "curl"),
            ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Googlebot"),
            ("x" * 5000, "x" * 40),
            ("<script>alert(1)</script>", ""),
        ],
    )
    def test_a_program_is_named_without_its_version(self, agent, name):
        assert reads.program(agent) == name


def old(operation, object_id, days):
    """Write an entry as it would have been written so many days ago."""
    moment = datetime.now(UTC) - timedelta(days=days)
    payload = {"actor": "somebody", "object_type": "dataset", "object_id": object_id, "origin": None, "details": {}}
    entry = make_entry(operation, "done", payload, moment)
    made = store.Record(entry, moment, operation, "done", "somebody", "dataset", object_id)
    number = store.write(connection(), made)
    model.Session.commit()
    return number


def kept(object_id):
    return [row.operation for row in search.every(connection(), search.Filters(objects=(object_id,)))][::-1]


class TestExpiry:
    @pytest.mark.ckan_config(KEPT, "access=12 download=6")
    def test_details_go_in_their_time_and_proofs_stay(self, tmp_path, app):
        name = str(uuid.uuid4())
        for operation, days in (("access.read", 300), ("access.read", 370), ("download.file", 190),
                                ("download.file", 170), ("vote.cast", 4000)):  # fmt: skip
            old(operation, name, days)
        sequence()
        file = tmp_path / "all.jsonl"
        size = store.tree_size(connection())
        assert expiry.expire() == 2
        assert expiry.expire() == 0
        assert kept(name) == ["access.read", "download.file", "vote.cast"]
        assert store.tree_size(connection()) == size
        sequence()
        assert not list(audit.check_all(connection()))
        text = "".join(json.dumps(line) + "\n" for line in search.export(connection(), search.Filters(objects=(name,))))
        file.write_text(text, encoding="utf-8")
        assert verify(["export", str(file), "--key", app.get("/ledger/key").body.strip()]) == 0

    @pytest.mark.ckan_config(KEPT, "access=12")
    def test_what_has_no_place_yet_waits_and_what_is_erased_is_told(self):
        name = str(uuid.uuid4())
        sequence()
        old("access.read", name, 900)
        assert expiry.expire() == 0
        sequence()
        assert expiry.expire() == 1
        query = sa.text("SELECT payload FROM lrtzc_ledger.detail WHERE operation = 'ledger.expire' "
                        "ORDER BY outbox_id DESC LIMIT 1")  # fmt: skip
        said = json.loads(model.Session.scalar(query))["details"]
        assert (said["kind"], said["erased"]) == ("access", 1)

    @pytest.mark.ckan_config(KEPT, "access=12")
    def test_the_scheduler_does_it_at_its_look(self):
        name = str(uuid.uuid4())
        old("access.read", name, 900)
        sequence()
        tk.signals.ckanext.signal("lrtzc:tick").send()
        assert kept(name) == []

    @pytest.mark.ckan_config(KEPT, "access=12")
    def test_what_is_chosen_by_page_holds_in_the_scheduler_at_once(self):
        try:
            call_action(
                "lrtzc_ledger_traces_update", {"user": factories.Sysadmin()["name"]}, keep={"access": 0, "vote": 120}
            )
            tk.config[KEPT] = "access=12"  # As a process that started before still has it.
            assert expiry.months() == {"vote": 120}
        finally:
            for option in (TRACES, KEPT):
                model.delete_system_info(option)


class TestNothingCanBeKept:
    @pytest.fixture
    def full(self, monkeypatch):
        def refuse(*_):
            raise psycopg2.errors.DiskFull("could not extend file: No space left on device")

        monkeypatch.setattr(store, "write", refuse)

    def test_a_program_is_told_and_nothing_is_done(self, app, monkeypatch):
        person, name = factories.SysadminWithToken(), f"o-{uuid.uuid4()}"
        with monkeypatch.context() as patch:
            patch.setattr(store, "write", self._refuse)
            answer = app.post("/api/3/action/organization_create", json={"name": name},
                              headers={"Authorization": person["token"]})  # fmt: skip
        assert answer.status_code == 503
        assert answer.json["error"]["__type"] == "Not Recorded"
        assert model.Group.get(name) is None

    def test_a_person_is_told_by_a_page(self, app, monkeypatch):
        app.set_session_user(factories.Sysadmin()["name"])
        with monkeypatch.context() as patch:
            patch.setattr(store, "write", self._refuse)
            answer = app.get("/ledger/entries/export")
        assert answer.status_code == 503
        assert "Réessayez plus tard" in answer.body

    def test_who_records_can_tell_it_from_other_faults(self, full):
        with pytest.raises(NotRecorded, match="No space left on device"):
            record("vote.cast", object_id="x")
        model.Session.rollback()

    @staticmethod
    def _refuse(*_):
        raise psycopg2.errors.DiskFull("could not extend file: No space left on device")
