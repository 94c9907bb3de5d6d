"""A connection on which CKAN's own search finds, where it names a table, no more than the part that may be seen.

A view for each search would do the same, but it costs several writes to the database's catalogue, and their undoing.
"""

import secrets
from typing import Any

import sqlalchemy as sa

from ckanext.lrtzc.tabular.relation import Relation

NAME = f"_visible part {secrets.token_hex(8)}"
"""What CKAN's search takes for the name of a table.

No text that somebody sends can hold it, and it needs quotes, so it stands in statements as here, between two of them.
It begins as names do of which CKAN's search counts the rows itself, where it counts.
"""
_QUOTED = f'"{NAME}"'


class NarrowedConnection:
    """What CKAN's search asks of a connection, with the visible part of a table in the place of `NAME`.

    `relation` is what may be seen; CKAN reads the dictionary of the whole table, of which its answer holds what it
    shows.
    """

    def __init__(self, connection: sa.Connection, relation: Relation):
        self._connection = connection
        self._resource_id = relation.whole.resource_id
        part = relation.visible(searched=True).compile(dialect=connection.dialect)
        with self._cursor() as cursor:
            self._part = f"({cursor.mogrify(str(part), part.params).decode()}) AS {_QUOTED}"
        self._columns: sa.CursorResult[Any] | None = None

    def _cursor(self) -> Any:
        return self._connection.connection.cursor()

    @property
    def engine(self) -> sa.Engine:
        """Give the engine, by which CKAN names types."""
        return self._connection.engine

    @property
    def connection(self) -> "NarrowedConnection":
        """Give what CKAN takes for the driver's connection, where it copies rows as CSV."""
        return self

    def cursor(self) -> "NarrowedConnection":
        """Give what CKAN takes for a cursor."""
        return self

    def close(self) -> None:
        """Leave the connection to whoever opened it."""

    def copy_expert(self, statement: str, target: Any) -> None:
        """Copy what a statement selects into a file."""
        with self._cursor() as cursor:
            cursor.copy_expert(statement.replace(_QUOTED, self._part), target)

    def execute(self, statement: Any, values: dict[str, Any] | None = None) -> sa.CursorResult[Any]:
        """Execute a statement of CKAN's search."""
        if isinstance(statement, sa.Select):
            # asked twice in a search, for the columns only: their types are known without a row
            if self._columns is None:
                self._columns = self._execute(statement.limit(0), {})
            return self._columns
        asked = {name: self._resource_id if value == NAME else value for name, value in (values or {}).items()}
        return self._execute(statement, asked)

    def _execute(self, statement: Any, values: dict[str, Any]) -> sa.CursorResult[Any]:
        compiled = statement.compile(dialect=self._connection.dialect)
        text = str(compiled).replace(_QUOTED, self._part.replace("%", "%%"))
        return self._connection.exec_driver_sql(text, compiled.construct_params(values))
