"""How fast the ledger takes entries and proves them, beside a plain audit table without proofs, in one run.

Usage: python tests/benchmarks/ledger.py [--leaves 10000000]   (on the test's PostgreSQL: make services-test first)

Writes its section of docs/performance.md (not with --dry). “Durable” means committed with fsync, as in production. The
plain table has the same columns and indexes but neither salt nor leaf, and is filled the same way, by COPY.
"""

import argparse
import io
import json
import os
import random
import resource
import subprocess
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import psycopg2
import report
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ckanext.lrtzc.ledger import outboxes, proofs, search, sequencer, store
from ckanext.lrtzc.ledger.domain import merkle, note, tiles
from ckanext.lrtzc.ledger.domain.entry import canonical, make_entry
from ckanext.lrtzc.ledger.domain.note import Signer

ROOT = Path(__file__).parents[2]
NAME, OTHER = "ledger_benchmark", "outbox_benchmark"
SIGNER = Signer("benchmark.example/ledger", Ed25519PrivateKey.generate())
BATCH, BATCHES, CLIENTS, SINGLES = 10_000, 20, 8, 4_000


def settings() -> dict[str, str]:
    run = Path(os.environ.get("LRTZC_TEST_RUN", ROOT / "run" / "test"))
    lines = (run / "postgres" / "portal.conf").read_text().splitlines()
    values = dict(line.split(" = ", 1) for line in lines)
    return {"host": values["unix_socket_directories"].strip("'"), "port": values["port"], "user": "postgres"}


def connect(name=NAME):
    return psycopg2.connect(dbname=name, **settings())


def prepare() -> None:
    where = settings()
    psql = ["psql", "-h", where["host"], "-p", where["port"], "-U", "postgres", "-X", "-q", "-v", "ON_ERROR_STOP=1"]
    folder = ROOT / "ckanext-lrtzc" / "ckanext" / "lrtzc" / "ledger"
    for name, schema, role in ((NAME, "schema.sql", "app=ckan"), (OTHER, "outbox.sql", "writer=datastore_write")):
        subprocess.run([*psql, "-c", f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"], check=True)
        subprocess.run([*psql, "-c", f"CREATE DATABASE {name} TEMPLATE template0"], check=True)
        roles = ["-v", role, "-v", "sequencer=lrtzc_sequencer"]
        subprocess.run([*psql, *roles, "-d", name, "-f", folder / schema], check=True)
    with connect() as db, db.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE audit (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, moment timestamptz,"
            " operation text, outcome text, actor text, object_type text, object_id text, origin text, payload text);"
            "CREATE INDEX ON audit (moment); CREATE INDEX ON audit (actor, id);"
            "CREATE INDEX ON audit (object_id, id); CREATE INDEX ON audit (operation text_pattern_ops, moment)"
        )


def record(number: int) -> store.Record:
    moment = datetime.now(UTC)
    payload = {"actor": f"person-{number % 500}", "object_id": f"dataset-{number % 900}", "details": {"n": number}}
    entry = make_entry("dataset.update", "done", payload, moment)
    return store.Record(
        entry, moment, "dataset.update", "done", payload["actor"], "dataset", payload["object_id"], "127.0.0.1"
    )


def plain_row(number: int) -> tuple:
    actor, thing = f"person-{number % 500}", f"dataset-{number % 900}"
    payload = canonical({"actor": actor, "object_id": thing, "details": {"n": number}}).decode()
    return (datetime.now(UTC), "dataset.update", "done", actor, "dataset", thing, "127.0.0.1", payload)


COLUMNS = "(moment, operation, outcome, actor, object_type, object_id, origin, payload)"


def batches_plain() -> float:
    db = connect()
    start = time.perf_counter()
    for batch in range(BATCHES):
        with db, db.cursor() as cursor:
            rows = (plain_row(batch * BATCH + number) for number in range(BATCH))
            text = io.StringIO("".join("\t".join(map(str, row)) + "\n" for row in rows))
            cursor.copy_expert(f"COPY audit {COLUMNS} FROM STDIN", text)
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


def carried() -> float:
    """Entries a second that are taken over from another database's outbox, placed in the tree and signed."""
    writer, source, ledger = connect(OTHER), connect(OTHER), connect()
    with writer:
        for number in range(2 * BATCH):
            outboxes.put(writer, record(number), outboxes.identifier())
    start, count = time.perf_counter(), 0
    while taken := outboxes.take_over(ledger, source):
        count += taken
    while sequencer.step(ledger, SIGNER):
        pass
    return count / (time.perf_counter() - start)


def singles(write, name=NAME) -> float:
    def work(first: int) -> None:
        db = connect(name)
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
        cursor.execute(f"INSERT INTO audit {COLUMNS} VALUES (%s, %s, %s, %s, %s, %s, %s, %s)", plain_row(number))


def single_ledger(db, number: int) -> None:
    store.write(db, record(number))


def single_outbox(db, number: int) -> None:
    outboxes.put(db, record(number), outboxes.identifier())


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
        read = proofs.reader(worker, size, root)
        proof = merkle.inclusion_proof(index, size, read)
        times.append((time.perf_counter() - start) * 1000)
        merkle.verify_inclusion(index, size, read(0, index), proof, root)
    times.sort()
    return times[len(times) // 2], times[int(len(times) * 0.99)], size


def tampered(count: int = 1_000_000) -> int:
    """How many of so many altered entries, proofs and checkpoints are accepted (none must be)."""
    size, old_size = 1000, 640
    leaves = [merkle.leaf_hash(b"%d" % number) for number in range(size)]
    edge, full = tiles.Edge(), {}
    for level, index, data in edge.append(leaves):
        full[level, index] = data
    read = tiles.node_reader(size, lambda level, index, width: full.get((level, index)) or b"".join(edge.rows[level]))
    root, old_root, accepted = edge.root(), merkle.root_hash(old_size, read), 0
    proofs = [merkle.inclusion_proof(index, size, read) for index in range(size)]
    growth = merkle.consistency_proof(old_size, size, read)
    text = note.Checkpoint(SIGNER.name, size, root).text
    signed = (text + "\n" + SIGNER.sign(text)).encode()

    def changed(parts: list[bytes]) -> list[bytes]:
        place = random.randrange(len(parts))
        data = bytearray(parts[place])
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)
        return [*parts[:place], bytes(data), *parts[place + 1 :]]

    for number in range(count):
        index = number % size
        try:
            match number % 10:
                case 0:
                    (raw,) = changed([signed])
                    note.Note.parse(raw.decode()).signed_by([SIGNER.verifier])
                case 1 | 2 | 3:
                    first, second, *proof = changed([old_root, root, *growth])
                    merkle.verify_consistency(old_size, size, first, second, proof)
                case 4 | 5 | 6:
                    (entry,) = changed([b"%d" % index])
                    merkle.verify_inclusion(index, size, merkle.leaf_hash(entry), proofs[index], root)
                case _:
                    leaf, *proof = changed([leaves[index], *proofs[index]])
                    merkle.verify_inclusion(index, size, leaf, proof, root)
            accepted += 1
        except (merkle.ProofError, note.NoteError, UnicodeDecodeError):
            pass
    return accepted


SEARCHES = {
    "the newest": search.Filters(),
    "of one person": search.Filters(actor="person-77"),
    "of one object": search.Filters(objects=("dataset-77",)),
    "of a frequent operation": search.Filters(operation="access."),
    "of a rare operation": search.Filters(operation="vote."),
    "of an old day": search.Filters(since=datetime(2025, 3, 1, tzinfo=UTC), until=datetime(2025, 3, 2, tzinfo=UTC)),
    "on and on from the middle": search.Filters(before=500_000),
    "what isn't there": search.Filters(operation="dataset.update", actor="nobody", objects=("nothing",)),
}


def memory() -> float:
    """The process's own memory now, in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6


def reading(count: int = 1_000_000) -> tuple[float, float, float, float]:
    """Search so many entries and export them: slowest page (ms), entries/s exported, of a plain table, MB grown."""
    with connect() as db, db.cursor() as cursor:
        cursor.execute(
            "INSERT INTO lrtzc_ledger.detail SELECT id, timestamptz '2025-01-01' + id * interval '40 seconds',"
            " CASE WHEN id %% 50000 = 7 THEN 'vote.cast' WHEN id %% 3 = 0 THEN 'access.read' ELSE 'dataset.update' END,"
            " 'done', 'person-' || id %% 500, 'dataset', 'dataset-' || id %% 900, '127.0.0.1', decode(md5(id::text),"
            " 'hex'), '{\"details\":{\"n\":' || id || '}}' FROM lrtzc_ledger.outbox ORDER BY id LIMIT %s",
            (count,),
        )
        cursor.execute(
            f"TRUNCATE audit; INSERT INTO audit {COLUMNS} SELECT moment, operation, outcome, actor, object_type,"
            " object_id, origin, payload FROM lrtzc_ledger.detail"
        )
    db.autocommit = True
    with db.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    db.autocommit = False
    slowest = 0.0
    for name, asked in SEARCHES.items():
        times = []
        for _ in range(7):
            start = time.perf_counter()
            search.page(db, asked)
            times.append((time.perf_counter() - start) * 1000)
        print(f"  {name}: {sorted(times)[3]:.1f} ms")
        slowest = max(slowest, sorted(times)[3])
    exported, grown, before, start = -1, 0.0, memory(), time.perf_counter()
    for line in search.export(db, search.Filters()):
        exported += len(json.dumps(line)) > 0
        if exported % 10_000 == 0:
            grown = max(grown, memory() - before)
    ours = exported / (time.perf_counter() - start)
    assert exported == count, exported
    start = time.perf_counter()
    with db.cursor(name="plain") as cursor:
        cursor.itersize = 1000
        cursor.execute("SELECT * FROM audit ORDER BY id DESC")
        plain = sum(len(json.dumps(row, default=str)) > 0 for row in cursor)
    return slowest, ours, plain / (time.perf_counter() - start), grown


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--leaves", type=int, default=10_000_000)
    parser.add_argument("--tampered", type=int, default=1_000_000)
    parser.add_argument("--dry", action="store_true", help="print only")
    options = parser.parse_args()
    prepare()
    plain = batches_plain()
    written, placed = batches_ledger()
    one_plain, one_ledger = singles(single_plain), singles(single_ledger)
    one_outbox, taken = singles(single_outbox, OTHER), carried()
    accepted = tampered(options.tampered)
    median, worst, size = large_tree(options.leaves)
    count = min(1_000_000, size)
    slowest, ours, theirs, grown = reading(count)
    rows = [
        (f"entries/s, batches of {BATCH:,}, durable", f"{written:,.0f}", f"{plain:,.0f}", "≥ 10,000"),
        ("… placed in the tree and signed too", f"{placed:,.0f}", "no proof", "≥ 10,000"),
        (f"entries/s, one a transaction, {CLIENTS} clients", f"{one_ledger:,.0f}", f"{one_plain:,.0f}", "≥ 500"),
        ("… the same, into another database's outbox", f"{one_outbox:,.0f}", "", "≥ 500"),
        ("entries/s of another database, taken over, placed and signed", f"{taken:,.0f}", "no proof", ""),
        (f"inclusion proof in {size:,} entries, ms (median)", f"{median:.2f}", "no proof", "< 1"),
        ("… 99th percentile", f"{worst:.2f}", "no proof", ""),
        (f"of {options.tampered:,} altered entries, proofs, checkpoints, accepted", accepted, "all", "0"),
        (f"slowest of {len(SEARCHES)} searches in {count:,} entries, ms", f"{slowest:.1f}", "", ""),
        (f"export of {count:,} entries (ours with proofs), entries/s", f"{ours:,.0f}", f"{theirs:,.0f}", ""),
        ("… memory grown by it, MB", f"{grown:.0f}", "", "constant"),
    ]
    header = ("measure", "ledger", "plain audit table", "limit")
    load = ", ".join(f"{value:.0f}" for value in os.getloadavg())
    notes = f"One run, PostgreSQL with fsync, load of the machine at the end (1, 5, 15 minutes): {load}."
    if options.dry:
        for row in rows:
            print("| " + " | ".join(map(str, row)) + " |")
    else:
        report.write("ledger", "The ledger", "python tests/benchmarks/ledger.py", header, rows, notes)


if __name__ == "__main__":
    main()
