"""Files of the ledger's entries, streamed: with proofs for the verifier, or as a table for a spreadsheet."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC

from psycopg2.extensions import connection as Connection

from ckanext.lrtzc.ledger import search

_COLUMNS = ("index", "moment", "operation", "outcome", "actor", "object_type", "object_id", "origin", "payload")
_LINES = 500


def lines(db: Connection, filters: search.Filters) -> Iterator[str]:
    """Give one JSON text a line, as `lrtzc-verify export` reads them."""
    for entry in search.export(db, filters):
        yield json.dumps(entry, ensure_ascii=False) + "\n"


def table(db: Connection, filters: search.Filters) -> Iterator[str]:
    """Give a table in CSV (RFC 4180), with entries that have no place yet, in which no cell is a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    for number, row in enumerate(search.every(db, filters), start=1):
        moment = row.moment.astimezone(UTC).isoformat()
        writer.writerow(_cell(moment if name == "moment" else getattr(row, name)) for name in _COLUMNS)
        if number % _LINES == 0:
            yield _taken(text)
    yield _taken(text)


def _taken(text: io.StringIO) -> str:
    value = text.getvalue()
    text.seek(0)
    text.truncate()
    return value


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


Write = Callable[[Connection, search.Filters], Iterator[str]]
FORMS: dict[str, tuple[Write, str]] = {
    "jsonl": (lines, "application/jsonl"),
    "csv": (table, "text/csv; charset=utf-8"),
}
