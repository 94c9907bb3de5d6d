"""Killed programs, a clock set back, a restored database, a full disk, a meddling superuser: all is kept or seen."""

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import psycopg2
import pytest

from ckanext.lrtzc.ledger import audit, search, sequencer, store
from ckanext.lrtzc.ledger.domain import merkle, tiles
from ckanext.lrtzc.ledger.tests.entries import NOON, entry
from ckanext.lrtzc.ledger.verify import main as verify

pytestmark = pytest.mark.usefixtures("empty_ledger")
RUN = Path(os.environ.get("LRTZC_TEST_RUN", Path(__file__).parents[5] / "run" / "test"))


def fill(db, count):
    with db:
        store.write_many(db, [entry(str(number)) for number in range(count)])


def drain(db, signer):
    while sequencer.step(db, signer):
        pass


def texts(db):
    """Give what the placed entries say, in the order of the tree."""
    with db, db.cursor() as cursor:
        cursor.execute(
            "SELECT d.payload FROM lrtzc_ledger.sequence s JOIN lrtzc_ledger.detail d USING (outbox_id) ORDER BY index"
        )
        return [json.loads(payload)["details"]["text"] for (payload,) in cursor]


class TestKilled:
    def test_sequencers_and_writers_killed_again_and_again_lose_and_double_nothing(self, kill_at_work, connect, signer):
        app, worker = connect("ckan"), connect("lrtzc_sequencer")
        acknowledged = kill_at_work("write", 4, 3)
        drain(worker, signer)
        found = Counter(texts(app))
        assert len(acknowledged) > 50
        assert acknowledged <= set(found)
        assert max(found.values()) == 1
        # Entries of one transaction are all there or none is.
        assert set(Counter(text.rpartition("-")[0] for text in found).values()) == {3}
        assert not list(audit.check_all(worker))
        self.one_history(worker)

    @staticmethod
    def one_history(db):
        """Each head that was ever signed is proven to lead to the last one."""
        with db, db.cursor() as cursor:
            cursor.execute("SELECT size, root FROM lrtzc_ledger.checkpoint WHERE size > 0 ORDER BY size")
            heads = [(size, bytes(root)) for size, root in cursor]
        size, root = heads[-1]
        read = tiles.node_reader(size, store.tile_reader(db))
        for old, old_root in heads:
            merkle.verify_consistency(old, size, old_root, root, merkle.consistency_proof(old, size, read))


class TestClock:
    def test_a_clock_set_back_changes_no_order_and_loses_nothing(self, connect, signer):
        app, worker = connect("ckan"), connect("lrtzc_sequencer")
        for number, hours in enumerate([0, -5, -200, 3, -1]):
            with app:
                store.write(app, entry(str(number), NOON + timedelta(hours=hours)))
            drain(worker, signer)
        assert texts(app) == ["0", "1", "2", "3", "4"]
        shown, _ = search.page(app, search.Filters())
        assert [row.index for row in shown] == [4, 3, 2, 1, 0]


class TestRestored:
    def test_a_database_restored_on_another_server_goes_on(self, connect, superuser, signer):
        app, worker = connect("ckan"), connect("lrtzc_sequencer")
        fill(app, 5)
        drain(worker, signer)
        fill(app, 2)
        with superuser, superuser.cursor() as cursor:  # As if the other server's transactions were far ahead.
            cursor.execute(
                "UPDATE lrtzc_ledger.outbox SET transaction = (transaction::text::numeric + 1000000)::text::xid8"
            )
        drain(worker, signer)
        assert store.tree_size(worker) == 7
        for count in (1, 3):
            fill(app, count)
            drain(worker, signer)
        assert store.tree_size(worker) == 11
        assert not list(audit.check_all(worker))


class TestFull:
    @pytest.fixture
    def full_disk(self, superuser):
        """Have the database answer as it does when the disk is full, until told otherwise."""
        with superuser, superuser.cursor() as cursor:
            cursor.execute(
                "CREATE OR REPLACE FUNCTION pg_temp.full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "RAISE 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;"
                "CREATE TRIGGER full_disk BEFORE INSERT ON lrtzc_ledger.detail EXECUTE FUNCTION pg_temp.full()"
            )
        yield
        with superuser, superuser.cursor() as cursor:
            cursor.execute("DROP TRIGGER IF EXISTS full_disk ON lrtzc_ledger.detail")

    @pytest.mark.parametrize("count", [1, 5])
    def test_neither_the_operation_nor_its_trace_is_kept(self, connect, superuser, signer, full_disk, count):
        app, worker = connect("ckan"), connect("lrtzc_sequencer")
        with pytest.raises(psycopg2.errors.DiskFull), app:
            store.write_many(app, [entry(str(number)) for number in range(count)])
        with superuser, superuser.cursor() as cursor:
            cursor.execute("DROP TRIGGER full_disk ON lrtzc_ledger.detail")
        fill(app, 2)
        drain(worker, signer)
        assert store.tree_size(worker) == 2

    @pytest.fixture
    def small_disk(self, superuser):
        """Put the details on a disk of 8 MB, where this user may mount one."""
        if os.geteuid() != 0 or not shutil.which("mount"):
            pytest.skip("only the machine's administrator mounts a small disk")
        owner = (RUN / "postgres").stat()
        folder = Path(tempfile.mkdtemp(prefix="lrtzc-small-disk-", dir="/var/tmp"))
        options = f"size=8m,mode=0700,uid={owner.st_uid},gid={owner.st_gid}"
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True)
        if mounted.returncode:
            folder.rmdir()
            pytest.skip("this machine lets nobody mount a small disk")
        superuser.autocommit = True
        with superuser.cursor() as cursor:
            cursor.execute("SET lock_timeout = '20s'")
            cursor.execute(f"CREATE TABLESPACE small_disk LOCATION '{folder}'")
            cursor.execute("ALTER TABLE lrtzc_ledger.detail SET TABLESPACE small_disk")
            yield
            cursor.execute("ALTER TABLE lrtzc_ledger.detail SET TABLESPACE pg_default")
            cursor.execute("DROP TABLESPACE small_disk")
        superuser.autocommit = False
        subprocess.run(["umount", folder], check=True)
        folder.rmdir()

    def test_a_disk_that_is_really_full_keeps_what_was_acknowledged(self, connect, signer, small_disk):
        app, worker = connect("ckan"), connect("lrtzc_sequencer")
        kept = fault = 0
        while not fault and kept < 200_000:
            try:
                fill(app, 1000)
                kept += 1000
            except psycopg2.errors.DiskFull as error:
                fault = error
        assert "No space left on device" in str(fault)
        drain(worker, signer)
        with worker:
            assert store.tree_size(worker) == kept > 1000
            assert not list(audit.check_all(worker))


MEDDLING = {
    "leaf": "UPDATE lrtzc_ledger.outbox SET leaf = overlay(leaf PLACING '\\x39' FROM length(leaf) - 3)",
    "details": "UPDATE lrtzc_ledger.detail SET payload = replace(payload, 'anne', 'bert')",
    "salt": "UPDATE lrtzc_ledger.detail SET salt = substr(sha256(salt), 1, 16)",
    "actor": "UPDATE lrtzc_ledger.detail SET actor = 'bert'",
    "moment": "UPDATE lrtzc_ledger.detail SET moment = moment - interval '1 day'",
    "outcome": "UPDATE lrtzc_ledger.detail SET outcome = 'refused'",
    "hash": "UPDATE lrtzc_ledger.sequence SET leaf_hash = sha256(leaf_hash)",
}


class TestMeddling:
    @pytest.fixture
    def grown(self, connect, superuser, signer):
        app, worker = connect("ckan"), connect("lrtzc_sequencer")
        fill(app, 600)
        # entries wait while anybody's older transaction on this server is open, another test's portal's too
        for _ in range(600):
            drain(worker, signer)
            with worker:
                if store.tree_size(worker) == 600:
                    break
            time.sleep(0.05)
        assert not list(audit.check_all(worker))
        return app, worker

    @pytest.mark.parametrize("what", MEDDLING)
    @pytest.mark.parametrize("index", [3, 300, 599])
    def test_a_row_that_the_superuser_changes_is_found(self, grown, superuser, what, index):
        number = "(SELECT outbox_id FROM lrtzc_ledger.sequence WHERE index = %s)"
        place = {"leaf": f"id = {number}", "hash": "index = %s"}.get(what, f"outbox_id = {number}")
        with superuser, superuser.cursor() as cursor:
            cursor.execute(f"{MEDDLING[what]} WHERE {place}", (index,))
            assert cursor.rowcount == 1
        patrol = audit.Patrol()
        found = [fault for _ in range(3) for fault in patrol.step(grown[1])]
        assert index in {fault.index for fault in found}
        assert index in {fault.index for fault in audit.check_all(grown[1])}

    @pytest.mark.parametrize(
        "statement",
        [
            "DELETE FROM lrtzc_ledger.sequence WHERE index = 300",
            "DELETE FROM lrtzc_ledger.sequence WHERE index > 590",
            "UPDATE lrtzc_ledger.tile SET hashes = decode(repeat('ab', 8192), 'hex') WHERE index = 1",
            "UPDATE lrtzc_ledger.tile SET root = sha256(root) WHERE index = 0",
            "DELETE FROM lrtzc_ledger.tile WHERE index = 1",
            "UPDATE lrtzc_ledger.checkpoint SET root = sha256(root)",
            "DELETE FROM lrtzc_ledger.checkpoint",
        ],
    )
    def test_a_tree_that_the_superuser_changes_is_found(self, grown, superuser, statement):
        with superuser, superuser.cursor() as cursor:
            cursor.execute(statement)
        assert list(audit.check_all(grown[1]))

    def test_an_export_of_what_was_changed_is_rejected_by_the_verifier(
        self, grown, superuser, signer, tmp_path, capsys
    ):
        file = tmp_path / "day.jsonl"

        def exported():
            lines = search.export(grown[0], search.Filters())
            file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
            grown[0].rollback()
            return verify(["export", str(file), "--key", str(signer.verifier)])

        assert exported() == 0
        for what in ("details", "leaf"):
            with superuser, superuser.cursor() as cursor:
                cursor.execute(MEDDLING[what] + (" WHERE id = 7" if what == "leaf" else " WHERE outbox_id = 9"))
            assert exported() == 1
        assert "Not proven" in capsys.readouterr().err

    def test_erased_details_are_no_fault(self, grown):
        app, worker = grown
        with app, app.cursor() as cursor:
            cursor.execute("SELECT lrtzc_ledger.erase(ARRAY[1, 2, 300])")
        assert not list(audit.check_all(worker))
