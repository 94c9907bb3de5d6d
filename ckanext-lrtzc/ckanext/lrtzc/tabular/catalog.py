"""What the database knows of a table: its columns, its dictionary, its size, its version. One statement."""

import hashlib
import json
from typing import Any

import sqlalchemy as sa

from ckanext.lrtzc.tabular.domain.columns import FULL_TEXT, GEOMETRY, KEY, Column, Table, kind_of

LANGUAGE = "language"
"""Key, in the comment of the full-text column, of the configuration by which its words were made."""

# The DataStore keeps its dictionary in the comments of the columns, under "_info".
_DESCRIBE = sa.text(
    """
    SELECT a.attname, t.typname, col_description(c.oid, a.attnum) AS comment, c.reltuples, c.relkind, c.relfilenode,
           pg_stat_get_tuples_inserted(c.oid) AS inserted, pg_stat_get_tuples_updated(c.oid) AS updated,
           pg_stat_get_tuples_deleted(c.oid) AS deleted
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid
    WHERE c.oid = to_regclass(quote_ident(:resource_id)) AND c.relkind IN ('r', 'v', 'm', 'p', 'f')
    ORDER BY a.attnum
    """
)


def _info(comment: str | None) -> dict[str, Any]:
    try:
        kept = json.loads(comment or "{}")
    except ValueError:
        return {}
    info = kept.get("_info") if isinstance(kept, dict) else None
    return info if isinstance(info, dict) else {}


def _language(comment: str | None) -> str:
    try:
        kept = json.loads(comment or "{}")
    except ValueError:
        return ""
    return str(kept.get(LANGUAGE) or "") if isinstance(kept, dict) else ""


def _text(info: dict[str, Any], *names: str) -> str:
    return next((str(info[name]).strip() for name in names if info.get(name)), "")


def _column(name: str, database_type: str, comment: str | None) -> Column:
    info = _info(comment)
    return Column(
        id=name,
        kind=kind_of(database_type),
        label=_text(info, "label"),
        notes=_text(info, "notes", "description"),
        unit=_text(info, "unit"),
        concept=_text(info, "concept"),
        database_type=database_type,
        zoned=database_type == "timestamptz",
    )


def describe(connection: sa.Connection, resource_id: str, hidden: frozenset[str] = frozenset()) -> Table | None:
    """Describe the table of a resource, without the columns named in `hidden`; None when it has no table.

    The table's version changes whenever a row or the table itself does; it is meant for HTTP validators.
    """
    rows = connection.execute(_DESCRIBE, {"resource_id": resource_id}).all()
    if not rows:
        return None
    names = {row.attname for row in rows}
    first = rows[0]
    state = (
        [first.relfilenode, first.inserted, first.updated, first.deleted],
        [(row.attname, row.typname, row.comment) for row in rows],
        sorted(hidden),
    )
    return Table(
        resource_id=resource_id,
        columns=tuple(
            _column(row.attname, row.typname, row.comment)
            for row in rows
            if not row.attname.startswith("_") and row.attname not in hidden
        ),
        has_geometry=any(row.attname == GEOMETRY and row.typname == "geometry" for row in rows)
        and GEOMETRY not in hidden,
        has_full_text=FULL_TEXT in names and not hidden,
        language=next((_language(row.comment) for row in rows if row.attname == FULL_TEXT), ""),
        has_key=KEY in names,
        estimate=int(first.reltuples) if first.relkind in ("r", "m", "p") and first.reltuples >= 0 else None,
        version=hashlib.sha256(json.dumps(state, default=str).encode()).hexdigest()[:20],
    )
