"""Erases details that were kept long enough (LED-2); leaves and proofs stay. Run by the scheduler's process."""

import logging
from datetime import UTC, datetime
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from psycopg2.extensions import connection as Connection

from ckanext.lrtzc.ledger.api import record, setting
from ckanext.lrtzc.ledger.domain import retention

log = logging.getLogger(__name__)
OPTION = "ckanext.lrtzc.ledger.retention"
BATCH = 5000

_EXPIRED = """
SELECT lrtzc_ledger.erase(ARRAY(
    SELECT d.outbox_id FROM lrtzc_ledger.detail d JOIN lrtzc_ledger.sequence s ON s.outbox_id = d.outbox_id
    WHERE d.operation LIKE %s AND d.moment < %s LIMIT %s
))
"""


def months() -> dict[str, int]:
    """Give for how many months details are kept, by kind, as chosen by page last; others are kept without end."""
    return retention.read(tk.aslist(setting(OPTION)))


def expire(moment: datetime | None = None) -> int:
    """Erase what was kept long enough at a moment (by default now); give how many details.

    What has no place in the tree yet is kept. Each part is one transaction with its own trace, so that what is cut off
    goes on at the next run.
    """
    moment, total = moment or datetime.now(UTC), 0
    for kind, count in sorted(months().items()):
        limit = retention.before(moment, count)
        while erased := _erase(f"{kind}.%", limit):
            record("ledger.expire", details={"kind": kind, "before": limit.isoformat(), "erased": erased})
            model.Session.commit()
            total += erased
    return total


def _erase(pattern: str, limit: datetime) -> int:
    db: Connection = model.Session.connection().connection.dbapi_connection  # pyright: ignore[reportAssignmentType]
    with db.cursor() as cursor:
        cursor.execute(_EXPIRED, (pattern, limit, BATCH))
        return cursor.fetchone()[0]  # pyright: ignore[reportOptionalSubscript]


def on_tick(_sender: Any = None, **_: Any) -> None:
    """Do the scheduler's part."""
    if tk.config.get("ckanext.lrtzc.ledger.key") and (erased := expire()):
        log.info("%s details of the ledger were kept long enough and are erased", erased)
