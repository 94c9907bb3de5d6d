"""Looks for what somebody changed in the ledger's tables behind the programs' back.

The sequencer checks the tree's edge at each step. Here the rest is checked, tile by tile: each entry has the hash that
stands in the tree, its details are those it committed to, its columns say what they say, each tile carries the next.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from psycopg2.extensions import connection as Connection

from ckanext.lrtzc.ledger import sequencer, store
from ckanext.lrtzc.ledger.domain.entry import EntryError, read_leaf, verify_payload
from ckanext.lrtzc.ledger.domain.merkle import leaf_hash
from ckanext.lrtzc.ledger.domain.tiles import WIDTH

_COLUMNS = ("actor", "object_type", "object_id", "origin")
_ENTRIES = """
SELECT s.index, s.leaf_hash, o.leaf, d.salt, d.payload, d.moment, d.operation, d.outcome,
       d.actor, d.object_type, d.object_id, d.origin
FROM lrtzc_ledger.sequence s LEFT JOIN lrtzc_ledger.outbox o ON o.id = s.outbox_id
LEFT JOIN lrtzc_ledger.detail d ON d.outbox_id = s.outbox_id
WHERE s.index >= %s AND s.index < %s ORDER BY s.index
"""


class Fault(NamedTuple):
    """Something that isn't as it was written: the entry's place (None for the tree itself), and what is wrong."""

    index: int | None
    what: str

    def __str__(self) -> str:
        return self.what if self.index is None else f"entry {self.index}: {self.what}"


def entry_fault(leaf: bytes, salt: bytes, payload: str, columns: dict[str, Any]) -> str:
    """Say what is wrong with an entry's details; nothing where they are those it committed to.

    :param columns: moment, operation, outcome, actor, object_type, object_id and origin as the table has them.
    """
    try:
        verify_payload(leaf, salt, payload.encode())
        fields = read_leaf(leaf)
        said = {**json.loads(payload), "operation": fields["operation"], "outcome": fields["outcome"]}
        wrong = [name for name in (*_COLUMNS, "operation", "outcome") if columns[name] != said.get(name)]
        if columns["moment"] != datetime.fromisoformat(fields["time"]):
            wrong.append("moment")
    except (EntryError, ValueError, TypeError) as error:
        return str(error)
    return f"these columns don't say what the entry says: {', '.join(wrong)}" if wrong else ""


def check_entries(db: Connection, first: int) -> Iterator[Fault]:
    """Check the 256 entries of the tree from `first` on, a multiple of 256; erased details are no fault."""
    end = min(first + WIDTH, store.tree_size(db))
    expected = first
    with db.cursor() as cursor:
        cursor.execute(_ENTRIES, (first, end))
        for index, stored, leaf, salt, payload, moment, operation, outcome, *rest in cursor:
            if index != expected:
                yield Fault(expected, "it is missing from the tree")
            expected = index + 1
            if leaf is None or leaf_hash(bytes(leaf)) != bytes(stored):
                yield Fault(index, "it isn't the one that the tree has")
            elif salt is not None:
                columns = dict(zip(_COLUMNS, rest, strict=True))
                said = {**columns, "moment": moment, "operation": operation, "outcome": outcome}
                if fault := entry_fault(bytes(leaf), bytes(salt), payload, said):
                    yield Fault(index, fault)
    if expected < end:
        yield Fault(expected, "it is missing from the tree")
    if end - first == WIDTH:
        yield from _check_tile(db, 0, first // WIDTH)


def _check_tile(db: Connection, level: int, index: int) -> Iterator[Fault]:
    """Check a full tile against what lies below it, and the one above it where this one completes it."""
    below = "SELECT leaf_hash FROM lrtzc_ledger.sequence" if not level else "SELECT root FROM lrtzc_ledger.tile"
    where = " WHERE index >= %s AND index < %s" + (" AND level = %s" if level else "") + " ORDER BY index"
    with db.cursor() as cursor:
        cursor.execute("SELECT hashes, root FROM lrtzc_ledger.tile WHERE level = %s AND index = %s", (level, index))
        found = cursor.fetchone()
        cursor.execute(below + where, (index * WIDTH, (index + 1) * WIDTH, *([level - 1] if level else [])))
        hashes = b"".join(bytes(part) for (part,) in cursor)
    if found is None or bytes(found[0]) != hashes or bytes(found[1]) != sequencer.tile_root(hashes):
        yield Fault(None, f"tile {index} of level {level} isn't the one above its {WIDTH} hashes")
    if (index + 1) % WIDTH == 0:
        yield from _check_tile(db, level + 1, index // WIDTH)


def check_all(db: Connection) -> Iterator[Fault]:
    """Check every entry, every tile and the signed head; a tile's weight in memory at a time."""
    try:
        sequencer.load_edge(db)
    except sequencer.TreeError as error:
        yield Fault(None, str(error))
    for first in range(0, store.tree_size(db), WIDTH):
        yield from check_entries(db, first)


class Patrol:
    """Goes round the tree, one tile a call, for ever."""

    def __init__(self) -> None:
        self._next = 0

    def step(self, db: Connection) -> list[Fault]:
        """Check the next tile; give what is wrong with it."""
        with db:
            size = store.tree_size(db)
            if self._next >= size:
                self._next = 0
            faults = list(check_entries(db, self._next))
            self._next += WIDTH
        return faults
