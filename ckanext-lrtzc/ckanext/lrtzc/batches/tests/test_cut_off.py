"""A worker that is killed leaves nothing half written, and its batch is loaded all the same."""

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import ckan.model as model
import pytest
import sqlalchemy as sa
from ckan.lib.jobs import get_queue
from ckan.tests.helpers import call_action
from ckanext.datastore.backend.postgres import get_write_engine

from ckanext.lrtzc.batches import jobs, progress, storage, upkeep
from ckanext.lrtzc.batches.model import Batch, now
from ckanext.lrtzc.batches.proposal import table_of

# CKAN's DataStore uses what Python and SQLAlchemy retire
pytestmark = pytest.mark.filterwarnings("default::DeprecationWarning")

ROWS = 150_000


def large(word):
    return "n;nom;v\n" + "".join(f"{i};{word} {i};{i / 7:.3f}\n" for i in range(ROWS))


def children(pid):
    """Give the processes that a process began, and theirs; those that end meanwhile are left out."""
    found = []
    with suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):
                found += map(int, (task / "children").read_text().split())
    return [*found, *(grandchild for child in found for grandchild in children(child))]


def kill_all(pids):
    """Kill processes by force; give how many there still were."""
    killed = 0
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            killed += 1
    return killed


@pytest.fixture
def killed(ckan_config):
    """Give `killed(batch, phase)`: has a real worker load a batch, and kills it by force within a phase."""
    workers = []

    def kill(batch, phase):
        command = [Path(sys.executable).with_name("ckan"), "-c", ckan_config["__file__"], "jobs", "worker"]
        queue = ckan_config["ckanext.lrtzc.batches.queue"]
        worker = subprocess.Popen([*command, "--burst", queue], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        workers.append(worker)
        end = time.monotonic() + 180
        while progress.read(batch["id"])["phase"] != phase:
            assert worker.poll() is None, "the worker ended before"
            assert time.monotonic() < end, "the worker never came to it"
            time.sleep(0.01)
        kill_all([worker.pid, *children(worker.pid)])
        worker.wait()

    yield kill
    for worker in workers:
        if worker.poll() is None:
            worker.kill()
            worker.wait()


def resumed(batch, monkeypatch):
    """Do what the scheduler and the next worker do."""
    monkeypatch.setattr(upkeep, "PATIENCE", dt.timedelta(0))
    end = time.monotonic() + 60
    while batch["id"] not in upkeep.resume():
        # the database takes a moment to see that the worker is gone
        assert time.monotonic() < end
        time.sleep(0.2)
    assert upkeep.resume() == []
    jobs.advance(batch["id"])
    model.Session.expire_all()
    return call_action("batch_show", id=batch["id"])


def leftovers():
    query = r"SELECT relname FROM pg_class WHERE relname LIKE '\_lrtzc\_%'"
    with get_write_engine().connect() as connection:
        return connection.scalars(sa.text(query)).all()


@pytest.mark.usefixtures("clean_redis")
@pytest.mark.parametrize("phase", ["loading", "indexing"])
def test_a_first_load_that_is_killed_is_loaded_whole_by_the_next_worker(
    send, rows, killed, integrated, monkeypatch, phase
):
    batch = send(large("un"), wait=False)
    killed(batch, phase)
    assert integrated(batch) == 0
    assert call_action("batch_show", id=batch["id"])["state"] == "loading"
    assert resumed(batch, monkeypatch)["state"] == "integrated"
    assert rows(batch["resource_id"], limit=1)["total"] == ROWS
    assert [r["n"] for r in rows(batch["resource_id"], q="149999")["records"]] == [149_999]
    assert leftovers() == []
    assert integrated(batch) == 1


@pytest.mark.usefixtures("clean_redis")
@pytest.mark.parametrize("phase", ["loading", "indexing"])
def test_a_reload_that_is_killed_leaves_the_rows_there_were(send, rows, killed, monkeypatch, phase):
    first = send("n;nom;v\n1;avant;1,5\n2;avant;2,5\n")
    batch = send(large("deux"), resource_id=first["resource_id"], wait=False)
    killed(batch, phase)
    assert [r["nom"] for r in rows(first["resource_id"])["records"]] == ["avant", "avant"]
    assert resumed(batch, monkeypatch)["state"] == "integrated"
    found = rows(first["resource_id"], limit=1, sort="n")
    assert (found["total"], found["records"][0]["nom"]) == (ROWS, "deux 0")
    assert leftovers() == []


def test_rows_added_just_before_the_cut_are_neither_added_nor_told_twice(send, rows, integrated, monkeypatch):
    first = send("n;nom\n1;un\n")

    def cut(*_arguments):
        raise RuntimeError("power cut")

    monkeypatch.setattr(jobs, "publish", cut)
    batch = send("n;nom\n2;deux\n", resource_id=first["resource_id"], mode="append")
    assert (batch["state"], rows(first["resource_id"])["total"]) == ("failed", 2)
    assert integrated(batch) == 1, "its rows are in, whatever became of the worker after"
    monkeypatch.undo()
    call_action("batch_retry", id=batch["id"])
    jobs.advance(batch["id"])
    shown = call_action("batch_show", id=batch["id"])
    assert (shown["state"], shown["rows_accepted"]) == ("integrated", 1)
    assert [r["nom"] for r in rows(first["resource_id"], sort="n")["records"]] == ["un", "deux"]
    assert integrated(batch) == 1


@pytest.mark.parametrize("mode", ["replace", "append"])
def test_a_load_that_is_undone_is_not_told(send, rows, integrated, monkeypatch, mode):
    first = send("n;nom\n1;un\n")
    record, recorded = jobs.record_integration, []

    def cut(batch, connection, **facts):
        record(batch, connection, **facts)
        recorded.append(batch.id)
        raise RuntimeError("power cut")

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "record_integration", cut)
        batch = send("n;nom\n2;deux\n", resource_id=first["resource_id"], mode=mode)
    assert recorded == [batch["id"]]
    assert (batch["state"], rows(first["resource_id"])["total"]) == ("failed", 1)
    assert integrated(batch) == 0


@pytest.mark.parametrize("mode", ["append", "upsert"])
def test_rows_that_others_followed_are_not_brought_in_twice(send, rows, monkeypatch, mode):
    first = send("n;nom\n1;un\n")
    same = {"resource_id": first["resource_id"], "mode": mode, "key": ("n",)}

    def cut(*_arguments):
        raise RuntimeError("power cut")

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "publish", cut)
        late = send("n;nom\n2;deux\n", **same)
    assert (
        send("n;nom\n2;changé\n3;trois\n" if mode == "upsert" else "n;nom\n3;trois\n", **same)["state"] == "integrated"
    )
    for word in ("quatre", "cinq"):
        send(f"n;nom\n{len(word)};{word}\n", **same)
    before = rows(first["resource_id"], sort="n")["records"]
    call_action("batch_retry", id=late["id"])
    jobs.advance(late["id"])
    assert call_action("batch_show", id=late["id"])["state"] == "integrated"
    assert rows(first["resource_id"], sort="n")["records"] == before
    # what nobody can try again is no longer remembered
    send("n;nom\n7;sept\n", **same)
    assert late["id"] not in table_of(first["resource_id"]).batches


def test_a_reload_that_others_followed_does_not_take_their_rows_away(send, rows, monkeypatch):
    first = send("n;nom\n1;un\n")

    def cut(*_arguments):
        raise RuntimeError("power cut")

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "publish", cut)
        late = send("n;nom\n2;deux\n", resource_id=first["resource_id"])
    send("n;nom\n3;trois\n", resource_id=first["resource_id"], mode="append")
    call_action("batch_retry", id=late["id"])
    jobs.advance(late["id"])
    assert [r["nom"] for r in rows(first["resource_id"], sort="n")["records"]] == ["deux", "trois"]


def test_a_batch_that_another_worker_holds_is_left_to_it(send, rows, ckan_config, monkeypatch):
    batch = send("n;nom\n1;un\n", wait=False)
    monkeypatch.setattr(upkeep, "PATIENCE", dt.timedelta(0))
    get_queue(ckan_config["ckanext.lrtzc.batches.queue"]).empty()
    with jobs.alone(batch["id"]) as free:
        assert free
        jobs.advance(batch["id"])
        assert call_action("batch_show", id=batch["id"])["state"] == "confirmed"
        assert batch["id"] not in upkeep.resume()
    jobs.advance(batch["id"])
    assert rows(batch["resource_id"])["total"] == 1


class TestRetention:
    @pytest.fixture
    def old(self, send):
        """Give a batch with a refused row, integrated 20 days ago."""
        batch = send("n;v\n1;1\n2;x\n", columns={"v": {"type": "int8"}})
        stored = Batch.get(batch["id"])
        stored.changed = now() - dt.timedelta(days=20)
        model.Session.commit()
        return batch

    def test_raw_forms_older_than_the_policy_are_erased_and_what_was_loaded_stays(
        self, old, rows, ckan_config, monkeypatch
    ):
        monkeypatch.setitem(ckan_config, "ckanext.lrtzc.batches.keep_raw_days", 10)
        assert upkeep.erase_old() == 1
        shown = call_action("batch_show", id=old["id"])
        assert shown["report"]["erased"]
        assert shown["report"]["reasons"][0] == old["report"]["reasons"][0] | {"examples": []}
        assert (shown["rows_refused"], shown["analysis"]) == (1, {})
        assert storage.read_refused(old["id"]) is None
        with pytest.raises(Exception, match="no longer in store"), storage.local_file(Batch.get(old["id"])):
            pass
        assert rows(old["resource_id"])["total"] == 1
        assert upkeep.erase_old() == 0

    @pytest.mark.parametrize("days", [0, 30])
    def test_younger_ones_are_kept_and_zero_keeps_for_ever(self, old, ckan_config, monkeypatch, days):
        monkeypatch.setitem(ckan_config, "ckanext.lrtzc.batches.keep_raw_days", days)
        assert upkeep.erase_old() == 0
        assert storage.read_refused(old["id"]) is not None
