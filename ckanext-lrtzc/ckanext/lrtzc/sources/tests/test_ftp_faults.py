"""Servers of FTP that stall, lie about sizes or change a file while it is read: nothing of it becomes data."""

import datetime as dt
import time

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.tests.helpers import call_action

from ckanext.lrtzc.batches.model import Batch
from ckanext.lrtzc.sources.domain.faults import SENTENCES, Code
from ckanext.lrtzc.sources.model import Source, now
from ckanext.lrtzc.sources.tests.test_runs import NAME, PASSWORD, act, package, rows, run, table

__all__ = ["package"]
pytestmark = pytest.mark.usefixtures("rooms_db")

GOOD = "lieu;passages\nPort;1\n"
LARGE = "lieu;passages\n" + "Port;2\n" * 200_000


@pytest.fixture
def fed(package, ftp, shelf, monkeypatch):
    """Give a source of files over FTP that are added to a table with one row, and what is in the table."""
    host = ftp.url.split("/")[2]
    monkeypatch.setitem(tk.config, "ckanext.lrtzc.egress.allowed_hosts", [host])
    resource_id = table(package, "lieu;passages\nGare;0\n")
    settings = {"username": NAME, "password": PASSWORD}

    def declare(**more):
        asked = {"title": "Comptages", "kind": "ftp", "address": ftp.url, "resource_id": resource_id, "mode": "append"}
        return act(
            package["editor"], "lrtzc_source_create", package_id=package["id"], settings=settings, **asked, **more
        )

    declare.rows = lambda: rows(resource_id)
    return declare


def batches(package):
    query = sa.select(sa.func.count()).select_from(Batch).where(Batch.package_id == package["id"])
    return model.Session.scalar(query)


def assert_nothing_came(run_told, fed, package, code, **params):
    assert (run_told["taken"], run_told["refused"]) == (0, 1)
    sentence = tk._(SENTENCES[code]) % {"name": "a.csv", **params}
    assert run_told["lines"][0]["reason"] == sentence
    assert fed.rows() == [0]
    assert batches(package) == 1, "but for the table that was there"


@pytest.mark.parametrize("lie", [5, 90_000])
def test_a_size_that_is_a_lie_is_said_and_the_file_is_taken_once_it_is_true(fed, shelf, package, lie):
    shelf.put("a.csv", GOOD)
    source = fed()
    shelf.lies["a.csv"] = lie
    assert_nothing_came(run(source), fed, package, Code.SIZE, told=lie, found=len(GOOD))
    shelf.lies.clear()
    assert run(source)["taken"] == 1
    assert fed.rows() == [0, 1]


def test_a_small_size_that_is_told_of_a_large_file_lets_no_more_in_than_may_come(fed, shelf, package):
    source = fed(most=100_000)
    shelf.put("a.csv", LARGE)
    shelf.lies["a.csv"] = 50
    assert_nothing_came(run(source), fed, package, Code.LARGE, most=100_000)


@pytest.mark.parametrize(
    "after",
    [("lieu;passages\nPort;1\nGare;2\n", 1_700_000_500), ("lieu;passages\nPort;7\n", 1_700_000_500)],
    ids=["longer", "as long"],
)
def test_a_file_that_changes_while_it_is_read_waits_until_it_is_whole(fed, shelf, package, after):
    shelf.put("a.csv", GOOD)
    source = fed()
    data, moment = after

    def change(name):
        # the first half is that of before
        half = len(GOOD) // 2
        shelf.put(name, GOOD[:half] + data[half:], moment)

    shelf.on_read = change
    told = run(source)
    code = Code.SIZE if len(data) != len(GOOD) else Code.CHANGED
    assert_nothing_came(told, fed, package, code, told=len(GOOD), found=len(data))
    shelf.on_read = lambda _name: None
    shelf.put("a.csv", data, moment)
    assert run(source)["taken"] == 1
    assert fed.rows() == sorted([0, *(int(line[-1]) for line in data.split()[1:])])


@pytest.mark.parametrize("silence", [0, 8], ids=["hangs up", "stalls"])
def test_one_that_hangs_up_or_stalls_amid_a_file_is_given_up_and_tried_again(fed, shelf, package, monkeypatch, silence):
    monkeypatch.setitem(tk.config, "ckanext.lrtzc.sources.stall_seconds", 2)
    shelf.put("a.csv", LARGE)
    source = fed(schedule="daily")
    shelf.breaks["a.csv"] = (300_000, silence)
    began = time.monotonic()
    told = run(source)
    assert silence == 0 or time.monotonic() - began < 60
    assert (told["state"], told["taken"], told["lines"][0]["name"]) == ("failed", 0, "a.csv")
    assert fed.rows() == [0]
    assert batches(package) == 1
    found = Source.get(source["id"])
    assert found.failures == 1
    assert found.next_run - now() < dt.timedelta(hours=1), "soon, rather than on the next day"
    shelf.breaks.clear()
    if silence:
        # its loop is its only one: what it was asked meanwhile is answered when its silence is over
        time.sleep(max(0, silence + 1 - (time.monotonic() - began)))
    assert run(source)["taken"] == 1
    assert call_action("datastore_search", resource_id=source["resource_id"], limit=0)["total"] == 200_001
