"""Reading the DataStore: the read-only role, a read-only transaction, a time limit, and errors one can answer."""

import json
import logging
from collections.abc import Generator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckanext.datastore.backend.postgres import get_read_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from ckanext.lrtzc.clock import zone

log = logging.getLogger(__name__)

_CANCELLED = "57014"
_UNDEFINED_TABLE = "42P01"


class Failure(StrEnum):
    """Why the database gave no answer."""

    TOO_SLOW = "too_slow"
    GONE = "gone"
    REFUSED = "refused"


class ReadingFailed(Exception):
    """The database gave no answer, for the reason `failure`."""

    def __init__(self, failure: Failure):
        super().__init__(failure)
        self.failure = failure


def _failure(error: DBAPIError) -> Failure:
    match getattr(error.orig, "pgcode", None):
        case code if code == _CANCELLED:
            return Failure.TOO_SLOW
        case code if code == _UNDEFINED_TABLE:
            return Failure.GONE
        case _:
            log.warning("The DataStore refused to read: %s", error.orig)
            return Failure.REFUSED


@contextmanager
def reading(timeout: int | None = None) -> Generator[sa.Connection]:
    """Open a read-only transaction on the DataStore.

    :param timeout: the most that one statement may take, in milliseconds; the option
        `ckanext.lrtzc.explore.timeout` (in seconds) unless given.
    :raises ReadingFailed: when a statement takes too long, or can't be answered.
    """
    limit = timeout if timeout is not None else 1000 * tk.config["ckanext.lrtzc.explore.timeout"]
    try:
        with get_read_engine().connect() as connection, connection.begin():
            connection.execute(
                sa.text(
                    "SELECT set_config('transaction_read_only', 'on', true), set_config('TimeZone', :zone, true), "
                    "set_config('DateStyle', 'ISO, YMD', true), set_config('statement_timeout', :limit, true)"
                ),
                {"limit": str(limit), "zone": zone().key},
            )
            yield connection
    except DBAPIError as error:
        raise ReadingFailed(_failure(error)) from error


class _Explain(sa.Executable, sa.ClauseElement):
    inherit_cache = False

    def __init__(self, statement: sa.Select[Any]):
        self.statement = statement


@compiles(_Explain)
def _compile_explain(element: _Explain, compiler: SQLCompiler, **options: Any) -> str:
    return "EXPLAIN (FORMAT JSON) " + compiler.process(element.statement, **options)


def planned(connection: sa.Connection, statement: sa.Select[Any]) -> int:
    """Give the number of rows that the planner expects of a statement, without running it."""
    plan = connection.execute(_Explain(statement)).scalar_one()
    parsed = json.loads(plan) if isinstance(plan, str) else plan
    return int(parsed[0]["Plan"]["Plan Rows"])
