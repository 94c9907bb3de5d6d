"""A MySQL or a MariaDB database."""

import csv
import re
import ssl
from collections.abc import Generator
from contextlib import closing, contextmanager, suppress
from decimal import Decimal
from struct import error as StructError
from typing import Any, ClassVar

from pymysql import converters, err
from pymysql.connections import Connection as Session
from pymysql.constants import CR, ER, FIELD_TYPE
from pymysql.cursors import SSCursor
from sqlalchemy.dialects import mysql as dialects

from ckanext.lrtzc.egress.client import Client, Line
from ckanext.lrtzc.egress.domain.errors import Code as OutCode
from ckanext.lrtzc.egress.domain.errors import EgressError
from ckanext.lrtzc.sources.domain.faults import Code, Fault, OutFault
from ckanext.lrtzc.sources.domain.places import Place, place_of
from ckanext.lrtzc.sources.kinds.base import Connection, Kind, Settings
from ckanext.lrtzc.sources.kinds.database import FIELDS, Bounded, Table, first_line, needed, shut_in_time
from ckanext.lrtzc.translation import mark

_PORTS = {"mysql": 3306, "mariadb": 3306}
_LOGIN = {ER.ACCESS_DENIED_ERROR, ER.DBACCESS_DENIED_ERROR, ER.HOST_NOT_PRIVILEGED, 1698, 1862}
_TABLE = {ER.NO_SUCH_TABLE, ER.TABLEACCESS_DENIED_ERROR, ER.BAD_DB_ERROR, ER.DBACCESS_DENIED_ERROR, ER.NO_DB_ERROR}
_LATE = {1969, 3024}
"""Errors of MariaDB (`ER_STATEMENT_TIMEOUT`) and MySQL (`ER_QUERY_TIMEOUT`) for a statement that took too long."""
_NUMBERS = {
    FIELD_TYPE.TINY, FIELD_TYPE.SHORT, FIELD_TYPE.INT24, FIELD_TYPE.LONG, FIELD_TYPE.LONGLONG, FIELD_TYPE.YEAR,
    FIELD_TYPE.DECIMAL, FIELD_TYPE.NEWDECIMAL, FIELD_TYPE.FLOAT, FIELD_TYPE.DOUBLE,
}  # fmt: skip
_PACKETS = 32 << 20
"""Bytes that a server may send beside the rows."""
# values come as the server writes them, those that are sent are escaped
_CONVERSIONS = {kind: escape for kind, escape in converters.conversions.items() if not isinstance(kind, int)}
_BROKEN = (ValueError, IndexError, TypeError, AttributeError, AssertionError, StructError)
"""What the library raises of packets that are none."""


class _Bounded(Session):
    """A session in which a server can't send without end, and whose end doesn't wait for rows that nobody wants."""

    left = most = _PACKETS

    def _read_bytes(self, num_bytes: int) -> bytes:
        self.left -= num_bytes
        if self.left < 0:
            raise EgressError(OutCode.TOO_LARGE, host=self.host, megabytes=self.most >> 20)
        return super()._read_bytes(num_bytes)

    def close(self) -> None:
        """End it; what is left of an answer is not read."""
        self._abandon()
        with suppress(err.Error):
            super().close()

    def _abandon(self) -> None:
        if self._result is not None:
            self._result.unbuffered_active = self._result.has_next = False


class MysqlTable(Table):
    """A table or a view, whose rows come one after another."""

    dialect: ClassVar[Any] = dialects.dialect(paramstyle="pyformat")

    def value(self, statement: str, params: dict[str, Any]) -> Any:
        """Give the one value that a statement asks for; None where there is no row."""
        with self.connection.cursor() as cursor:
            cursor.execute(statement, params)
            row = cursor.fetchone()
            return row[0] if row else None

    def copy(self, statement: str, params: dict[str, Any], to: Bounded) -> None:
        r"""Write the rows that a statement asks for as CSV; bytes as PostgreSQL writes them, after `\x`."""
        cursor = self.connection.cursor(SSCursor)
        cursor.execute(statement, params)
        out = csv.writer(to, lineterminator="\n")
        out.writerow([column[0] for column in cursor.description])
        for row in cursor.fetchall_unbuffered():
            out.writerow([f"\\x{value.hex()}" if isinstance(value, bytes) else value for value in row])
        cursor.close()

    def mark_value(self, since: str) -> Any:
        """Give a mark as a number where the column has numbers: beside a text, the server would round them."""
        with self.connection.cursor() as cursor:
            cursor.execute(*self.asked(self.select(self._column).limit(0)))
            return Decimal(since) if cursor.description[0][1] in _NUMBERS else since

    @contextmanager
    def told(self) -> Generator[None]:
        """Say in words what the library raises."""
        try:
            yield
        except err.MySQLError as error:
            raise self._fault(error) from None
        except _BROKEN as error:
            raise Fault(Code.PROTOCOL, field="address", host=self.line.host, said=first_line(error)) from None

    def _fault(self, error: err.MySQLError) -> Fault:
        code = error.args[0] if error.args else 0
        if code in _TABLE:
            return Fault(Code.TABLE, field="table", name=self.name)
        if code == ER.BAD_FIELD_ERROR:
            return Fault(Code.COLUMN, field="cursor", name=self.cursor)
        if code in _LATE or "timed out" in str(error):
            return OutFault(self.line.late())
        if code in (CR.CR_SERVER_LOST, CR.CR_SERVER_GONE_ERROR, 0):
            return self.cut()
        return Fault(Code.QUERY, field="table", said=_said(error))


class Mysql(Kind):
    """A table of a MySQL or a MariaDB database."""

    name = "mysql"
    label = mark("A MySQL or MariaDB database")
    hint = mark("The rows of a table or of a view, read only. Ask for an account that may read nothing else.")
    example = "mysql://db.example.org/database"
    fields = FIELDS

    @contextmanager
    def connect(self, settings: Settings, client: Client) -> Generator[Connection]:
        """Connect to the address that was checked, in one transaction that can only read."""
        place = place_of(settings.address, _PORTS, self.example)
        needed(settings)
        try:
            with client.line(place.scheme, place.host, place.port, usual=(), limits=settings.limits) as line:
                sock = line.open()
                with (
                    sock,
                    shut_in_time(line, sock.fileno()),
                    closing(_session(place, settings, line, client)) as session,
                ):
                    _begin(session, sock, line)
                    session.left = session.most = 2 * settings.limits.size + _PACKETS
                    yield MysqlTable(session, line, settings)
        except EgressError as error:
            raise OutFault(error) from None


def _session(place: Place, settings: Settings, line: Line, client: Client) -> _Bounded:
    """Give a session that isn't begun."""
    context, wanted = None, settings.get("tls")
    if wanted != "disable":
        context = ssl.create_default_context(cafile=client.ca_file)
        if wanted == "require":
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return _Bounded(
        host=place.host,
        port=place.port,
        database=place.path.strip("/") or None,
        user=settings.get("username"),
        password=settings.get("password").encode(),
        charset="utf8mb4",
        conv=_CONVERSIONS,
        read_timeout=line.patience,
        write_timeout=line.patience,
        local_infile=False,
        ssl=context,
        ssl_disabled=context is None,
        defer_connect=True,
    )


def _begin(session: _Bounded, sock: Any, line: Line) -> None:
    """Begin a session by a connection that was made, and in it the one transaction, of which all rows are read.

    :raises Fault: the server refuses.
    """
    try:
        session.connect(sock)
        milliseconds = max(1, round(line.deadline.left * 1000))
        maria = "mariadb" in session.get_server_info().casefold()
        late = ("max_statement_time", milliseconds / 1000) if maria else ("max_execution_time", milliseconds)
        with session.cursor() as cursor:
            # so that times of change are the same in winter and in summer
            cursor.execute("SET SESSION time_zone = '+00:00'")
            cursor.execute(f"SET SESSION {late[0]} = %s", [late[1]])
            cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SET SESSION TRANSACTION READ ONLY")
            cursor.execute("START TRANSACTION READ ONLY")
    except (err.MySQLError, ssl.SSLError) as error:
        raise _refusal(error, line) from None
    except _BROKEN as error:
        raise Fault(Code.PROTOCOL, field="address", host=line.host, said=first_line(error)) from None


def _refusal(error: Exception, line: Line) -> Fault:
    """Say why a session didn't begin."""
    code, cause = error.args[0] if error.args else 0, getattr(error, "original_exception", error)
    if code in _LOGIN:
        return Fault(Code.LOGIN, field="username", host=line.host)
    if isinstance(cause, ssl.SSLError) or code == CR.CR_SSL_CONNECTION_ERROR:
        return OutFault(EgressError(OutCode.TLS, host=line.host))
    if "timed out" in str(error) or line.deadline.passed:
        return OutFault(line.late())
    if code in (CR.CR_SERVER_LOST, CR.CR_SERVER_GONE_ERROR):
        return OutFault(EgressError(OutCode.TRUNCATED, host=line.host))
    return Fault(Code.PROTOCOL, field="address", host=line.host, said=_said(error))


def _said(error: Exception) -> str:
    """Give the beginning of what a server said, without its number."""
    return first_line(re.sub(r"^\(\d+, (.*)\)$", r"\1", str(error), flags=re.DOTALL).strip("'\""))
