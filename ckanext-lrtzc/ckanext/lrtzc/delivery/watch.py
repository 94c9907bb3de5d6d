"""Sees every committed write of this process and renews the generation.

Watching the statements at the engine catches what goes through the session, through SQLAlchemy's core and
through plain SQL alike, in the catalogue and in the DataStore. The mark is renewed when the connection goes
back to its pool, which is after the commit and before the writer is answered.
"""

from typing import Any

import ckan.plugins.toolkit as tk
from flask import g, has_request_context
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import Pool

from ckanext.lrtzc.delivery import generation, memo
from ckanext.lrtzc.delivery.domain.writes import QUIET_TABLES, changes_public_content

_MARK = "lrtzc_delivery_changed"
_watching = False
_quiet = QUIET_TABLES


def start() -> None:
    """Begin to watch; once a process, however often CKAN loads its plug-ins."""
    global _watching, _quiet
    _quiet = QUIET_TABLES | frozenset(tk.aslist(tk.config.get("ckanext.lrtzc.delivery.quiet_tables")))
    if _watching:
        return
    event.listen(Engine, "before_cursor_execute", _note)
    event.listen(Engine, "rollback", _forget)
    event.listen(Pool, "checkin", _renew)
    _watching = True


def note_write(connection: Connection) -> None:
    """Say that what was done on a connection by other means than statements (`COPY`) changes public content."""
    connection.info[_MARK] = True


def _note(conn: Connection, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool) -> None:
    if changes_public_content(statement, _quiet):
        conn.info[_MARK] = True
        memo.forget()


def _forget(conn: Connection) -> None:
    conn.info.pop(_MARK, None)


def _renew(dbapi_connection: Any, record: Any) -> None:
    if record.info.pop(_MARK, False) and tk.config.get("ckan.site_id"):
        generation.renew()
        if has_request_context():
            g.lrtzc_delivery_wrote = True
