"""The door to the rows of a resource: everything that reads a table goes through `select`.

`select` checks the right to read, describes the table, reads the query and gives a `Selection`; its methods compile
to SQL with what the access decision added. Nothing else in the room builds a FROM.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.types import Context

from ckanext.lrtzc.explore.access import grant
from ckanext.lrtzc.explore.catalog import describe
from ckanext.lrtzc.explore.domain.columns import Column, Kind, Table
from ckanext.lrtzc.explore.domain.problems import Problem
from ckanext.lrtzc.explore.domain.query import Query, read_query
from ckanext.lrtzc.explore.reading import Failure, ReadingFailed, planned, reading
from ckanext.lrtzc.explore.statements import Source, comparable, whole

__all__ = ["Failure", "ReadingFailed", "Row", "Rows", "Selection", "reading", "select"]

# Up to here rows are counted; further, the planner's estimate is given, and said to be one.
COUNT_LIMIT = 50_000
# Longer texts are cut in the table; the row's own page has them whole.
CELL_LIMIT = 300


@dataclass(frozen=True)
class Row:
    """One row of a page: its key, and its values in the order of the columns asked for."""

    key: int | None
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Rows:
    """A page of rows, and how many there are in all; `about` says that this is an estimate."""

    rows: list[Row]
    total: int
    about: bool
    has_next: bool
    has_previous: bool


@dataclass(frozen=True)
class Selection:
    """The rows that a query keeps of a table, for a person who may read it."""

    resource: dict[str, Any]
    source: Source
    query: Query
    problems: tuple[Problem, ...] = field(default=())

    @property
    def table(self) -> Table:
        """Give the table as the person may see it."""
        return self.source.table

    def columns(self, most: int | None = None) -> tuple[Column, ...]:
        """Give the columns to show: those asked for, else all of them; `most` at the most."""
        found = tuple(self.table[name] for name in self.query.columns) or self.table.columns
        return found[:most]

    def statement(self, expressions: Sequence[sa.ColumnElement[Any]]) -> sa.Select[Any]:
        """Select expressions over the rows that the query keeps, in no order and without limit."""
        return self.source.select(self.query, expressions)

    def ordered(self, expressions: Sequence[sa.ColumnElement[Any]]) -> sa.Select[Any]:
        """Select expressions over the rows that the query keeps, in its order and without limit."""
        return self.statement(expressions).order_by(*self.source.order(self.query))

    def with_query(self, query: Query) -> "Selection":
        """Give another selection on the same table."""
        return replace(self, query=query)

    def sampled(self, percent: float) -> "Selection":
        """Give the same selection over a sample of about `percent` of the table's pages, always the same."""
        return replace(self, source=replace(self.source, percent=percent))

    def count(self, connection: sa.Connection) -> tuple[int, bool]:
        """Count the rows, exactly up to 50,000; above, give the planner's estimate and True."""
        everything = self.statement([sa.literal(1)])
        expected = self.table.estimate
        if expected is None or expected > COUNT_LIMIT:
            expected = planned(connection, everything)
        if expected > COUNT_LIMIT and self.table.estimate is not None:
            return expected, True
        bounded = everything.limit(COUNT_LIMIT + 1).subquery()
        counted = connection.scalar(sa.select(sa.func.count()).select_from(bounded)) or 0
        if counted > COUNT_LIMIT:
            return max(counted, expected), True
        return counted, False

    def page(self, connection: sa.Connection, columns: Sequence[Column]) -> Rows:
        """Read the page that the query asks for, with values as one can show them."""
        query, source = self.query, self.source
        wanted: list[sa.ColumnElement[Any]] = [source.key] if self.table.has_key else [sa.null()]
        wanted += [shown(source.column(column.id), column).label(f"v{index}") for index, column in enumerate(columns)]
        statement = self.ordered(wanted).limit(query.size + 1)
        if query.after is not None:
            statement = statement.where(source.key > query.after)
        elif query.before is not None:
            statement = statement.where(source.key < query.before)
        elif query.page > 1:
            statement = statement.offset((query.page - 1) * query.size)
        found = [Row(row[0], tuple(row[1:])) for row in connection.execute(statement)]
        more = len(found) > query.size
        found = found[: query.size]
        if query.before is not None:
            found.reverse()
        first = query.after is None and query.before is None and query.page == 1
        if first and not more:
            total, about = len(found), False
        else:
            total, about = self.count(connection)
        return Rows(
            found,
            total,
            about,
            has_next=more if query.before is None else True,
            has_previous=more if query.before is not None else not first,
        )

    def row(self, connection: sa.Connection, key: int) -> tuple[Any, ...] | None:
        """Read one row whole, with all its columns, whatever the filters; None when there is none to see."""
        if not self.table.has_key:
            return None
        unfiltered = self.with_query(Query())
        values = [whole(self.source.column(column.id), column) for column in self.table.columns]
        found = connection.execute(
            unfiltered.statement([sa.literal(1), *values]).where(self.source.key == key).limit(1)
        ).first()
        return None if found is None else tuple(found[1:])


def shown(expression: sa.ColumnElement[Any], column: Column) -> sa.ColumnElement[Any]:
    """Make a value as a table shows it: like `whole`, with long texts cut one character past the limit."""
    if column.kind in (Kind.TEXT, Kind.OTHER):
        return sa.func.left(comparable(expression, column), CELL_LIMIT + 1, type_=sa.Text())
    return whole(expression, column)


def select(context: Context, resource: dict[str, Any], pairs: Iterable[tuple[str, str]]) -> Selection | None:
    """Open the rows of a resource for the person of the context.

    :param resource: the resource as `resource_show` or `package_show` gives it.
    :param pairs: the parameters of an address; see `domain.query`.
    :returns: the selection, with what couldn't be read in its `problems`; None when the resource has no table.
    :raises NotAuthorized: when the person may not read it.
    :raises ReadingFailed: when the database doesn't answer.
    """
    granted = grant(context, resource)
    with reading() as connection:
        table = describe(connection, resource["id"], granted.hidden)
    if table is None:
        return None
    language = tk.config["ckan.datastore.default_fts_lang"]
    source = Source(table, granted.conditions, language)
    query, problems = read_query(pairs, table)
    return Selection(resource, source, query, tuple(problems))
