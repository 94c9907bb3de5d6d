"""Rows of a table or a view of a database, read only; with a cursor column, the new ones only. What its sorts share."""

import os
import socket
from abc import abstractmethod
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from typing import IO, Any, ClassVar

import sqlalchemy as sa

from ckanext.lrtzc.egress.client import Line
from ckanext.lrtzc.egress.domain.errors import Code as OutCode
from ckanext.lrtzc.egress.domain.errors import EgressError
from ckanext.lrtzc.sources.domain.faults import Code, Fault, OutFault
from ckanext.lrtzc.sources.domain.novelty import Found
from ckanext.lrtzc.sources.kinds.base import PASSWORD, USERNAME, Connection, Field, Settings, Taken
from ckanext.lrtzc.translation import mark

FIELDS = (
    USERNAME,
    PASSWORD,
    Field("table", mark("Table or view"), mark("For instance public.counts.")),
    Field(
        "cursor",
        mark("Column that only grows"),
        mark("A number or a time of change: only the rows after the last value taken are read. Empty: all of them."),
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


class Bounded:
    """A file that takes text or bytes, and refuses to grow beyond a bound."""

    def __init__(self, to: IO[bytes], most: int, name: str) -> None:
        self._to, self._left, self._most, self._name = to, most, most, name

    def write(self, piece: bytes | str) -> int:
        """Write a piece.

        :raises Fault: it would be too much.
        """
        data = piece.encode() if isinstance(piece, str) else piece
        self._left -= len(data)
        if self._left < 0:
            raise Fault(Code.LARGE, name=self._name, most=self._most)
        return self._to.write(data)


class Table(Connection):
    """A table or a view. A sort of database says how a statement is asked, and what its faults mean."""

    dialect: ClassVar[Any]

    def __init__(self, connection: Any, line: Line, settings: Settings) -> None:
        self.connection, self.line = connection, line
        self.most, self.cursor = settings.limits.size, settings.get("cursor")
        parts = settings.get("table").split(".")
        if not 0 < len(parts) < 3 or not all(parts):
            raise Fault(Code.NEEDED, field="table")
        self.name, names = settings.get("table"), [sa.quoted_name(part, quote=True) for part in parts]
        self._table = sa.table(names[-1], schema=names[0] if len(names) > 1 else None)

    @abstractmethod
    def told(self) -> AbstractContextManager[None]:
        """Say in words what the library raises."""

    @abstractmethod
    def value(self, statement: str, params: dict[str, Any]) -> Any:
        """Give the one value that a statement asks for; None where there is no row."""

    @abstractmethod
    def copy(self, statement: str, params: dict[str, Any], to: Bounded) -> None:
        """Write the rows that a statement asks for as CSV, with the columns' names before them."""

    def mark_value(self, since: str) -> Any:
        """Give a mark as the database compares it with the cursor column."""
        return since

    def asked(self, statement: sa.Select[Any]) -> tuple[str, dict[str, Any]]:
        """Give a statement as the library takes it, with its parameters."""
        compiled = statement.compile(dialect=self.dialect)
        return str(compiled), dict(compiled.params)

    @property
    def _column(self) -> sa.ColumnClause[Any]:
        return sa.column(sa.quoted_name(self.cursor, quote=True))

    def select(self, *what: Any) -> sa.Select[Any]:
        """Give a statement that selects something of the table, all its columns unless told."""
        return sa.select(*(what or (sa.literal_column("*"),))).select_from(self._table)

    def found(self) -> list[Found]:
        """Give the one file that the rows make, once the table and its column are known to be there."""
        with self.told():
            self.value(*self.asked(self.select(*([self._column] if self.cursor else [])).limit(0)))
        return [Found(f"{self.name}.csv")]

    def read(self, found: Found, to: IO[bytes], since: str) -> Taken | None:
        """Write the rows as CSV; those after the cursor's value `since`, where there is a cursor column."""
        out = Bounded(to, self.most, found.name)
        with self.told():
            if not self.cursor:
                self.copy(*self.asked(self.select()), out)
                return Taken("")
            column = self._column
            after = [column > sa.bindparam("since", self.mark_value(since), sa.types.NullType())] if since else []
            greatest = self.select(sa.cast(sa.func.max(column), sa.String)).where(*after)
            last = self.value(*self.asked(greatest))
            if last is None:
                return None
            until = column <= sa.bindparam("last", self.mark_value(last), sa.types.NullType())
            self.copy(*self.asked(self.select().where(*after, until).order_by(column)), out)
            return Taken(last)

    def cut(self) -> Fault:
        """Give what to say of a connection that ended before the rows did."""
        late = self.line.deadline.passed
        return OutFault(self.line.late() if late else EgressError(OutCode.TRUNCATED, host=self.line.host))


@contextmanager
def shut_in_time(line: Line, fileno: int) -> Generator[None]:
    """Have a connection shut when the call's time has passed, by another file of the socket that the library keeps."""
    with socket.socket(fileno=os.dup(fileno)) as twin:
        line.deadline.watch(twin)
        yield


def needed(settings: Settings) -> None:
    """See that what every database asks for is there.

    :raises Fault: it isn't.
    """
    for name in ("username", "table"):
        if not settings.get(name):
            raise Fault(Code.NEEDED, field=name)


def first_line(error: object) -> str:
    """Give the beginning of what a database said."""
    return str(error).strip().partition("\n")[0][:200]
