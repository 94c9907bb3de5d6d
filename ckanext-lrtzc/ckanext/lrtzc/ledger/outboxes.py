"""The outboxes of the databases that aren't the ledger's: writing into one, and taking over what waits in it.

An operation whose effect is in such a database writes its trace there, in its own transaction. The sequencer carries it
into the ledger's outbox, where it is like any other. It carries each entry once, wherever it is cut off: the entry is
taken out in a transaction that ends only after the ledger's own has; cut off in between, the entry is still there, and
the ledger knows its identifier.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

import psycopg2
from psycopg2.extensions import connection as Connection
from psycopg2.extras import execute_values

from ckanext.lrtzc.ledger import store
from ckanext.lrtzc.ledger.domain.entry import Entry
from ckanext.lrtzc.ledger.store import Record

log = logging.getLogger(__name__)

# Any number of our own: the key of each outbox's advisory lock.
LOCK = 0x6C_72_74_7A_6F
# Entries carried in one transaction; each may hold 64 KiB.
BATCH = 1_000
# Seconds for which a server that doesn't answer is waited for.
_PATIENCE = 5
# What identifiers made of a name are derived from.
_NAMES = UUID("6c72747a-636c-4564-8765-726f7574626f")

_PUT = """
INSERT INTO lrtzc_outbox.entry
    (id, leaf, moment, operation, outcome, actor, object_type, object_id, origin, salt, payload)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_TAKE = """
WITH first AS (SELECT seq FROM lrtzc_outbox.entry ORDER BY seq LIMIT %s)
DELETE FROM lrtzc_outbox.entry e USING first WHERE e.seq = first.seq
RETURNING e.seq, e.id, e.leaf, e.moment, e.operation, e.outcome, e.actor, e.object_type, e.object_id, e.origin,
    e.salt, e.payload
"""


def identifier(name: str | None = None) -> UUID:
    """Give an entry's identifier: a new one, or always the same one for a name."""
    return uuid4() if name is None else uuid5(_NAMES, name)


def put(db: Connection, record: Record, number: UUID) -> None:
    """Write one record into the outbox of a connection's database, in its transaction."""
    with db.cursor() as cursor:
        cursor.execute(_PUT, (str(number), record.entry.leaf, *store.details(record)))


def take_over(ledger: Connection, source: Connection, limit: int = BATCH) -> int:
    """Carry up to `limit` entries of one outbox into the ledger's; give how many were taken out.

    They come in the order in which they were written: what was committed before another began comes before it. Of
    those that wait in different databases nothing is said but their moments.
    """
    with source, source.cursor() as taking:
        taking.execute("SELECT pg_try_advisory_xact_lock(%s)", (LOCK,))
        if not taking.fetchone()[0]:  # pyright: ignore[reportOptionalSubscript]
            return 0
        taking.execute(_TAKE, (limit,))
        rows = sorted(taking.fetchall())
        if rows:
            # Committed before the rows are gone for good: never the other way round.
            with ledger:
                _bring(ledger, rows)
        return len(rows)


def _bring(ledger: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Write into the ledger's outbox, in its transaction, those of the rows that it hasn't had."""
    first: dict[str, Record] = {}
    for _, number, *rest in rows:
        first.setdefault(str(number), _record(*rest))
    with ledger.cursor() as cursor:
        known = "INSERT INTO lrtzc_ledger.arrival (id) VALUES %s ON CONFLICT DO NOTHING RETURNING id"
        values = [(number,) for number in first]
        fresh = execute_values(cursor, known, values, template="(%s::uuid)", page_size=BATCH, fetch=True)
    new = {str(number) for (number,) in fresh}
    store.write_many(ledger, [record for number, record in first.items() if number in new])


def _record(
    leaf: memoryview,
    moment: datetime,
    operation: str,
    outcome: str,
    actor: str | None,
    object_type: str | None,
    object_id: str | None,
    origin: str | None,
    salt: memoryview,
    payload: str,
) -> Record:
    entry = Entry(bytes(leaf), bytes(salt), payload.encode())
    return Record(entry, moment, operation, outcome, actor, object_type, object_id, origin)


class Outboxes:
    """The outboxes of the other databases, by their addresses; one that doesn't answer keeps no other waiting."""

    def __init__(self, addresses: Iterable[str]):
        self._sources: dict[str, Connection | None] = dict.fromkeys(addresses)

    def take_over(self, ledger: Connection) -> int:
        """Carry what waits in each, `BATCH` entries at most of each; give how many.

        :raises psycopg2.Error: where the ledger's own database is at fault.
        """
        total = 0
        for address, source in self._sources.items():
            try:
                if source is None or source.closed:
                    source = self._sources[address] = psycopg2.connect(address, connect_timeout=_PATIENCE)
                total += take_over(ledger, source)
            except psycopg2.Error as error:
                if ledger.closed:
                    raise
                self._forget(address)
                log.warning("An outbox can't be drained, its entries wait: %s", str(error).strip())
        return total

    def close(self) -> None:
        """Close the connections."""
        for address in self._sources:
            self._forget(address)

    def _forget(self, address: str) -> None:
        source, self._sources[address] = self._sources[address], None
        if source is not None:
            source.close()
