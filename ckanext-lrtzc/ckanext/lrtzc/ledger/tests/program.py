"""One program of the ledger as a process of its own, to be killed: `program.py WHAT HOST PORT DATABASE OTHER NAME`.

`write` and `put` (into the other database's outbox) say the number of each entry on their output once it is committed.
`sequence` does what the sequencer does. So do `before` and `after`, but they kill themselves when what they carry from
the other database is about to be committed in the ledger, or has been and is about to be gone from the outbox.
"""

import json
import os
import signal
import sys
from datetime import UTC, datetime

import psycopg2
import psycopg2.extensions
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ckanext.lrtzc.ledger import outboxes, sequencer, store
from ckanext.lrtzc.ledger.domain.entry import make_entry
from ckanext.lrtzc.ledger.domain.note import Signer

SIGNER = Signer("donnees.example.org/ledger", Ed25519PrivateKey.from_private_bytes(b"\x03" * 32))


def record(text: str) -> store.Record:
    """Give an entry that says a text."""
    moment = datetime.now(UTC)
    entry = make_entry("vote.cast", "done", {"details": {"text": text}}, moment)
    return store.Record(entry, moment, "vote.cast", "done")


class Cut(psycopg2.extensions.connection):
    """A connection whose process dies when it is about to commit."""

    def commit(self):
        os.kill(os.getpid(), signal.SIGKILL)


def open_as(role: str, database: str, kind=psycopg2.extensions.connection):
    """Connect with the rights of a role."""
    host, port = sys.argv[2:4]
    db = psycopg2.connect(host=host, port=port, dbname=database, user="postgres", connection_factory=kind)
    db.autocommit = True
    with db.cursor() as cursor:
        cursor.execute(f"SET ROLE {role}")
    db.autocommit = False
    return db


def sequence(database: str, second: str, what: str) -> None:
    """Sequence what is written here, and in the other database if there is one."""
    ledger = open_as("lrtzc_sequencer", database, Cut if what == "before" else psycopg2.extensions.connection)
    other = second and open_as("lrtzc_sequencer", second, Cut if what == "after" else psycopg2.extensions.connection)
    while True:
        if other:
            outboxes.take_over(ledger, other, 20)
        sequencer.step(ledger, SIGNER, 40)


def main() -> None:
    """Run for ever."""
    what, _, _, database, second, name = sys.argv[1:]
    if what not in ("write", "put"):
        sequence(database, second, what)
    db = open_as("ckan", database) if what == "write" else open_as("datastore_write", second)
    number = 0
    while True:
        number += 1
        text = f"{name}-{number}"
        records = [record(f"{text}-{part}") for part in range(3)]
        with db:
            if what == "write":
                store.write_many(db, records)
            else:
                for each in records:
                    outboxes.put(db, each, outboxes.identifier())
        sys.stdout.write(json.dumps(text) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
