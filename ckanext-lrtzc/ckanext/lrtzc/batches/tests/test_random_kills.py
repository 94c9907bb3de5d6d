"""Workers killed at random moments of integration: the data is that of a load that nothing disturbed.

`LRTZC_KILLS=200` kills so many times (12 unless told); `LRTZC_KILLS_SEED` repeats the moments of a run.
"""

import datetime as dt
import io
import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import ckan.model as model
import pytest
import sqlalchemy as sa
from ckan.tests import factories
from ckan.tests.helpers import call_action
from ckanext.datastore.backend.postgres import get_write_engine
from psycopg2 import sql

from ckanext.lrtzc.batches import progress, upkeep
from ckanext.lrtzc.batches.api import submit_file
from ckanext.lrtzc.batches.model import Batch
from ckanext.lrtzc.batches.tests.test_cut_off import children, kill_all, leftovers
from ckanext.lrtzc.batches.versions import Version

# CKAN's DataStore uses what Python and SQLAlchemy retire
pytestmark = pytest.mark.filterwarnings("default::DeprecationWarning")

KILLS = int(os.environ.get("LRTZC_KILLS", "12"))
SEED = int(os.environ.get("LRTZC_KILLS_SEED", "2024"))
# on a busy machine a worker alone takes minutes to start
PATIENCE = 300
# more than the rows from which on columns get indexes of their own
ROWS = 6_000


def table(first, last, word):
    lines = (f"{n};{word} {n % 97};{n / 7:.3f}\n".replace(".", ",") for n in range(first, last))
    return "n;nom;v\n" + "".join(lines)


# One after the other, each leads from a state of the table to another: what is lost or done twice is seen.
BATCHES = {
    "first": (table(0, ROWS, "énergie"), {}),
    "append": (table(ROWS, ROWS + 2_000, "port"), {"mode": "append"}),
    "upsert": (table(ROWS - 1_000, ROWS + 3_000, "vélo"), {"mode": "upsert", "key": ("n",)}),
    "replace": (table(100, ROWS, "marée"), {"mode": "replace"}),
}


class Worker:
    """A real worker, whose processes that do the work can be killed by force."""

    def __init__(self, ckan_config):
        self._command = [Path(sys.executable).with_name("ckan"), "-c", ckan_config["__file__"]]
        self._queue = ckan_config["ckanext.lrtzc.batches.queue"]
        self._process = None
        self.start()

    def start(self):
        command = [*self._command, "jobs", "worker", self._queue]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill_work(self):
        """Kill what works on a job; say whether something did. The worker itself goes on with the next job."""
        return kill_all(children(self._process.pid)) > 0

    def kill(self):
        kill_all([self._process.pid, *children(self._process.pid)])
        self._process.wait()


@pytest.fixture
def worker(ckan_config, clean_redis):
    found = Worker(ckan_config)
    yield found
    found.kill()


def until(true, what):
    end = time.monotonic() + PATIENCE
    while not (found := true()):
        assert time.monotonic() < end, what
        time.sleep(0.01)
    return found


def state(batch_id):
    found = model.Session.scalar(sa.select(Batch.state).where(Batch.id == batch_id))
    model.Session.rollback()
    return found


def contents(resource_id):
    """Give what readers see of a table, whole: rows in their order with the words they are found by, and indexes."""
    with get_write_engine().connect() as connection:
        cursor = connection.connection.cursor()
        cursor.execute("SELECT to_regclass(quote_ident(%s)) IS NOT NULL", [resource_id])
        if not cursor.fetchone()[0]:
            return None
        cursor.execute(
            sql.SQL(
                "SELECT count(*), count(DISTINCT _id), "
                "md5(string_agg(ROW(n, nom, v, _full_text)::text, '|' ORDER BY n)) FROM {}"
            ).format(sql.Identifier(resource_id))
        )
        rows = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM pg_indexes WHERE tablename = %s", [resource_id])
        return (*rows, cursor.fetchone()[0])


def apply(dataset, name, resource_id):
    content, options = BATCHES[name]
    stream = io.BytesIO(content.encode())
    return submit_file(dataset["id"], stream, "table.csv", dataset["editor"], resource_id=resource_id, **options)


def undisturbed(dataset):
    """Load each batch with nobody disturbing; give what the table is after each, and how long loading took."""
    after, took, resource_id = {}, {}, None
    for name in BATCHES:
        batch = apply(dataset, name, resource_id)
        resource_id = batch["resource_id"]
        until(lambda batch=batch: state(batch["id"]) == "loading", "the load never began")
        started = time.monotonic()
        until(lambda batch=batch: state(batch["id"]) == "integrated", "the load never ended")
        took[name] = time.monotonic() - started
        after[name] = contents(resource_id)
    assert len(set(after.values())) == len(BATCHES)
    return after, took


def test_batches_whose_workers_are_killed_at_random_moments_are_integrated_once_and_whole(
    package, worker, integrated, monkeypatch
):
    monkeypatch.setattr(upkeep, "PATIENCE", dt.timedelta(0))
    chance, kills, moments = random.Random(SEED), 0, Counter()
    after, took = undisturbed(package)
    while kills < KILLS:
        resource_id, before, sent = None, None, []
        dataset = factories.Dataset(owner_org=package["owner_org"]) | {"editor": package["editor"]}
        for name in BATCHES:
            batch = apply(dataset, name, resource_id)
            resource_id = batch["resource_id"]
            sent.append(batch)
            until(lambda batch=batch: state(batch["id"]) in ("loading", "integrated"), "the load never began")
            # some are killed again as they go on
            for _time in range(min(chance.choice((1, 1, 1, 2)), KILLS - kills)):
                # early moments more often: rows are read and stored in much less time than all that follows
                time.sleep(took[name] * chance.random() ** 2)
                phase = progress.read(batch["id"])["phase"] if state(batch["id"]) == "loading" else "over"
                if not worker.kill_work():
                    break
                kills += 1
                moments[name, phase] += 1
                seen = contents(resource_id)
                # rows of a first load can be read before the search and the filters are ready
                if name != "first":
                    assert seen in (before, after[name]), (name, phase)
                if state(batch["id"]) == "integrated":
                    break
                # the scheduler sees that nobody works on it any more, and has another process go on
                until(lambda batch=batch: batch["id"] in upkeep.resume() or state(batch["id"]) == "integrated", "left")
            until(lambda batch=batch: state(batch["id"]) == "integrated", "the load never ended")
            assert contents(resource_id) == after[name], name
            before = after[name]
        assert leftovers() == []
        for batch in sent:
            assert integrated(batch) == 1
            versions = sa.select(sa.func.count()).where(Version.batch_id == batch["id"])
            assert model.Session.scalar(versions) == 1
        assert call_action("datastore_search", resource_id=resource_id, q="marée", limit=1)["total"] == ROWS - 100
    print(f"{kills} kills, seed {SEED}:", dict(sorted(moments.items())))  # noqa: T201
