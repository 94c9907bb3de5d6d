"""Filters, rectangles and distances made into SQL: every name an identifier, every value a bound parameter."""

import math
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, assert_never

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from ckanext.lrtzc.tabular.domain.columns import Column, Kind
from ckanext.lrtzc.tabular.domain.filters import Box, ColumnFilter, Near, Operator
from ckanext.lrtzc.tabular.domain.values import Value

WGS84 = 4326
_METRES_BY_DEGREE = 110_000.0
_BIGGEST = 2**63 - 1


def comparable(expression: sa.ColumnElement[Any], column: Column) -> sa.ColumnElement[Any]:
    """Give an expression that can be compared and grouped, whatever the type of the column (JSON can't)."""
    return sa.cast(expression, sa.Text()) if column.kind is Kind.OTHER else expression


def _bound(value: Value, column: Column) -> tuple[Any, sa.types.TypeEngine[Any]]:
    """Give a value as the driver takes it, and its type in the database."""
    match value:
        case bool():
            return value, sa.Boolean()
        case Decimal():
            whole = value == value.to_integral_value() and abs(value) <= _BIGGEST
            return (int(value), sa.BigInteger()) if column.kind is Kind.INTEGER and whole else (value, sa.Numeric())
        case datetime():
            return value, sa.DateTime(timezone=value.tzinfo is not None)
        case date():
            return value, sa.Date()
        case _:
            return value, sa.Text()


def _literal(value: Value, column: Column) -> sa.ColumnElement[Any]:
    return sa.literal(*_bound(value, column))


def _same(expression: sa.ColumnElement[Any], value: Value, column: Column) -> sa.ColumnElement[bool]:
    if column.kind is Kind.DATETIME and not isinstance(value, datetime):
        day = _literal(value, column)
        return sa.and_(expression >= day, expression < day + sa.literal(1, sa.Integer()))
    return expression == _literal(value, column)


def _among(expression: sa.ColumnElement[Any], choices: Sequence[Value], column: Column) -> sa.ColumnElement[bool]:
    if column.kind is Kind.DATETIME:
        return sa.or_(*(_same(expression, choice, column) for choice in choices))
    # one array of all: an OR of hundreds takes longer to write and to plan than to answer
    bound = [_bound(choice, column) for choice in choices]
    kinds = {type(kind): kind for _value, kind in bound}
    common = next(iter(kinds.values())) if len(kinds) == 1 else sa.Numeric()
    return expression == sa.any_(sa.literal([value for value, _kind in bound], ARRAY(common)))


def condition(raw: sa.ColumnElement[Any], column: Column, item: ColumnFilter) -> sa.ColumnElement[bool]:
    """Make the condition of one filter on a column. A day means the whole of it, also on a column of instants."""
    expression = comparable(raw, column)
    value = item.values[0]
    match item.operator:
        case Operator.IS:
            return _same(expression, value, column)
        case Operator.NOT:
            return sa.func.coalesce(sa.not_(_same(expression, value, column)), sa.true())
        case Operator.ONE_OF:
            return _among(expression, item.values, column)
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
