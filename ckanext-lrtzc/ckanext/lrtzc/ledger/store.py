"""The ledger's tables, by SQL on a psycopg2 connection. No CKAN here: any database may hold an outbox."""

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from psycopg2.extensions import connection as Connection
from psycopg2.extras import execute_values

from ckanext.lrtzc.ledger.domain.entry import Entry
from ckanext.lrtzc.ledger.domain.tiles import WIDTH, ReadTile

# The largest number that a leaf or a tile may have in the database.
MAX_INDEX = 2**62


class Record(NamedTuple):
    """What an operation hands to the outbox: the entry, and its details as columns to search by."""

    entry: Entry
    moment: datetime
    operation: str
    outcome: str
    actor: str | None = None
    object_type: str | None = None
    object_id: str | None = None
    origin: str | None = None


class Pending(NamedTuple):
    """A row of the outbox that has no place in the tree yet."""

    outbox_id: int
    leaf: bytes


_INSERT = """
WITH entry AS (INSERT INTO lrtzc_ledger.outbox (leaf) VALUES (%s) RETURNING id)
INSERT INTO lrtzc_ledger.detail
    (outbox_id, moment, operation, outcome, actor, object_type, object_id, origin, salt, payload)
SELECT id, %s, %s, %s, %s, %s, %s, %s, %s, %s FROM entry RETURNING outbox_id
"""


def write(db: Connection, record: Record) -> int:
    """Write one record in the caller's transaction; give its number in the outbox."""
    with db.cursor() as cursor:
        cursor.execute(_INSERT, (record.entry.leaf, *details(record)))
        return cursor.fetchone()[0]  # pyright: ignore[reportOptionalSubscript]


def write_many(db: Connection, records: Sequence[Record]) -> None:
    """Write many records in the caller's transaction, by two statements for each thousand."""
    with db.cursor() as cursor:
        for at in range(0, len(records), 1000):
            part = records[at : at + 1000]
            ids = execute_values(
                cursor,
                "INSERT INTO lrtzc_ledger.outbox (leaf) VALUES %s RETURNING id",
                [(record.entry.leaf,) for record in part],
                page_size=1000,
                fetch=True,
            )
            # Identity numbers are given in the order of the values.
            numbers = sorted(number for (number,) in ids)
            text = io.StringIO()
            for number, record in zip(numbers, part, strict=True):
                text.write("\t".join(_copy_text(value) for value in (number, *details(record))) + "\n")
            text.seek(0)
            cursor.copy_expert(
                "COPY lrtzc_ledger.detail (outbox_id, moment, operation, outcome, actor, object_type, object_id, "
                "origin, salt, payload) FROM STDIN",
                text,
            )


def details(record: Record) -> tuple[Any, ...]:
    """Give a record's columns beside its leaf: moment to origin, salt, payload."""
    return (
        record.moment,
        record.operation,
        record.outcome,
        record.actor,
        record.object_type,
        record.object_id,
        record.origin,
        record.entry.salt,
        record.entry.payload.decode(),
    )


_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _copy_text(value: object) -> str:
    match value:
        case None:
            return "\\N"
        case bytes():
            return "\\\\x" + value.hex()
        case datetime():
            return value.isoformat()
        case _:
            return str(value).translate(_ESCAPES)


_LAST = """
SELECT o.transaction::text, o.id, o.transaction >= pg_snapshot_xmax(pg_current_snapshot())
FROM lrtzc_ledger.sequence s JOIN lrtzc_ledger.outbox o ON o.id = s.outbox_id ORDER BY s.index DESC LIMIT 1
"""
# A scalar subquery, so that each row is looked up by its key, however large the tree.
_NEXT = """
SELECT o.id, o.leaf FROM lrtzc_ledger.outbox o
WHERE o.transaction < pg_snapshot_xmin(pg_current_snapshot()) AND (o.transaction, o.id) > (%s::xid8, %s)
  AND (SELECT s.index FROM lrtzc_ledger.sequence s WHERE s.outbox_id = o.id) IS NULL
ORDER BY o.transaction, o.id LIMIT %s
"""
# Of another server: rows whose transactions this one hasn't begun were committed there, before the rest.
_RESTORED = """
SELECT o.id, o.leaf FROM lrtzc_ledger.outbox o LEFT JOIN lrtzc_ledger.sequence s ON s.outbox_id = o.id
WHERE s.outbox_id IS NULL AND (o.transaction < pg_snapshot_xmin(pg_current_snapshot())
  OR o.transaction >= pg_snapshot_xmax(pg_current_snapshot()))
ORDER BY o.transaction < pg_snapshot_xmin(pg_current_snapshot()), o.transaction, o.id LIMIT %s
"""


def pending(db: Connection, limit: int) -> list[Pending]:
    """Give the next rows to sequence, in the order of their transactions.

    Only rows of transactions older than any that is still open: none can appear before them later. In a database that
    was restored on another server, transactions count anew: what has no place yet is then looked for one by one.
    """
    with db.cursor() as cursor:
        cursor.execute(_LAST)
        transaction, number, restored = cursor.fetchone() or ("0", 0, False)
        if restored:
            cursor.execute(_RESTORED, (limit,))
        else:
            cursor.execute(_NEXT, (transaction, number, limit))
        return [Pending(number, bytes(leaf)) for number, leaf in cursor]


def tree_size(db: Connection) -> int:
    """Give how many leaves the tree has."""
    with db.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(index) + 1, 0) FROM lrtzc_ledger.sequence")
        return cursor.fetchone()[0]  # pyright: ignore[reportOptionalSubscript]


def waiting(db: Connection) -> tuple[int, datetime | None]:
    """Give how many entries wait for their place (10,000 at most are counted), and since when the first does."""
    with db.cursor() as cursor:
        cursor.execute(
            """
            WITH last AS (
                SELECT o.transaction, o.id FROM lrtzc_ledger.sequence s JOIN lrtzc_ledger.outbox o ON o.id = s.outbox_id
                ORDER BY s.index DESC LIMIT 1
            ), rest AS (
                SELECT o.id FROM lrtzc_ledger.outbox o WHERE (o.transaction, o.id) > (
                    coalesce((SELECT transaction FROM last), '0'::xid8), coalesce((SELECT id FROM last), 0))
                ORDER BY o.transaction, o.id LIMIT 10000
            )
            SELECT (SELECT count(*) FROM rest), (SELECT min(moment) FROM lrtzc_ledger.detail
                WHERE outbox_id = (SELECT min(id) FROM rest))
            """
        )
        return cursor.fetchone()  # pyright: ignore[reportReturnType]


def append(db: Connection, start: int, rows: Sequence[Pending], hashes: Sequence[bytes]) -> None:
    """Give rows their places in the tree, from `start` on. What is taken already is the database's error."""
    text = io.StringIO()
    for index, (row, leaf_hash) in enumerate(zip(rows, hashes, strict=True), start):
        text.write(f"{index}\t{row.outbox_id}\t\\\\x{leaf_hash.hex()}\n")
    text.seek(0)
    with db.cursor() as cursor:
        cursor.copy_expert("COPY lrtzc_ledger.sequence (index, outbox_id, leaf_hash) FROM STDIN", text)


def add_tiles(db: Connection, tiles: Iterable[tuple[int, int, bytes, bytes]]) -> None:
    """Keep full tiles, each as (level, index, 256 joined hashes, the root above them)."""
    rows = list(tiles)
    if rows:
        with db.cursor() as cursor:
            execute_values(cursor, "INSERT INTO lrtzc_ledger.tile (level, index, hashes, root) VALUES %s", rows)


def add_checkpoint(db: Connection, size: int, root: bytes, note: str) -> None:
    """Keep a signed head of the tree."""
    with db.cursor() as cursor:
        cursor.execute("INSERT INTO lrtzc_ledger.checkpoint (size, root, note) VALUES (%s, %s, %s)", (size, root, note))


def latest_checkpoint(db: Connection) -> tuple[int, bytes, str] | None:
    """Give the newest signed head as (size, root, note)."""
    with db.cursor() as cursor:
        cursor.execute("SELECT size, root, note FROM lrtzc_ledger.checkpoint ORDER BY size DESC LIMIT 1")
        row = cursor.fetchone()
    return (row[0], bytes(row[1]), row[2]) if row else None


def checkpoint_of(db: Connection, size: int) -> tuple[int, bytes, str] | None:
    """Give the signed head of a size as (size, root, note)."""
    with db.cursor() as cursor:
        cursor.execute("SELECT size, root, note FROM lrtzc_ledger.checkpoint WHERE size = %s", (size,))
        row = cursor.fetchone()
    return (row[0], bytes(row[1]), row[2]) if row else None


def cosignatures(db: Connection, size: int) -> str:
    """Give the witnesses' signature lines of a head."""
    with db.cursor() as cursor:
        cursor.execute("SELECT line FROM lrtzc_ledger.cosignature WHERE size = %s ORDER BY witness", (size,))
        return "".join(line for (line,) in cursor)


def add_cosignature(db: Connection, size: int, witness: str, line: str, moment: datetime) -> None:
    """Keep a witness's signature line; the first of each witness for a head stands."""
    with db.cursor() as cursor:
        cursor.execute(
            "INSERT INTO lrtzc_ledger.cosignature (size, witness, line, moment) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT DO NOTHING",
            (size, witness, line, moment),
        )


def tile_reader(db: Connection) -> ReadTile:
    """Give a function that reads tiles: full ones as kept, partial ones from what lies below."""

    def read(level: int, index: int, width: int) -> bytes:
        first = index * WIDTH
        with db.cursor() as cursor:
            if width == WIDTH:
                cursor.execute("SELECT hashes FROM lrtzc_ledger.tile WHERE level = %s AND index = %s", (level, index))
                if row := cursor.fetchone():
                    return bytes(row[0])
            if level == 0:
                query = "SELECT leaf_hash FROM lrtzc_ledger.sequence WHERE index >= %s AND index < %s ORDER BY index"
                cursor.execute(query, (first, first + width))
            else:
                query = (
                    "SELECT root FROM lrtzc_ledger.tile WHERE level = %s AND index >= %s AND index < %s ORDER BY index"
                )
                cursor.execute(query, (level - 1, first, first + width))
            return b"".join(bytes(part) for (part,) in cursor)

    return read
