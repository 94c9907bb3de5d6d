"""Runs of sources, from the server to the rows of the dataset."""

import datetime as dt
import io
import json
import warnings

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.lrtzc.batches.api import submit_file
from ckanext.lrtzc.sources import jobs, taking
from ckanext.lrtzc.sources.domain.faults import SENTENCES, Code
from ckanext.lrtzc.sources.model import Line, Run, Source, Taken, now

NAME, PASSWORD = "collecte", "ouvre-toi"
pytestmark = pytest.mark.usefixtures("rooms_db")


@pytest.fixture
def package(rooms_db):
    """Give a dataset of an organisation, and its editor's name."""
    user = factories.User()
    organisation = factories.Organization(users=[{"name": user["name"], "capacity": "editor"}])
    dataset = factories.Dataset(owner_org=organisation["id"], license_id="etalab-2.0")
    return dataset | {"editor": user["name"]}


@pytest.fixture
def declare(package, sftp, monkeypatch):
    """Give a function that declares the SFTP server as a source; gives what the action answers."""
    monkeypatch.setitem(tk.config, "ckanext.lrtzc.egress.allowed_hosts", [sftp.host])

    def declare(**more):
        settings = {"username": NAME, "password": PASSWORD, "host_key": sftp.fingerprint, **more.pop("settings", {})}
        asked = {"package_id": package["id"], "title": "Comptages", "kind": "sftp", "address": sftp.address, **more}
        return act(package["editor"], "lrtzc_source_create", **asked, settings=settings)

    return declare


def act(user, action, **data):
    return call_action(action, {"user": user, "ignore_auth": False}, **data)


def run(source):
    """Run a source to its end, batches included; gives the run with its lines."""
    made = Run(source_id=source["id"], by_hand=True)
    model.Session.add(made)
    model.Session.commit()
    taking.run(made.id, wait=True)
    return call_action("lrtzc_source_run_show", id=made.id)


def rows(resource_id):
    with warnings.catch_warnings():
        # CKAN asks for the database's version by ways that Python no longer likes.
        warnings.simplefilter("ignore", DeprecationWarning)
        found = call_action("datastore_search", resource_id=resource_id)["records"]
    return sorted(one["passages"] for one in found)


def table(package, text):
    """Send a first table to the dataset; gives its resource."""
    sent = io.BytesIO(text.encode())
    return submit_file(package["id"], sent, "counts.csv", package["editor"], wait=True)["resource_id"]


class TestTaking:
    def test_each_new_file_becomes_a_batch_and_nothing_is_taken_twice(self, declare, shelf, package):
        shelf.put("a.csv", "lieu;passages\nPort;1\n", 1_700_000_000)
        resource_id = table(package, "lieu;passages\nGare;0\n")
        source = declare(resource_id=resource_id, mode="append")
        first = run(source)
        assert (first["state"], first["taken"], first["volume"]) == ("finished", 1, 21)
        assert first["lines"][0]["batch_state"] == "integrated"
        read = dict(shelf.read)
        again = run(source)
        assert (again["state"], again["taken"], again["same"]) == ("finished", 0, 1)
        assert shelf.read == read, "a file with the same mark is not even read"
        shelf.put("a.csv", shelf.files["a.csv"][0], 1_700_009_999)
        assert run(source)["same"] == 1
        assert rows(resource_id) == [0, 1]
        shelf.put("b.csv", "lieu;passages\nPort;2\n", 1_700_000_001)
        assert run(source)["taken"] == 1
        assert rows(resource_id) == [0, 1, 2]

    def test_a_file_has_a_resource_of_its_own_where_none_is_named(self, declare, shelf, package):
        shelf.put("a.csv", "lieu;passages\nPort;1\n")
        shelf.put("b.csv", "lieu;passages\nPort;2\n")
        source = declare()
        run(source)
        shelf.put("a.csv", "lieu;passages\nPort;7\n", 1_700_000_500)
        again = run(source)
        assert [line["batch_state"] for line in again["lines"]] == ["integrated"]
        found = {each["name"]: each["id"] for each in call_action("package_show", id=package["id"])["resources"]}
        assert set(found) == {"a.csv", "b.csv"}
        assert rows(found["a.csv"]) == [7]

    def test_only_the_newest_is_taken_where_each_replaces_the_one_before(self, declare, shelf, package):
        resource_id = table(package, "lieu;passages\nGare;0\n")
        for number in (1, 2, 3):
            shelf.put(f"{number}.csv", f"lieu;passages\nPort;{number}\n", 1_700_000_000 + number)
        source = declare(resource_id=resource_id)
        shelf.read.clear()
        assert run(source)["taken"] == 1
        assert shelf.read == {"3.csv": 1}
        assert rows(resource_id) == [3]

    def test_a_file_that_changes_while_it_is_read_waits_until_it_is_whole(self, declare, shelf):
        shelf.put("a.csv", "lieu;passages\nPort;1\n")
        source = declare()
        shelf.on_read = lambda name: shelf.put(name, "lieu;passages\nPort;1\nGare;2\n", 1_700_000_500)
        first = run(source)
        assert (first["state"], first["taken"], first["refused"]) == ("incomplete", 0, 1)
        assert first["lines"][0]["reason"]
        shelf.on_read = lambda name: None
        assert run(source)["taken"] == 1

    def test_a_server_that_lies_about_a_size_is_not_believed(self, declare, shelf):
        shelf.put("a.csv", "lieu;passages\nPort;1\n")
        source = declare()
        shelf.lies["a.csv"] = 90_000
        told = run(source)
        assert (told["state"], told["taken"], told["refused"]) == ("incomplete", 0, 1)
        assert "90000" in told["lines"][0]["reason"]

    @pytest.mark.parametrize(
        ("more", "sidecar"),
        [({"expected": "JSON"}, ""), ({"least": 1_000}, ""), ({"most": 5}, ""), ({}, "0" * 64)],
        ids=["format", "too small", "too large", "checksum"],
    )
    def test_the_first_check_refuses_what_is_not_as_expected(self, declare, shelf, more, sidecar):
        shelf.put("a.csv", "lieu;passages\nPort;1\n")
        if sidecar:
            shelf.put("a.csv.sha256", sidecar)
        source = declare(**more)
        told = run(source)
        assert (told["taken"], told["refused"]) == (0, 1)
        shelf.read.clear()
        again = run(source)
        assert again["taken"] == 0
        assert ("a.csv" in shelf.read) is bool(sidecar), "what is settled isn't read again, what may pass is"

    def test_three_files_one_of_poor_quality_quarantined_corrected_and_replayed(self, declare, shelf, package):
        resource_id = table(package, "lieu;passages\nGare;5\n")
        call_action("lrtzc_quality_threshold_update", resource_id=resource_id, minimum=0.9)
        rule = call_action(
            "lrtzc_quality_rule_create",
            resource_id=resource_id, kind="range", columns=["passages"], params={"minimum": 0}, failure="refuse_row",
        )  # fmt: skip
        for number, text in enumerate(("Port;1", "Port;-9\nGare;-8\nQuai;2", "Port;3")):
            shelf.put(f"{number}.csv", f"lieu;passages\n{text}\n", 1_700_000_000 + number)
        told = run(declare(resource_id=resource_id, mode="append"))
        assert [line["batch_state"] for line in told["lines"]] == ["integrated", "quarantined", "integrated"]
        assert rows(resource_id) == [1, 3, 5]
        corrected = {"params": {"minimum": 0, "replacement": "0"}, "failure": "replace"}
        call_action("lrtzc_quality_rule_update", **{**rule, **corrected})
        call_action("lrtzc_quality_threshold_update", resource_id=resource_id, minimum="")
        held = told["lines"][1]["batch_id"]
        call_action("batch_retry", id=held)
        from ckanext.lrtzc.batches.jobs import advance

        advance(held)
        assert call_action("batch_show", id=held)["state"] == "integrated"
        assert rows(resource_id) == [0, 0, 1, 2, 3, 5]

    def test_a_worker_killed_after_the_batch_is_kept_doubles_nothing(self, declare, shelf, package, monkeypatch):
        shelf.put("a.csv", "lieu;passages\nPort;1\n")
        resource_id = table(package, "lieu;passages\nGare;0\n")
        source = declare(resource_id=resource_id, mode="append")

        class Killed(BaseException):
            pass

        def killed(*args, **more):
            submit_file(*args, **more)
            raise Killed

        monkeypatch.setattr(taking, "submit_file", killed)
        with pytest.raises(Killed):
            run(source)
        model.Session.remove()
        monkeypatch.undo()
        assert rows(resource_id) == [0, 1]
        yesterday = now() - dt.timedelta(days=1)
        model.Session.execute(sa.update(Run).where(Run.source_id == source["id"]).values(beat=yesterday))
        model.Session.commit()
        jobs.end_dead()
        monkeypatch.setitem(tk.config, "ckanext.lrtzc.egress.allowed_hosts", [source["address"].split("/")[2]])
        assert run(source)["same"] == 1
        assert rows(resource_id) == [0, 1]

    def test_a_trial_of_much_reads_its_beginning_only(self, declare, shelf, package):
        shelf.put("large.csv", "lieu;passages\n" + "Port;1\n" * 300_000)
        source = declare()
        found = act(package["editor"], "lrtzc_source_try", id=source["id"])
        assert (found["count"], found["name"], found["format"], found["size"]) == (1, "large.csv", "CSV", None)
        assert found["files"][0]["size"] > 2_000_000


class TestFailing:
    def test_a_server_that_is_away_is_tried_again_sooner_each_time_later(self, declare, shelf, sftp):
        source = declare(schedule="daily")
        sftp.stop()
        waits = []
        for _time in range(3):
            told = run(source)
            found = Source.get(source["id"])
            waits.append(round((found.next_run - now()).total_seconds() / 60))
        assert (told["state"], found.failures) == ("failed", 3)
        assert told["reason"]
        assert waits == [5, 10, 20]

    def test_who_may_no_longer_change_the_dataset_sends_nothing(self, declare, shelf, package):
        shelf.put("a.csv", "lieu;passages\nPort;1\n")
        source = declare(schedule="daily")
        call_action("member_delete", id=package["owner_org"], object=package["editor"], object_type="user")
        told = run(source)
        assert (told["state"], told["taken"]) == ("failed", 0)
        assert told["reason"] == SENTENCES[Code.RIGHT]
        other = factories.User()
        call_action(
            "member_create", id=package["owner_org"], object=other["name"], object_type="user", capacity="editor"
        )
        saved = act(other["name"], "lrtzc_source_update", id=source["id"], silence_days=2)
        assert saved["owner_id"] == other["id"]
        assert run(source)["taken"] == 1

    def test_the_owner_is_told_of_the_first_failure_and_of_silence_once(self, declare, sftp, monkeypatch):
        letters = []
        monkeypatch.setattr("ckanext.lrtzc.sources.telling.can_be_sent", lambda: True)
        monkeypatch.setattr("ckanext.lrtzc.accounts.api.send", lambda *said: letters.append(said))
        source = declare(schedule="daily", silence_days=3)
        sftp.stop()
        run(source)
        run(source)
        assert len(letters) == 1
        assert PASSWORD not in str(letters)
        long_ago = now() - dt.timedelta(days=4)
        model.Session.execute(sa.update(Source).where(Source.id == source["id"]).values(last_new=long_ago))
        model.Session.commit()
        jobs.tick()
        jobs.tick()
        assert len(letters) == 2
        assert call_action("lrtzc_source_show", id=source["id"])["silent"]


class TestScheduling:
    def test_what_is_due_is_started_once_and_the_paused_is_not(self, declare, shelf):
        due, paused = declare(schedule="hourly"), declare(schedule="hourly", paused=True)
        past, both = now() - dt.timedelta(minutes=1), Source.id.in_([due["id"], paused["id"]])
        model.Session.execute(sa.update(Source).where(both).values(next_run=past))
        model.Session.commit()
        jobs.start_due()
        jobs.start_due()
        found = model.Session.scalars(sa.select(Run.source_id).where(Run.source_id.in_([due["id"], paused["id"]])))
        assert list(found) == [due["id"]]
        assert Source.get(due["id"]).next_run > now()
        with pytest.raises(tk.ValidationError):
            call_action("lrtzc_source_run", id=due["id"])

    def test_only_the_latest_runs_are_kept(self, declare, shelf, monkeypatch):
        shelf.put("a.csv", "lieu;passages\nPort;1\n")
        monkeypatch.setitem(tk.config, "ckanext.lrtzc.sources.keep_runs", 1)
        source = declare()
        run(source)
        last = run(source)
        jobs.forget_old()
        kept = model.Session.scalars(sa.select(Run.id).where(Run.source_id == source["id"])).all()
        assert kept == [last["id"]]


class TestKeeping:
    def test_credentials_are_sealed_and_never_shown(self, declare, package, drain_outboxes):
        source = declare()
        kept = Source.get(source["id"])
        assert PASSWORD.encode() not in bytes(kept.secrets)
        shown = act(package["editor"], "lrtzc_source_show", id=source["id"])
        assert shown["secrets"] == ["password"]
        assert PASSWORD not in json.dumps(shown)
        query = sa.text("SELECT string_agg(payload, ' ') FROM lrtzc_ledger.detail WHERE operation LIKE 'source.%'")
        told = model.Session.scalar(query)
        assert PASSWORD not in told
        assert NAME not in told

    def test_credentials_are_never_sent_to_another_server_than_they_were_given_for(self, declare, package):
        source = declare()
        with pytest.raises(tk.ValidationError) as refused:
            act(
                package["editor"],
                "lrtzc_source_update",
                id=source["id"],
                address="sftp://evil.example/out",
                check=False,
            )
        assert "address" in refused.value.error_dict
        settings = {"username": NAME, "password": "autre"}
        changed = act(
            package["editor"],
            "lrtzc_source_update", id=source["id"], address="sftp://new.example/out", settings=settings, check=False,
        )  # fmt: skip
        assert changed["address"] == "sftp://new.example/out"

    def test_credentials_are_sealed_anew_when_keys_are_replaced(self, declare, monkeypatch):
        from ckanext.lrtzc.sources.keeping import opened, seal_anew

        source = declare()
        before = bytes(Source.get(source["id"]).secrets)
        keys = tk.aslist(tk.config["ckanext.lrtzc.personal.keys"])
        monkeypatch.setitem(tk.config, "ckanext.lrtzc.personal.keys", ["n" * 40, *keys])
        assert seal_anew() >= 1
        model.Session.remove()
        assert bytes(Source.get(source["id"]).secrets) != before
        assert opened(Source.get(source["id"]))["password"] == PASSWORD
        monkeypatch.setitem(tk.config, "ckanext.lrtzc.personal.keys", keys)
        model.Session.execute(sa.delete(Source))
        model.Session.commit()

    def test_what_can_not_be_is_said_and_nothing_is_kept(self, declare, package):
        for wrong, field in (
            ({"kind": "gopher"}, "kind"),
            ({"address": "sftp://u:p@h/"}, "address"),
            ({"settings": {"password": "faux"}}, "username"),
            ({"settings": {"host_key": ""}}, "host_key"),
            ({"settings": {"colour": "red"}}, "colour"),
            ({"mode": "upsert"}, "key"),
            ({"resource_id": "none"}, "resource_id"),
            ({"least": 10, "most": 5}, "most"),
            ({"schedule": "sometimes"}, "schedule"),
        ):
            with pytest.raises(tk.ValidationError) as refused:
                declare(**wrong)
            assert list(refused.value.error_dict) == [field]
        assert not call_action("lrtzc_source_list", package_id=package["id"])["sources"]

    def test_a_source_is_deleted_with_all_that_is_kept_of_it(self, declare, shelf, package):
        shelf.put("a.csv", "lieu;passages\nPort;1\n")
        source = declare()
        told = run(source)
        act(package["editor"], "lrtzc_source_delete", id=source["id"])
        for table, column, value in (
            (Source, Source.id, source["id"]),
            (Taken, Taken.source_id, source["id"]),
            (Run, Run.source_id, source["id"]),
            (Line, Line.run_id, told["id"]),
        ):
            assert not model.Session.scalar(sa.select(sa.func.count()).select_from(table).where(column == value))
        assert call_action("package_show", id=package["id"])["num_resources"] == 1


def test_who_may_not_change_the_dataset_may_do_nothing(declare, shelf, package):
    source = declare()
    told, stranger = run(source), factories.User()["name"]
    new = {"package_id": package["id"], "title": "x", "kind": "sftp", "address": "sftp://h.example/"}
    asked = {"create": new, "list": {"package_id": package["id"]}, "run_show": {"id": told["id"]}}
    asked |= {name: {"id": source["id"]} for name in ("show", "update", "delete", "try", "run", "run_list")}
    for action, data in asked.items():
        for user in (stranger, ""):
            with pytest.raises(tk.NotAuthorized):
                act(user, f"lrtzc_source_{action}", **data)
