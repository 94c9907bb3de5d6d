"""What is done in another database is in the ledger once, and what was undone there never is, wherever one cuts."""

import json
import signal
import threading
import time
from collections import Counter

import psycopg2
import pytest

from ckanext.lrtzc.ledger import audit, outboxes, sequencer
from ckanext.lrtzc.ledger.tests.entries import entry


@pytest.fixture
def empty(other, empty_ledger, connect):
    """Empty both."""
    db = connect("postgres", other)
    with db, db.cursor() as cursor:
        cursor.execute("TRUNCATE lrtzc_outbox.entry RESTART IDENTITY")


@pytest.fixture
def writer(empty, connect, other):
    return connect("datastore_write", other)


@pytest.fixture
def ends(empty, connect, other):
    """Give the sequencer's two ends: the ledger, and the other database."""
    return connect("lrtzc_sequencer"), connect("lrtzc_sequencer", other)


def put(db, *texts, name=None):
    for text in texts:
        outboxes.put(db, entry(text), outboxes.identifier(name))


def carry(ends, limit=outboxes.BATCH):
    while outboxes.take_over(*ends, limit):
        pass


def carry_all(ends):
    # The server takes a moment to see that a process is gone, and to give its rows back.
    deadline = time.monotonic() + 60
    while waiting(ends[1]) and time.monotonic() < deadline:
        carry(ends)


def texts(db, source="lrtzc_ledger.detail ORDER BY outbox_id"):
    with db, db.cursor() as cursor:
        cursor.execute(f"SELECT payload FROM {source}")
        return [json.loads(payload)["details"]["text"] for (payload,) in cursor]


def waiting(db):
    return texts(db, "lrtzc_outbox.entry ORDER BY seq")


class TestCarrying:
    def test_entries_come_in_order_and_the_outbox_keeps_nothing(self, writer, ends, connect, signer):
        said = [f"{number} é\t\\ \"'" for number in range(50)]
        with writer:
            put(writer, *said)
        carry(ends, limit=7)
        assert texts(connect("ckan")) == said
        assert waiting(ends[1]) == []
        placed, deadline = 0, time.monotonic() + 60
        while placed < 50 and time.monotonic() < deadline:
            placed += sequencer.step(ends[0], signer)
        assert placed == 50
        assert not list(audit.check_all(ends[0])), "each is the one that its leaf committed to"

    def test_what_is_rolled_back_is_never_told(self, writer, ends, connect):
        put(writer, "undone")
        writer.rollback()
        carry(ends)
        assert texts(connect("ckan")) == []

    def test_a_long_transaction_holds_back_its_own_entries_only(self, writer, ends, connect, other):
        slow = connect("datastore_write", other)
        put(slow, "slow")
        with writer:
            put(writer, "quick")
        carry(ends)
        assert texts(connect("ckan")) == ["quick"]
        slow.commit()
        carry(ends)
        assert texts(connect("ckan")) == ["quick", "slow"]

    def test_one_name_is_one_entry_the_first(self, writer, ends, connect):
        with writer:
            put(writer, "first", "again", name="batch 1")
        carry(ends)
        with writer:
            put(writer, "later", name="batch 1")
            put(writer, "another", name="batch 2")
        carry(ends)
        assert texts(connect("ckan")) == ["first", "another"]
        assert waiting(ends[1]) == []

    def test_what_a_restored_copy_brings_again_is_known(self, writer, ends, connect, other):
        with writer:
            put(writer, "one", "two")
        keeper = connect("postgres", other)
        with keeper, keeper.cursor() as cursor:
            cursor.execute("CREATE TABLE copy AS SELECT * FROM lrtzc_outbox.entry")
        carry(ends)
        with keeper, keeper.cursor() as cursor:
            cursor.execute("INSERT INTO lrtzc_outbox.entry OVERRIDING SYSTEM VALUE SELECT * FROM copy; DROP TABLE copy")
        carry(ends)
        assert texts(connect("ckan")) == ["one", "two"]

    def test_two_sequencers_carry_each_entry_once(self, writer, ends, connect, other):
        with writer:
            put(writer, *map(str, range(300)))
        both = [ends, (connect("lrtzc_sequencer"), connect("lrtzc_sequencer", other))]
        faults = []

        def work(mine):
            try:
                for _ in range(60):
                    outboxes.take_over(*mine, 10)
            except psycopg2.Error as error:
                faults.append(error)

        threads = [threading.Thread(target=work, args=(mine,)) for mine in both]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        carry(ends)
        assert not faults
        assert sorted(texts(connect("ckan")), key=int) == [str(number) for number in range(300)]

    def test_a_database_that_does_not_answer_keeps_no_other_waiting(self, writer, ends, connect, where, other):
        with writer:
            put(writer, "here")
        address = f"host={where['host']} port={where['port']} user=postgres dbname="
        all_of_them = outboxes.Outboxes([f"{address}no_such_database", f"{address}{other}"])
        assert all_of_them.take_over(ends[0]) == 1
        assert texts(connect("ckan")) == ["here"]
        all_of_them.close()


class TestKilled:
    @pytest.mark.parametrize(("cut", "reached"), [("before", []), ("after", ["one", "two"])])
    def test_a_cut_between_the_two_commits(self, start, writer, ends, connect, other, cut, reached):
        with writer:
            put(writer, "one", "two")
        process, _ = start(cut, other=other)
        assert process.wait(60) == -signal.SIGKILL
        assert texts(connect("ckan")) == reached
        carry_all(ends)
        assert texts(connect("ckan")) == ["one", "two"]
        assert waiting(ends[1]) == []

    def test_killed_again_and_again_it_loses_and_doubles_nothing(self, kill_at_work, ends, connect, other):
        acknowledged = kill_at_work("put", 3, 2, other)
        carry_all(ends)
        found = Counter(texts(connect("ckan")))
        assert len(acknowledged) > 30
        assert acknowledged <= set(found)
        assert max(found.values()) == 1
        assert set(Counter(text.rpartition("-")[0] for text in found).values()) == {3}, "whole transactions only"


class TestRights:
    @pytest.mark.parametrize(
        ("role", "statement"),
        [
            *(
                ("datastore_write", statement)
                for statement in (
                    "SELECT payload FROM lrtzc_outbox.entry",
                    "UPDATE lrtzc_outbox.entry SET outcome = 'done'",
                    "DELETE FROM lrtzc_outbox.entry",
                    "TRUNCATE lrtzc_outbox.entry",
                    "DROP SCHEMA lrtzc_outbox CASCADE",
                )
            ),
            ("datastore_read", "SELECT payload FROM lrtzc_outbox.entry"),
            ("lrtzc_sequencer", "UPDATE lrtzc_outbox.entry SET outcome = 'done'"),
            ("lrtzc_sequencer", "INSERT INTO lrtzc_outbox.entry (seq) OVERRIDING SYSTEM VALUE VALUES (1)"),
            ("lrtzc_sequencer", "TRUNCATE lrtzc_outbox.entry"),
        ],
    )
    def test_a_role_does_its_part_and_nothing_else(self, other, connect, role, statement):
        db = connect(role, other)
        with db.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(statement)
        db.rollback()

    @pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET id = id", "INSERT INTO {} VALUES (NULL)"])
    def test_what_has_arrived_is_nobodys_to_forget(self, connect, statement):
        db = connect("ckan")
        with db.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(statement.format("lrtzc_ledger.arrival"))
        db.rollback()
