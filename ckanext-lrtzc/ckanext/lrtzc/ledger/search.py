"""Reading the ledger: entries by filters, each with its place and proof, newest first.

“Newest” is by the order of writing, which a clock that was set back doesn't change. Pages go on from an entry, so that
the thousandth costs no more than the first.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg2.extensions import connection as Connection

from ckanext.lrtzc.ledger import store
from ckanext.lrtzc.ledger.domain import merkle, tiles

PAGE_SIZE = 20


@dataclass(frozen=True)
class Row:
    """An entry as it is shown: its place (None while it waits), its moment, what it says, and its details."""

    id: int
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
    """What one looks for; empty means any, but no object at all where `objects` is an empty tuple."""

    operation: str = ""
    outcome: str = ""
    actor: str = ""
    objects: tuple[str, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None

    def condition(self) -> tuple[str, list[Any]]:
        """Give the SQL condition and its parameters."""
        parts, values = ["true"], []
        for text, value in (
            ("d.operation LIKE %s", self.operation and f"{_like(self.operation)}%"),
            ("d.outcome = %s", self.outcome),
            ("d.actor = %s", self.actor),
            ("d.object_id = ANY(%s)", None if self.objects is None else list(self.objects)),
            ("d.moment >= %s", self.since),
            ("d.moment < %s", self.until),
            ("d.outbox_id < %s", self.before),
        ):
            if value not in ("", None):
                parts.append(text)
                values.append(value)
        return " AND ".join(parts), values


def _like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


_SELECT = """
SELECT d.outbox_id, s.index, d.moment, d.operation, d.outcome, d.actor, d.object_type, d.object_id, d.origin,
       convert_from(o.leaf, 'UTF8'), encode(d.salt, 'hex'), d.payload
FROM {} d
JOIN lrtzc_ledger.outbox o ON o.id = d.outbox_id
LEFT JOIN lrtzc_ledger.sequence s ON s.outbox_id = d.outbox_id
WHERE {} ORDER BY d.outbox_id DESC
"""
# Those of a page are chosen before anything is joined to them.
_PAGE = "(SELECT * FROM lrtzc_ledger.detail d WHERE {} ORDER BY d.outbox_id DESC LIMIT %s)"


def page(db: Connection, filters: Filters) -> tuple[list[Row], int | None]:
    """Give one page of entries, newest first, and the `before` of the page that follows, if one does."""
    condition, values = filters.condition()
    with db.cursor() as cursor:
        cursor.execute(_SELECT.format(_PAGE.format(condition), "true"), (*values, PAGE_SIZE + 1))
        rows = [Row(*row) for row in cursor]
    return rows[:PAGE_SIZE], rows[PAGE_SIZE - 1].id if len(rows) > PAGE_SIZE else None


def every(db: Connection, filters: Filters, below: int | None = None) -> Iterator[Row]:
    """Give all entries that a search finds, a page's weight in memory at a time.

    :param below: of those that have a place in the tree below this one only.
    """
    condition, values = filters.condition()
    if below is not None:
        condition, values = condition + " AND s.index < %s", [*values, below]
    with db.cursor(name="ledger_entries") as cursor:
        cursor.itersize = 1000
        cursor.execute(_SELECT.format("lrtzc_ledger.detail", condition), values)
        for row in cursor:
            yield Row(*row)


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
    for row in every(db, replace(filters, before=None), below=size):
        proof = [part.hex() for part in merkle.inclusion_proof(row.index or 0, size, read)]
        yield {"index": row.index, "leaf": row.leaf, "proof": proof, "salt": row.salt, "payload": row.payload}
