"""Tables whose words were made in another language than rows are searched in now: their words are made anew.

Until then they are searched in both languages (`tabular.relation`), so nothing that was found is lost. It is done in
pieces, each its own transaction, so that nobody who reads or writes waits long; a piece that was cut off is done again.
"""

import logging
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.jobs import get_queue
from ckanext.datastore.backend.postgres import get_write_engine
from psycopg2 import Error, sql
from psycopg2.errors import ProgramLimitExceeded

from ckanext.lrtzc.tabular.catalog import LANGUAGE

from .loading.building import note_language, search_language
from .loading.tables import transaction

log = logging.getLogger(__name__)

ROWS_AT_ONCE = 20_000
_TITLE = "words of tables"
# the smallest first; what CKAN and the portal keep for themselves begins with a low line
_OLDER = """
    SELECT c.relname FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = '_full_text' AND NOT a.attisdropped
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND NOT starts_with(c.relname, '_')
    AND coalesce(col_description(c.oid, a.attnum)::json ->> %s, '') <> %s
    ORDER BY c.relpages, c.relname LIMIT %s
"""


def _older(limit: int) -> list[str]:
    """Give tables with words of another language, the smallest first."""
    connection = get_write_engine().raw_connection()
    try:
        with transaction(connection) as cursor:
            cursor.execute(_OLDER, [LANGUAGE, search_language(), limit])
            return [name for (name,) in cursor.fetchall()]
    finally:
        connection.close()


def make_anew() -> None:
    """Have the words of such tables made anew, where there are any and no such job waits."""
    queue = tk.config["ckanext.lrtzc.batches.queue"]
    if _older(1) and all(job.meta.get("title") != _TITLE for job in get_queue(queue).jobs):
        tk.enqueue_job(renew, title=_TITLE, queue=queue, rq_kwargs={"timeout": 3_600})


def renew() -> None:
    """Make the words of some tables anew; the scheduler's next look has the others done."""
    for table in _older(100):
        try:
            renew_table(table)
        except Error as error:
            log.warning("The words of the table %s are made anew later: %s", table, error)


def renew_table(table: str) -> None:
    """Make the words of a table anew where accents stand in them, then note its language.

    :raises psycopg2.Error: where the database refuses, or the table is gone.
    """
    connection = get_write_engine().raw_connection()
    try:
        with transaction(connection) as cursor:
            cursor.execute(sql.SQL("SELECT coalesce(max(_id), 0) FROM {}").format(sql.Identifier(table)))
            last = cursor.fetchone()[0]
        for start in range(0, last + 1, ROWS_AT_ONCE):
            _renew_rows(connection, table, start, start + ROWS_AT_ONCE)
        with transaction(connection) as cursor:
            note_language(cursor, table)
    finally:
        connection.close()


def _renew_rows(connection: Any, table: str, start: int, end: int) -> None:
    """Make the words of some rows anew; a row with more words than an index holds keeps those it has."""
    try:
        with transaction(connection) as cursor:
            cursor.execute("SELECT set_config('default_text_search_config', %s, true)", [search_language()])
            # an emptied full text is made anew by the table's trigger
            cursor.execute(
                sql.SQL(
                    "UPDATE {} SET _full_text = NULL WHERE _id >= %s AND _id < %s AND _full_text::text ~ '[^[:ascii:]]'"
                ).format(sql.Identifier(table)),
                [start, end],
            )
    except ProgramLimitExceeded:
        if end - start == 1:
            log.warning("The row %s of the table %s is too long: its words stay as they were", start, table)
            return
        middle = (start + end) // 2
        _renew_rows(connection, table, start, middle)
        _renew_rows(connection, table, middle, end)
