"""The ledger on a real database: nothing lost, nothing doubled, nothing altered unseen."""

import threading
from datetime import UTC, datetime

import psycopg2
import pytest

from ckanext.lrtzc.ledger import sequencer, store
from ckanext.lrtzc.ledger.domain import merkle, note, tiles
from ckanext.lrtzc.ledger.domain.entry import make_entry, verify_payload

pytestmark = pytest.mark.usefixtures("empty_ledger")
MOMENT = datetime(2026, 5, 1, 12, tzinfo=UTC)


def record(number):
    payload = {"actor": f"person-{number}", "object": "arbres\t\\.\n'é"}
    return store.Record(make_entry("dataset.update", "done", payload, MOMENT), MOMENT, "dataset.update", "done", "p")


def fill(db, count):
    with db:
        store.write_many(db, [record(number) for number in range(count)])


def drain(db, signer, limit=sequencer.BATCH):
    total = 0
    while done := sequencer.step(db, signer, limit):
        total += done
    return total


def rows(db, query):
    with db, db.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def test_every_entry_gets_one_place_and_a_proof(connect, signer):
    app, worker = connect("ckan"), connect("lrtzc_sequencer")
    fill(app, 700)
    assert drain(worker, signer, limit=300) == 700
    size, root, text = store.latest_checkpoint(worker)
    assert size == 700
    signed = note.Note.parse(text)
    assert signed.signed_by([signer.verifier])
    assert note.Checkpoint.parse(signed.text).root == root
    read = tiles.node_reader(size, store.tile_reader(worker))
    stored = rows(
        app,
        "SELECT s.index, o.leaf, d.salt, d.payload FROM lrtzc_ledger.sequence s "
        "JOIN lrtzc_ledger.outbox o ON o.id = s.outbox_id JOIN lrtzc_ledger.detail d USING (outbox_id)",
    )
    assert sorted(row[0] for row in stored) == list(range(700))
    for index, leaf, salt, payload in stored:
        proof = merkle.inclusion_proof(index, size, read)
        merkle.verify_inclusion(index, size, merkle.leaf_hash(bytes(leaf)), proof, root)
        verify_payload(bytes(leaf), bytes(salt), payload.encode())


def test_each_head_extends_the_one_before(connect, signer):
    app, worker = connect("ckan"), connect("lrtzc_sequencer")
    for count in (1, 255, 1, 600):
        fill(app, count)
        drain(worker, signer)
    heads = rows(worker, "SELECT size, root FROM lrtzc_ledger.checkpoint ORDER BY size")
    size = heads[-1][0]
    assert size == 857
    read = tiles.node_reader(size, store.tile_reader(worker))
    for old, root in heads[:-1]:
        proof = merkle.consistency_proof(old, size, read)
        merkle.verify_consistency(old, size, bytes(root), bytes(heads[-1][1]), proof)


def test_an_operation_undone_leaves_no_entry(connect, signer):
    app, worker = connect("ckan"), connect("lrtzc_sequencer")
    store.write(app, record(1))
    app.rollback()
    assert drain(worker, signer) == 0
    assert store.tree_size(worker) == 0


def test_an_open_transaction_is_waited_for(connect, signer):
    slow, quick, worker = connect("ckan"), connect("ckan"), connect("lrtzc_sequencer")
    store.write(slow, record(1))
    fill(quick, 3)
    assert drain(worker, signer) == 0
    slow.commit()
    assert drain(worker, signer) == 4


def test_two_sequencers_make_one_tree(connect, signer):
    app = connect("ckan")
    workers = [connect("lrtzc_sequencer") for _ in range(2)]
    fill(app, 2000)
    faults = []

    def work(db):
        try:
            for _ in range(60):
                sequencer.step(db, signer, 50)
        except psycopg2.Error as error:
            faults.append(error)

    threads = [threading.Thread(target=work, args=(db,)) for db in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    drain(workers[0], signer)
    assert rows(app, "SELECT count(*), count(DISTINCT outbox_id), max(index) FROM lrtzc_ledger.sequence") == [
        (2000, 2000, 1999)
    ]
    sequencer.load_edge(workers[0])


def test_a_sequencer_cut_off_half_way_loses_and_doubles_nothing(connect, signer, monkeypatch):
    app, worker = connect("ckan"), connect("lrtzc_sequencer")
    fill(app, 300)

    def cut(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(store, "add_checkpoint", cut)
        with pytest.raises(KeyboardInterrupt):
            sequencer.step(worker, signer)
    assert store.tree_size(worker) == 0
    assert drain(worker, signer) == 300


@pytest.mark.parametrize("role", ["ckan", "lrtzc_sequencer"])
@pytest.mark.parametrize("table", ["outbox", "detail", "arrival", "sequence", "tile", "checkpoint", "cosignature"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET {} = {}", "TRUNCATE {}", "DROP TABLE {}"])
def test_no_program_may_change_what_is_written(connect, role, table, statement):
    column = {"outbox": "leaf", "arrival": "id", "detail": "payload", "sequence": "leaf_hash", "tile": "root"}.get(
        table, "size"
    )
    with connect(role) as db, db.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        cursor.execute(statement.format(f"lrtzc_ledger.{table}", column, column))


def test_what_the_superuser_changes_is_noticed(connect, superuser, signer):
    app, worker = connect("ckan"), connect("lrtzc_sequencer")
    fill(app, 10)
    drain(worker, signer)
    with superuser, superuser.cursor() as cursor:
        cursor.execute("UPDATE lrtzc_ledger.sequence SET leaf_hash = sha256('forged') WHERE index = 4")
    fill(app, 1)
    with pytest.raises(sequencer.TreeError):
        sequencer.step(worker, signer)
    assert store.tree_size(worker) == 10


def test_details_can_be_erased_and_proofs_stay(connect, signer):
    app, worker = connect("ckan"), connect("lrtzc_sequencer")
    fill(app, 5)
    drain(worker, signer)
    before = store.latest_checkpoint(worker)
    with app, app.cursor() as cursor:
        cursor.execute("SELECT lrtzc_ledger.erase(ARRAY[2, 3, 99])")
        assert cursor.fetchone()[0] == 2
    sequencer.load_edge(worker)
    assert store.latest_checkpoint(worker) == before
    assert rows(app, "SELECT count(*) FROM lrtzc_ledger.detail") == [(3,)]
