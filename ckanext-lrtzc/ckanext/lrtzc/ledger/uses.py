"""Counts of what is done with datasets, from the ledger's details: files, exports, reads, by whom."""

from datetime import UTC, datetime
from typing import Any

from psycopg2.extensions import connection as Connection

MOST = 100

_BY_DATASET = """
WITH thing AS (
    SELECT id, id AS package_id FROM unnest(%(ids)s) AS id
    UNION ALL SELECT r.id, r.package_id FROM resource r WHERE r.package_id = ANY (%(ids)s)
)
SELECT t.package_id,
       count(*) FILTER (WHERE d.operation = 'download.file'),
       count(*) FILTER (WHERE d.operation = 'download.export'),
       count(*) FILTER (WHERE d.operation = 'query.rows'),
       count(*) FILTER (WHERE d.operation LIKE 'access.%%'),
       count(DISTINCT d.actor),
       array_remove(array_agg(DISTINCT d.payload::json -> 'details' ->> 'program'), NULL),
       max(d.moment)
FROM thing t JOIN lrtzc_ledger.detail d ON d.object_id = t.id
WHERE d.operation IN ('download.file', 'download.export', 'query.rows', 'access.read', 'access.download')
  AND d.outcome = 'done' AND d.moment >= %(since)s
GROUP BY t.package_id ORDER BY count(*) DESC, max(d.moment) DESC LIMIT %(most)s
"""

_OF_CATALOGUE = """
SELECT d.payload::json -> 'details' ->> 'program' AS program, count(*), max(d.moment)
FROM lrtzc_ledger.detail d WHERE d.operation LIKE 'reuse.%%' AND d.moment >= %(since)s
GROUP BY 1 ORDER BY count(*) DESC LIMIT %(most)s
"""


def by_dataset(db: Connection, package_ids: list[str], since: datetime) -> list[dict[str, Any]]:
    """Give the uses of each of these datasets since a moment, most used first; those without any are left out."""
    if not package_ids:
        return []
    names = ("package_id", "files", "exports", "queries", "accesses", "people", "programs", "last")
    with db.cursor() as cursor:
        cursor.execute(_BY_DATASET, {"ids": package_ids, "since": since, "most": MOST})
        return [{**dict(zip(names, row, strict=True)), "last": _text(row[-1])} for row in cursor]


def of_catalogue(db: Connection, since: datetime) -> list[dict[str, Any]]:
    """Give the programs that read the whole catalogue since a moment, and how often."""
    with db.cursor() as cursor:
        cursor.execute(_OF_CATALOGUE, {"since": since, "most": MOST})
        return [{"program": program, "times": times, "last": _text(last)} for program, times, last in cursor]


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
