"""Reading the ledger: entries by filters, each with its place and proof."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg2.extensions import connection as Connection

from ckanext.lrtzc.ledger import store
from ckanext.lrtzc.ledger.domain import merkle, tiles

PAGE_SIZE = 50


@dataclass(frozen=True)
class Row:
    """An entry as it is shown: its place (None while it waits), its moment, what it says, and its details."""

    index: int | None
    moment: datetime
    operation: str
    outcome: str
    actor: str | None
    object_type: str | None
    object_id: str | None
    origin: str | None
    leaf: str
    salt: str
    payload: str


@dataclass(frozen=True)
class Filters:
    """What one looks for; empty means any."""

    operation: str = ""
    outcome: str = ""
    actor: str = ""
    objects: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    def condition(self) -> tuple[str, list[Any]]:
        """Give the SQL condition and its parameters."""
        parts, values = ["true"], []
        for text, value in (
            ("d.operation LIKE %s", self.operation and f"{_like(self.operation)}%"),
            ("d.outcome = %s", self.outcome),
            ("d.actor = %s", self.actor),
            ("d.object_id = ANY(%s)", list(self.objects)),
            ("d.moment >= %s", self.since),
            ("d.moment < %s", self.until),
        ):
            if value:
                parts.append(text)
                values.append(value)
        return " AND ".join(parts), values


def _like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


_SELECT = """
SELECT s.index, d.moment, d.operation, d.outcome, d.actor, d.object_type, d.object_id, d.origin,
       convert_from(o.leaf, 'UTF8'), encode(d.salt, 'hex'), d.payload
FROM lrtzc_ledger.detail d
JOIN lrtzc_ledger.outbox o ON o.id = d.outbox_id
LEFT JOIN lrtzc_ledger.sequence s ON s.outbox_id = d.outbox_id
WHERE {} ORDER BY d.moment DESC, d.outbox_id DESC
"""


def page(db: Connection, filters: Filters, number: int = 1) -> tuple[list[Row], bool]:
    """Give one page of entries, newest first, and whether another follows."""
    condition, values = filters.condition()
    with db.cursor() as cursor:
        query = _SELECT.format(condition) + "LIMIT %s OFFSET %s"
        cursor.execute(query, (*values, PAGE_SIZE + 1, (number - 1) * PAGE_SIZE))
        rows = [Row(*row) for row in cursor]
    return rows[:PAGE_SIZE], len(rows) > PAGE_SIZE


def export(db: Connection, filters: Filters) -> Iterator[dict[str, Any]]:
    """Give what `lrtzc-verify export` reads: the newest checkpoint, then each entry with its proof in it.

    Entries that have no place in the tree yet are left out: they follow in a later export.
    """
    head = store.latest_checkpoint(db)
    if head is None:
        return
    size, _, note = head
    yield {"checkpoint": note}
    read = tiles.node_reader(size, store.tile_reader(db))
    condition, values = filters.condition()
    with db.cursor(name="ledger_export") as cursor:
        cursor.itersize = 1000
        cursor.execute(_SELECT.format(condition + " AND s.index < %s"), (*values, size))
        for row in (Row(*values) for values in cursor):
            proof = [part.hex() for part in merkle.inclusion_proof(row.index or 0, size, read)]
            yield {"index": row.index, "leaf": row.leaf, "proof": proof, "salt": row.salt, "payload": row.payload}
