"""A PostgreSQL database."""

import re
from collections.abc import Generator
from contextlib import closing, contextmanager
from typing import Any, ClassVar

import certifi
import psycopg2
from psycopg2 import errors
from sqlalchemy.dialects.postgresql import psycopg2 as dialects

from ckanext.lrtzc.egress.client import Client, Line
from ckanext.lrtzc.egress.domain.errors import Code as OutCode
from ckanext.lrtzc.egress.domain.errors import EgressError
from ckanext.lrtzc.sources.domain.faults import Code, Fault, OutFault
from ckanext.lrtzc.sources.domain.places import Place, place_of
from ckanext.lrtzc.sources.kinds.base import Connection, Kind, Settings
from ckanext.lrtzc.sources.kinds.database import FIELDS, Bounded, Table, first_line, needed, shut_in_time
from ckanext.lrtzc.translation import mark

_REFUSED = re.compile("authentication failed|role .* does not exist|no pg_hba.conf entry|permission denied for")


class PostgresTable(Table):
    """A table or a view, whose rows PostgreSQL writes as CSV itself."""

    dialect: ClassVar[Any] = dialects.dialect()

    def value(self, statement: str, params: dict[str, Any]) -> Any:
        """Give the one value that a statement asks for; None where there is no row."""
        with self.connection.cursor() as cursor:
            cursor.execute(statement, params)
            row = cursor.fetchone()
            return row[0] if row else None

    def copy(self, statement: str, params: dict[str, Any], to: Bounded) -> None:
        """Write the rows that a statement asks for as CSV."""
        with self.connection.cursor() as cursor:
            rows = cursor.mogrify(statement, params)
            cursor.copy_expert(b"COPY (%b) TO STDOUT (FORMAT csv, HEADER, ENCODING 'utf8')" % rows, to)

    @contextmanager
    def told(self) -> Generator[None]:
        """Say in words what the library raises."""
        try:
            yield
        except (errors.UndefinedTable, errors.InsufficientPrivilege, errors.InvalidSchemaName):
            raise Fault(Code.TABLE, field="table", name=self.name) from None
        except errors.UndefinedColumn:
            raise Fault(Code.COLUMN, field="cursor", name=self.cursor) from None
        except errors.QueryCanceled:
            raise OutFault(self.line.late()) from None
        except (psycopg2.OperationalError, psycopg2.InterfaceError):
            raise self.cut() from None
        except psycopg2.Error as error:
            raise Fault(Code.QUERY, field="table", said=first_line(error)) from None


class Postgresql(Kind):
    """A table of a PostgreSQL database."""

    name = "postgresql"
    label = mark("A PostgreSQL database")
    hint = mark("The rows of a table or of a view, read only. Ask for an account that may read nothing else.")
    example = "postgresql://db.example.org/database"
    fields = FIELDS

    @contextmanager
    def connect(self, settings: Settings, client: Client) -> Generator[Connection]:
        """Connect to the address that was checked, in one transaction that can only read."""
        place = place_of(settings.address, {"postgresql": 5432}, self.example)
        needed(settings)
        try:
            with client.line("postgresql", place.host, place.port, usual=(), limits=settings.limits) as line:
                line.open().close()
                with (
                    closing(_connected(place, settings, line)) as connection,
                    shut_in_time(line, connection.fileno()),
                ):
                    yield PostgresTable(connection, line, settings)
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
        said = first_line(error)
        if _REFUSED.search(said):
            raise Fault(Code.LOGIN, field="username", host=line.host) from None
        if "imeout" in said:
            raise OutFault(line.late()) from None
        if "SSL" in said or "certificate" in said:
            raise OutFault(EgressError(OutCode.TLS, host=line.host)) from None
        raise Fault(Code.PROTOCOL, field="address", host=line.host, said=said) from None
    connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
    return connection
