"""A query made into SQL: every name an identifier of the table, every value a bound parameter."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, assert_never

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import REGCONFIG

from ckanext.lrtzc.explore.domain.columns import FULL_TEXT, GEOMETRY, KEY, Column, Kind, Table
from ckanext.lrtzc.explore.domain.filters import Box, ColumnFilter, Near, Operator
from ckanext.lrtzc.explore.domain.query import Query
from ckanext.lrtzc.explore.domain.values import Value

RowCondition = Callable[[sa.FromClause], sa.ColumnElement[bool]]

WGS84 = 4326
_METRES_BY_DEGREE = 110_000.0
_BIGGEST = 2**63 - 1
_TYPES: dict[Kind, Any] = {
    Kind.TEXT: sa.Text(),
    Kind.INTEGER: sa.BigInteger(),
    Kind.NUMBER: sa.Numeric(),
    Kind.BOOLEAN: sa.Boolean(),
    Kind.DATE: sa.Date(),
    Kind.DATETIME: sa.DateTime(),
    Kind.OTHER: sa.types.NullType(),
}


@dataclass(frozen=True)
class Source:
    """A table as SQLAlchemy sees it, with what the reader may see of it.

    `rows` make conditions that rows must meet whatever is asked; `language` is the full-text configuration.
    `percent` reads only a sample of about that percentage of the table, always the same.
    """

    table: Table
    rows: tuple[RowCondition, ...] = ()
    language: str = "simple"
    percent: float | None = None

    @cached_property
    def relation(self) -> sa.FromClause:
        """Give the relation, with its hidden columns."""
        columns: list[sa.ColumnClause[Any]] = [
            sa.column(KEY, sa.BigInteger()),
            sa.column(GEOMETRY),
            sa.column(FULL_TEXT),
        ]
        columns += [sa.column(column.id, _TYPES[column.kind]) for column in self.table.columns]
        relation = sa.table(self.table.resource_id, *columns)
        if self.percent is None:
            return relation
        return relation.tablesample(sa.func.system(self.percent), seed=sa.literal(1), name="sampled")

    def column(self, column_id: str) -> sa.ColumnElement[Any]:
        """Give a column of the table; KeyError when the reader has no such column."""
        return self.relation.c[self.table[column_id].id]

    @property
    def key(self) -> sa.ColumnElement[int]:
        """Give the key of the rows."""
        return self.relation.c[KEY]

    @property
    def geometry(self) -> sa.ColumnElement[Any]:
        """Give the geometry of the rows (WGS 84)."""
        return self.relation.c[GEOMETRY]

    def conditions(self, query: Query) -> list[sa.ColumnElement[bool]]:
        """Give what rows must meet: the reader's own conditions, then the query's."""
        found = [row_condition(self.relation) for row_condition in self.rows]
        found += [condition(self, item) for item in query.filters]
        if query.box:
            found.append(in_box(self.geometry, query.box))
        if query.near:
            found.append(near(self.geometry, query.near))
        if query.search:
            found.append(self._search(query.search))
        return found

    def _search(self, words: str) -> sa.ColumnElement[bool]:
        if self.table.has_full_text:
            language = sa.cast(sa.literal(self.language), REGCONFIG)
            return self.relation.c[FULL_TEXT].op("@@", is_comparison=True)(
                sa.func.websearch_to_tsquery(language, words)
            )
        texts = [self.column(column.id) for column in self.table.columns if column.kind is Kind.TEXT]
        return sa.or_(sa.false(), *(text.icontains(words, autoescape=True) for text in texts))

    def order(self, query: Query) -> list[sa.ColumnElement[Any]]:
        """Give the order of the rows: as asked, empty values last, then by key so that pages never overlap."""
        order: list[sa.ColumnElement[Any]] = []
        for item in query.sort:
            column = comparable(self.column(item.column), self.table[item.column])
            order.append((column.desc() if item.descending else column.asc()).nulls_last())
        if self.table.has_key:
            order.append(self.key.desc() if query.before is not None else self.key.asc())
        return order

    def select(self, query: Query, columns: Sequence[sa.ColumnElement[Any]]) -> sa.Select[Any]:
        """Select expressions over the rows of a query, in no order and without limit."""
        return sa.select(*columns).select_from(self.relation).where(*self.conditions(query))


def comparable(expression: sa.ColumnElement[Any], column: Column) -> sa.ColumnElement[Any]:
    """Give an expression that can be compared and grouped, whatever the type of the column (JSON can't)."""
    return sa.cast(expression, sa.Text()) if column.kind is Kind.OTHER else expression


def _literal(value: Value, column: Column) -> sa.ColumnElement[Any]:
    match value:
        case bool():
            return sa.literal(value, sa.Boolean())
        case Decimal():
            whole = value == value.to_integral_value() and abs(value) <= _BIGGEST
            if column.kind is Kind.INTEGER and whole:
                return sa.literal(int(value), sa.BigInteger())
            return sa.literal(value, sa.Numeric())
        case datetime():
            return sa.literal(value, sa.DateTime(timezone=value.tzinfo is not None))
        case date():
            return sa.literal(value, sa.Date())
        case _:
            return sa.literal(value, sa.Text())


def _same(expression: sa.ColumnElement[Any], value: Value, column: Column) -> sa.ColumnElement[bool]:
    if column.kind is Kind.DATETIME and not isinstance(value, datetime):
        day = _literal(value, column)
        return sa.and_(expression >= day, expression < day + sa.literal(1, sa.Integer()))
    return expression == _literal(value, column)


def condition(source: Source, item: ColumnFilter) -> sa.ColumnElement[bool]:
    """Make the condition of one filter. A day means the whole of it, also on a column of instants."""
    column = source.table[item.column]
    raw = source.column(item.column)
    expression = comparable(raw, column)
    value = item.values[0]
    match item.operator:
        case Operator.IS:
            return _same(expression, value, column)
        case Operator.NOT:
            return sa.func.coalesce(sa.not_(_same(expression, value, column)), sa.true())
        case Operator.ONE_OF:
            return sa.or_(*(_same(expression, choice, column) for choice in item.values))
        case Operator.CONTAINS:
            return expression.icontains(str(value), autoescape=True)
        case Operator.MIN | Operator.FROM:
            return expression >= _literal(value, column)
        case Operator.MAX:
            return expression <= _literal(value, column)
        case Operator.TO:
            if column.kind is Kind.DATETIME and not isinstance(value, datetime):
                return expression < _literal(value, column) + sa.literal(1, sa.Integer())
            return expression <= _literal(value, column)
        case Operator.EMPTY:
            empty = sa.or_(raw.is_(None), expression == "") if column.kind is Kind.TEXT else raw.is_(None)
            return empty if value else sa.not_(empty)
        case _:
            assert_never(item.operator)


def envelope(box: Box) -> sa.ColumnElement[Any]:
    """Make the rectangle as a geometry."""
    return sa.func.ST_MakeEnvelope(box.west, box.south, box.east, box.north, WGS84)


def in_box(geometry: sa.ColumnElement[Any], box: Box) -> sa.ColumnElement[bool]:
    """Make the condition of meeting a rectangle; it can use the index."""
    return sa.func.ST_Intersects(geometry, envelope(box), type_=sa.Boolean())


def near(geometry: sa.ColumnElement[Any], item: Near) -> sa.ColumnElement[bool]:
    """Make the condition of lying within metres of a point: a rectangle for the index, then the true distance."""
    tall = item.radius / _METRES_BY_DEGREE
    wide = tall / max(math.cos(math.radians(min(90.0, abs(item.latitude) + tall))), 1e-6)
    around = Box(item.longitude - wide, item.latitude - tall, item.longitude + wide, item.latitude + tall)
    point = sa.func.ST_SetSRID(sa.func.ST_MakePoint(item.longitude, item.latitude), WGS84)
    distance = sa.func.ST_DistanceSphere(sa.func.ST_ClosestPoint(geometry, point), point, type_=sa.Float())
    return sa.and_(geometry.op("&&", is_comparison=True)(envelope(around)), distance <= item.radius)


def whole(expression: sa.ColumnElement[Any], column: Column) -> sa.ColumnElement[Any]:
    """Make a value as the driver can always carry it: days, instants and unknown types as ISO text."""
    if column.kind in (Kind.DATE, Kind.DATETIME, Kind.OTHER):
        return sa.cast(expression, sa.Text())
    return expression
