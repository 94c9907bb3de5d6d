"""How fast the ledger takes entries and proves them, beside a plain audit table without proofs, in one run.

Usage: python tests/benchmarks/ledger.py [--leaves 10000000]   (on the test's PostgreSQL: make services-test first)

Prints a table in Markdown. “Durable” means committed with fsync, as in production.
"""

import argparse
import os
import random
import subprocess
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import psycopg2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ckanext.lrtzc.ledger import sequencer, store
from ckanext.lrtzc.ledger.domain import merkle, tiles
from ckanext.lrtzc.ledger.domain.entry import make_entry
from ckanext.lrtzc.ledger.domain.note import Signer

ROOT = Path(__file__).parents[2]
NAME = "ledger_benchmark"
SIGNER = Signer("benchmark.example/ledger", Ed25519PrivateKey.generate())
BATCH, BATCHES, CLIENTS, SINGLES = 10_000, 20, 8, 4_000


def settings() -> dict[str, str]:
    run = Path(os.environ.get("LRTZC_TEST_RUN", ROOT / "run" / "test"))
    lines = (run / "postgres" / "portal.conf").read_text().splitlines()
    values = dict(line.split(" = ", 1) for line in lines)
    return {"host": values["unix_socket_directories"].strip("'"), "port": values["port"], "user": "postgres"}


def connect():
    return psycopg2.connect(dbname=NAME, **settings())


def prepare() -> None:
    where = settings()
    psql = ["psql", "-h", where["host"], "-p", where["port"], "-U", "postgres", "-X", "-q", "-v", "ON_ERROR_STOP=1"]
    schema = ROOT / "ckanext-lrtzc" / "ckanext" / "lrtzc" / "ledger" / "schema.sql"
    subprocess.run([*psql, "-c", f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)"], check=True)
    subprocess.run([*psql, "-c", f"CREATE DATABASE {NAME} TEMPLATE template0"], check=True)
    roles = ["-v", "app=ckan", "-v", "sequencer=lrtzc_sequencer"]
    subprocess.run([*psql, *roles, "-d", NAME, "-f", schema], check=True)
    with connect() as db, db.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE audit (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, moment timestamptz,"
            " operation text, outcome text, actor text, object_type text, object_id text, origin text, payload text);"
            "CREATE INDEX ON audit (moment); CREATE INDEX ON audit (actor, moment);"
            "CREATE INDEX ON audit (object_id, moment)"
        )


def record(number: int) -> store.Record:
    moment = datetime.now(UTC)
    payload = {"actor": f"person-{number % 500}", "object_id": f"dataset-{number % 900}", "details": {"n": number}}
    entry = make_entry("dataset.update", "done", payload, moment)
    return store.Record(
        entry, moment, "dataset.update", "done", payload["actor"], "dataset", payload["object_id"], "127.0.0.1"
    )


def plain_row(number: int) -> tuple:
    made = record(number)
    return (made.moment, made.operation, made.outcome, made.actor, made.object_type, made.object_id, made.origin,
            made.entry.payload.decode())  # fmt: skip


PLAIN = "INSERT INTO audit (moment, operation, outcome, actor, object_type, object_id, origin, payload) VALUES "


def batches_plain() -> float:
    from psycopg2.extras import execute_values

    db = connect()
    start = time.perf_counter()
    for batch in range(BATCHES):
        with db, db.cursor() as cursor:
            rows = [plain_row(batch * BATCH + number) for number in range(BATCH)]
            execute_values(cursor, PLAIN + "%s", rows, page_size=1000)
    return BATCH * BATCHES / (time.perf_counter() - start)


def batches_ledger() -> tuple[float, float]:
    """Entries a second: written only; written, placed in the tree and signed."""
    app, worker = connect(), connect()
    start = time.perf_counter()
    placing = 0.0
    for batch in range(BATCHES):
        with app:
            store.write_many(app, [record(batch * BATCH + number) for number in range(BATCH)])
        before = time.perf_counter()
        while sequencer.step(worker, SIGNER):
            pass
        placing += time.perf_counter() - before
    whole = time.perf_counter() - start
    return BATCH * BATCHES / (whole - placing), BATCH * BATCHES / whole


def singles(write) -> float:
    def work(first: int) -> None:
        db = connect()
        for number in range(SINGLES // CLIENTS):
            with db:
                write(db, first * SINGLES + number)
        db.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(CLIENTS)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return SINGLES / (time.perf_counter() - start)


def single_plain(db, number: int) -> None:
    with db.cursor() as cursor:
        cursor.execute(PLAIN + "(%s, %s, %s, %s, %s, %s, %s, %s)", plain_row(number))


def single_ledger(db, number: int) -> None:
    store.write(db, record(number))


def large_tree(leaves: int) -> tuple[float, float, int]:
    """Time an inclusion proof in a tree of so many leaves: median and 99th percentile in milliseconds, and the size."""
    with connect() as db, db.cursor() as cursor:
        cursor.execute("TRUNCATE lrtzc_ledger.outbox, lrtzc_ledger.detail, lrtzc_ledger.sequence, lrtzc_ledger.tile, "
                       "lrtzc_ledger.checkpoint, lrtzc_ledger.cosignature")  # fmt: skip
        cursor.execute(
            "INSERT INTO lrtzc_ledger.outbox (leaf) SELECT convert_to('{\"n\":' || n || '}', 'UTF8') "
            "FROM generate_series(1, %s) n",
            (leaves,),
        )
    worker = connect()
    while sequencer.step(worker, SIGNER, limit=100_000):
        pass
    size, root, _ = store.latest_checkpoint(worker)
    times = []
    for _ in range(2_000):
        index = random.randrange(size)
        start = time.perf_counter()
        read = tiles.node_reader(size, store.tile_reader(worker))
        proof = merkle.inclusion_proof(index, size, read)
        times.append((time.perf_counter() - start) * 1000)
        merkle.verify_inclusion(index, size, read(0, index), proof, root)
    times.sort()
    return times[len(times) // 2], times[int(len(times) * 0.99)], size


def tampered(count: int = 1_000_000) -> int:
    """How many of so many altered leaves and proofs are accepted (none must be)."""
    size = 1000
    leaves = [merkle.leaf_hash(b"%d" % number) for number in range(size)]
    edge, full = tiles.Edge(), {}
    for level, index, data in edge.append(leaves):
        full[level, index] = data
    read = tiles.node_reader(size, lambda level, index, width: full.get((level, index)) or b"".join(edge.rows[level]))
    root, accepted = edge.root(), 0
    proofs = [merkle.inclusion_proof(index, size, read) for index in range(size)]
    for number in range(count):
        index = number % size
        parts = [leaves[index], *proofs[index]]
        place, bit = random.randrange(len(parts)), random.randrange(256)
        changed = bytearray(parts[place])
        changed[bit // 8] ^= 1 << (bit % 8)
        parts[place] = bytes(changed)
        try:
            merkle.verify_inclusion(index, size, parts[0], parts[1:], root)
            accepted += 1
        except merkle.ProofError:
            pass
    return accepted


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--leaves", type=int, default=10_000_000)
    parser.add_argument("--tampered", type=int, default=1_000_000)
    options = parser.parse_args()
    prepare()
    plain = batches_plain()
    written, placed = batches_ledger()
    one_plain, one_ledger = singles(single_plain), singles(single_ledger)
    accepted = tampered(options.tampered)
    median, worst, size = large_tree(options.leaves)
    print("| measure | ledger | plain audit table |")
    print("|---|---:|---:|")
    print(f"| entries/s, batches of {BATCH:,}, durable | {written:,.0f} | {plain:,.0f} |")
    print(f"| … placed in the tree and signed too | {placed:,.0f} | no proof |")
    print(f"| entries/s, one a transaction, {CLIENTS} clients, durable | {one_ledger:,.0f} | {one_plain:,.0f} |")
    print(
        f"| inclusion proof in {size:,} entries, ms (median; 99th percentile) | {median:.2f}; {worst:.2f} | no proof |"
    )
    print(f"| of {options.tampered:,} altered leaves and proofs, accepted | {accepted} | all |")


if __name__ == "__main__":
    main()
