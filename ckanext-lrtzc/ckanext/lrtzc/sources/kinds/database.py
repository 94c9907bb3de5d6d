"""Rows of a table or a view of a PostgreSQL database, read only; with a cursor column, the new ones only."""

import os
import re
import socket
from collections.abc import Generator
from contextlib import closing, contextmanager
from typing import IO, Any

import certifi
import psycopg2
from psycopg2 import errors, sql

from ckanext.lrtzc.egress.client import Client, Line
from ckanext.lrtzc.egress.domain.errors import Code as OutCode
from ckanext.lrtzc.egress.domain.errors import EgressError
from ckanext.lrtzc.sources.domain.faults import Code, Fault, OutFault
from ckanext.lrtzc.sources.domain.novelty import Found
from ckanext.lrtzc.sources.domain.places import Place, place_of
from ckanext.lrtzc.sources.kinds.base import PASSWORD, USERNAME, Connection, Field, Kind, Settings, Taken
from ckanext.lrtzc.translation import mark

_REFUSED = re.compile("authentication failed|role .* does not exist|no pg_hba.conf entry|permission denied for")


class _Bounded:
    """A file that refuses to grow beyond a bound."""

    def __init__(self, to: IO[bytes], most: int, name: str) -> None:
        self._to, self._left, self._most, self._name = to, most, most, name

    def write(self, piece: bytes | str) -> int:
        data = piece.encode() if isinstance(piece, str) else piece
        self._left -= len(data)
        if self._left < 0:
            raise Fault(Code.LARGE, name=self._name, most=self._most)
        return self._to.write(data)


class Table(Connection):
    """A table or a view."""

    def __init__(self, connection: Any, place: Place, line: Line, settings: Settings) -> None:
        self._connection, self._place, self._line = connection, place, line
        self._most, self._cursor = settings.limits.size, settings.get("cursor")
        parts = settings.get("table").split(".")
        if not 0 < len(parts) < 3 or not all(parts):
            raise Fault(Code.NEEDED, field="table")
        self._name, self._table = settings.get("table"), sql.Identifier(*parts)

    def found(self) -> list[Found]:
        """Give the one file that the rows make, once the table and its column are known to be there."""
        columns = sql.SQL("*") if not self._cursor else sql.Identifier(self._cursor)
        with self._told(), self._connection.cursor() as cursor:
            cursor.execute(sql.SQL("SELECT {} FROM {} LIMIT 0").format(columns, self._table))
        return [Found(f"{self._name}.csv")]

    def read(self, found: Found, to: IO[bytes], since: str) -> Taken | None:
        """Write the rows as CSV; those after the cursor's value `since`, where there is a cursor column."""
        with self._told(), self._connection.cursor() as cursor:
            if not self._cursor:
                self._copy(cursor, sql.SQL("SELECT * FROM {}").format(self._table), to, found.name)
                return Taken("")
            column = sql.Identifier(self._cursor)
            after = sql.SQL("WHERE {} > {}").format(column, sql.Literal(since)) if since else sql.SQL("")
            cursor.execute(sql.SQL("SELECT max({})::text FROM {} {}").format(column, self._table, after))
            last = cursor.fetchone()[0]
            if last is None:
                return None
            rows = sql.SQL("SELECT * FROM {} {} {} {} <= {} ORDER BY {}").format(
                self._table, after, sql.SQL("AND" if since else "WHERE"), column, sql.Literal(last), column
            )
            self._copy(cursor, rows, to, found.name)
            return Taken(last)

    def _copy(self, cursor: Any, rows: sql.Composable, to: IO[bytes], name: str) -> None:
        statement = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv, HEADER, ENCODING 'utf8')").format(rows)
        cursor.copy_expert(statement, _Bounded(to, self._most, name))

    @contextmanager
    def _told(self) -> Generator[None]:
        """Say in words what the library raises."""
        try:
            yield
        except (errors.UndefinedTable, errors.InsufficientPrivilege, errors.InvalidSchemaName):
            raise Fault(Code.TABLE, field="table", name=self._name) from None
        except errors.UndefinedColumn:
            raise Fault(Code.COLUMN, field="cursor", name=self._cursor) from None
        except errors.QueryCanceled:
            raise OutFault(self._line.late()) from None
        except (psycopg2.OperationalError, psycopg2.InterfaceError):
            late = self._line.deadline.passed
            cut = EgressError(OutCode.TRUNCATED, host=self._line.host)
            raise OutFault(self._line.late() if late else cut) from None
        except psycopg2.Error as error:
            raise Fault(Code.QUERY, field="table", said=_first_line(error)) from None


class Database(Kind):
    """A table of a PostgreSQL database."""

    name = "postgresql"
    label = mark("A PostgreSQL database")
    hint = mark("The rows of a table or of a view, read only. Ask for an account that may read nothing else.")
    example = "postgresql://db.example.org/database"
    fields = (
        USERNAME,
        PASSWORD,
        Field("table", mark("Table or view"), mark("For instance public.counts.")),
        Field(
            "cursor",
            mark("Column that only grows"),
            mark(
                "A number or a time of change: only the rows after the last value taken are read. Empty: all of them."
            ),
        ),
        Field(
            "tls",
            mark("Encryption"),
            control="select",
            bound=True,
            choices=(
                ("", mark("TLS, with a certificate that is verified")),
                ("require", mark("TLS, whatever the certificate")),
                ("disable", mark("None: the network is trusted")),
            ),
        ),
    )

    @contextmanager
    def connect(self, settings: Settings, client: Client) -> Generator[Connection]:
        """Connect to the address that was checked, in one transaction that can only read."""
        place = place_of(settings.address, {"postgresql": 5432}, self.example)
        for needed in ("username", "table"):
            if not settings.get(needed):
                raise Fault(Code.NEEDED, field=needed)
        try:
            with client.line("postgresql", place.host, place.port, usual=(), limits=settings.limits) as line:
                line.open().close()
                # another file of the same socket, so that it can be shut when the time has passed
                with (
                    closing(_connected(place, settings, line)) as connection,
                    socket.socket(fileno=os.dup(connection.fileno())) as twin,
                ):
                    line.deadline.watch(twin)
                    yield Table(connection, place, line, settings)
        except EgressError as error:
            raise OutFault(error) from None


def _connected(place: Place, settings: Settings, line: Line) -> Any:
    milliseconds = round(line.patience * 1000)
    session = "default_transaction_read_only=on", "datestyle=ISO", f"statement_timeout={milliseconds}"
    try:
        connection = psycopg2.connect(
            host=line.host,
            hostaddr=line.address,
            port=place.port,
            dbname=place.path.strip("/"),
            user=settings.get("username"),
            password=settings.get("password"),
            connect_timeout=max(2, round(min(settings.limits.connect, line.patience))),
            sslmode=settings.get("tls", "verify-full"),
            sslrootcert=certifi.where(),
            gssencmode="disable",
            passfile="",
            options=" ".join(f"-c {each}" for each in session),
            keepalives_idle=30,
        )
    except psycopg2.OperationalError as error:
        said = _first_line(error)
        if _REFUSED.search(said):
            raise Fault(Code.LOGIN, field="username", host=line.host) from None
        if "imeout" in said:
            raise OutFault(line.late()) from None
        if "SSL" in said or "certificate" in said:
            raise OutFault(EgressError(OutCode.TLS, host=line.host)) from None
        raise Fault(Code.PROTOCOL, field="address", host=line.host, said=said) from None
    connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
    return connection


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:200]
