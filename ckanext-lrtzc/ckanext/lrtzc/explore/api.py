"""The door to the rows of a resource: everything that reads a table goes through `select`.

`select` checks the right to read, describes the table, reads the query and gives a `Selection`; its methods compile
to SQL with what the access decision added. Nothing else in the room builds a FROM.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.types import Context

from ckanext.lrtzc.access.api import PERMITTED, Action, Decision, require
from ckanext.lrtzc.batches.api import changed_since
from ckanext.lrtzc.explore.domain.distribution import Classes, round_classes
from ckanext.lrtzc.explore.domain.query import Query, read_query
from ckanext.lrtzc.explore.statements import Source
from ckanext.lrtzc.tabular.catalog import describe
from ckanext.lrtzc.tabular.conditions import comparable, whole
from ckanext.lrtzc.tabular.domain.columns import Column, Kind, Table, kind_of
from ckanext.lrtzc.tabular.domain.filters import Box
from ckanext.lrtzc.tabular.domain.problems import Problem
from ckanext.lrtzc.tabular.reading import Failure, ReadingFailed, planned, reading

__all__ = [
    "Classes",
    "Failure",
    "Kind",
    "Query",
    "ReadingFailed",
    "Row",
    "Rows",
    "Selection",
    "reading",
    "round_classes",
    "select",
    "shown",
    "whole",
    "written",
    "written_as",
]

# Up to here rows are counted; further, the planner's estimate is given, and said to be one.
COUNT_LIMIT = 50_000
# Longer texts are cut in the table; the row's own page has them whole.
CELL_LIMIT = 300
EXTENT_SAMPLE = 200_000


def written_as(
    name: str, title: str, types: Mapping[str, str], rows: Iterator[Sequence[Sequence[Any]]]
) -> Iterator[bytes]:
    """Write rows that stand in no table yet as exports are written.

    :param name: `xlsx`, or `geojson`: then each row ends with its place, as a GeoJSON geometry
    :param title: of the sheet
    :param types: what the DataStore calls the type of each column, in order; times are ISO 8601
    """
    from ckanext.lrtzc.explore.export.stream import WRITERS
    from ckanext.lrtzc.explore.export.writer import Options

    columns = [Column(column, kind_of(kind)) for column, kind in types.items()]
    return (chunk for chunk in WRITERS[name](columns, name == "geojson", title, Options()).write(rows) if chunk)


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
    decision: Decision = PERMITTED

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

    def narrowed(self, pairs: Iterable[tuple[str, str]]) -> "Selection":
        """Give another selection on the same table, by the parameters of an address; see `domain.query`."""
        query, problems = read_query(pairs, self.table)
        return replace(self, query=query, problems=tuple(problems))

    def since(self, version: int) -> "Selection | None":
        """Give the same selection among the rows that came or changed after a version of the resource's data.

        :returns: None where they aren't known: since then all of it was replaced, or there is no such version
        """
        keys = changed_since(self.resource["id"], version) if self.table.has_key else None
        return None if keys is None else replace(self, source=replace(self.source, keys=keys))

    def sampled(self, percent: float) -> "Selection":
        """Give the same selection over a sample of about `percent` of the table's pages, always the same."""
        return replace(self, source=replace(self.source, percent=percent))

    def count(self, connection: sa.Connection) -> tuple[int, bool]:
        """Count the rows, exactly up to 50,000; above, give the planner's estimate and True."""
        everything = self.statement([sa.literal(1)])
        expected = self.table.estimate
        if not self.source.part.is_whole:
            expected = 0
        elif expected is None or expected > COUNT_LIMIT:
            expected = planned(connection, everything)
        if expected > COUNT_LIMIT and self.table.estimate is not None:
            return expected, True
        bounded = everything.limit(COUNT_LIMIT + 1).subquery()
        counted = connection.scalar(sa.select(sa.func.count()).select_from(bounded)) or 0
        if counted > COUNT_LIMIT:
            # the planner's idea of a part is made of all rows: it would tell of those that are held back
            return max(counted, expected if self.source.part.is_whole else 0), True
        return counted, False

    def extent(self, connection: sa.Connection) -> Box | None:
        """Give the rectangle that holds the selection (of at most 200,000 of its rows), or None."""
        geometry = self.source.geometry
        placed = self.statement([geometry.label("g")]).where(geometry.is_not(None)).limit(EXTENT_SAMPLE).subquery()
        box = sa.func.ST_Extent(placed.c.g)
        edges = [sa.func.ST_XMin(box), sa.func.ST_YMin(box), sa.func.ST_XMax(box), sa.func.ST_YMax(box)]
        found = connection.execute(sa.select(*edges)).one()
        return None if found[0] is None else Box(*(float(edge) for edge in found))

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


def select(
    context: Context, resource: dict[str, Any], pairs: Iterable[tuple[str, str]], action: Action = Action.READ
) -> Selection | None:
    """Open the rows of a resource for the person of the context.

    :param resource: the resource as `resource_show` or `package_show` gives it.
    :param pairs: the parameters of an address; see `domain.query`.
    :returns: the selection, with what couldn't be read in its `problems`; None when the resource has no table.
    :raises NotAuthorized: when the person may not read it; AccessRefused says why in words.
    :raises ReadingFailed: when the database doesn't answer.
    """
    tk.check_access("datastore_search", context, {"resource_id": resource["id"]})
    decision = require(context, resource.get("package_id", ""), resource["id"], action)
    with reading() as connection:
        table = describe(connection, resource["id"])
    if table is None:
        return None
    source = Source(table, decision.part, tk.config["ckan.datastore.default_fts_lang"])
    return Selection(resource, source, Query(), decision=decision).narrowed(pairs)


def written(selection: Selection, name: str, title: str) -> Iterator[bytes]:
    """Give the pieces of a file of a selection, as its export does.

    :param name: of the format: `csv`, `json`, `parquet`…
    :raises ReadingFailed: when the database refuses, before or between pieces.
    """
    # the writers stand on this module
    from ckanext.lrtzc.explore.export.stream import WRITERS, stream
    from ckanext.lrtzc.explore.export.writer import Options

    return stream(selection, WRITERS[name], title, Options())
