"""Filters on rows: what each says, how an address writes it, and on which kinds of column it makes sense.

An address writes a filter on a column as `<operator>.<column>=<value>`: `min.population=1000`,
`contains.Nom de la rue=port`, `in.type=A` given several times, `empty.date=true`. Those on the geometry have no
column: `bbox=-1.2,46.1,-1.1,46.2` and `near=-1.15,46.16,500`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from ckanext.lrtzc.tabular.domain import values
from ckanext.lrtzc.tabular.domain.columns import Column, Kind
from ckanext.lrtzc.tabular.domain.problems import Code, Wrong
from ckanext.lrtzc.tabular.domain.values import Value

CHOICES_LIMIT = 200
RADIUS_LIMIT = 1_000_000.0


class Operator(StrEnum):
    """What a filter on a column asks; MIN and MAX are of numbers, FROM and TO of days, all inclusive."""

    IS = "is"
    NOT = "not"
    CONTAINS = "contains"
    ONE_OF = "in"
    MIN = "min"
    MAX = "max"
    FROM = "from"
    TO = "to"
    EMPTY = "empty"


_BASE = (Operator.IS, Operator.NOT, Operator.ONE_OF, Operator.EMPTY)
_ALLOWED: dict[Kind, tuple[Operator, ...]] = {
    Kind.TEXT: (Operator.CONTAINS, *_BASE),
    Kind.OTHER: (Operator.CONTAINS, *_BASE),
    Kind.INTEGER: (Operator.MIN, Operator.MAX, *_BASE),
    Kind.NUMBER: (Operator.MIN, Operator.MAX, *_BASE),
    Kind.DATE: (Operator.FROM, Operator.TO, *_BASE),
    Kind.DATETIME: (Operator.FROM, Operator.TO, Operator.IS, Operator.NOT, Operator.EMPTY),
    Kind.BOOLEAN: (Operator.IS, Operator.EMPTY),
}


def operators_for(column: Column) -> tuple[Operator, ...]:
    """Give the operators that make sense on a column, the most useful first."""
    return _ALLOWED[column.kind]


@dataclass(frozen=True)
class ColumnFilter:
    """A condition on one column. `values` has one element, but for ONE_OF."""

    column: str
    operator: Operator
    values: tuple[Value, ...]

    @property
    def parameter(self) -> str:
        """Give the name of the parameter that writes this filter."""
        return f"{self.operator}.{self.column}"


@dataclass(frozen=True)
class Box:
    """Rows whose geometry meets a rectangle, in degrees of longitude and latitude (WGS 84)."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True)
class Near:
    """Rows whose geometry lies within `radius` metres of a point in degrees (WGS 84)."""

    longitude: float
    latitude: float
    radius: float


def read_filter(column: Column, operator: Operator, raws: Sequence[str]) -> ColumnFilter:
    """Read a filter from the values an address gives it; raises `Wrong`."""
    if operator not in operators_for(column):
        raise Wrong(Code.NOT_FOR_COLUMN, tuple(operators_for(column)))
    match operator:
        case Operator.ONE_OF:
            if len(raws) > CHOICES_LIMIT:
                raise Wrong(Code.TOO_MANY, limit=CHOICES_LIMIT)
            read = tuple(dict.fromkeys(values.read(raw, column) for raw in raws))
            return ColumnFilter(column.id, operator, read)
        case Operator.EMPTY:
            return ColumnFilter(column.id, operator, (values.read_boolean(_single(raws)),))
        case Operator.CONTAINS:
            return ColumnFilter(column.id, operator, (values.read_text(_single(raws)),))
        case Operator.IS | Operator.NOT | Operator.MIN | Operator.MAX | Operator.FROM | Operator.TO:
            return ColumnFilter(column.id, operator, (values.read(_single(raws), column),))
        case _:
            assert_never(operator)


def _single(raws: Sequence[str]) -> str:
    if len(set(raws)) > 1:
        raise Wrong(Code.REPEATED)
    return raws[0]


def write_filter(item: ColumnFilter) -> list[tuple[str, str]]:
    """Write a filter as the parameters of an address."""
    return [(item.parameter, values.write(value)) for value in item.values]


def _floats(raw: str, count: int, code: Code) -> list[float]:
    parts = raw.split(",")
    if len(raw) > 200 or len(parts) != count:
        raise Wrong(code)
    try:
        numbers = [float(part) for part in parts]
    except ValueError as error:
        raise Wrong(code) from error
    if not all(math.isfinite(number) for number in numbers):
        raise Wrong(code)
    return numbers


def _on_earth(longitude: float, latitude: float) -> bool:
    return -180 <= longitude <= 180 and -90 <= latitude <= 90


def read_box(raw: str) -> Box:
    """Read `west,south,east,north` in degrees."""
    west, south, east, north = _floats(raw, 4, Code.WRONG_BBOX)
    if not (_on_earth(west, south) and _on_earth(east, north)) or west > east or south > north:
        raise Wrong(Code.WRONG_BBOX)
    return Box(west, south, east, north)


def read_near(raw: str) -> Near:
    """Read `longitude,latitude,metres`."""
    longitude, latitude, radius = _floats(raw, 3, Code.WRONG_NEAR)
    if not _on_earth(longitude, latitude) or not 0 < radius <= RADIUS_LIMIT:
        raise Wrong(Code.WRONG_NEAR)
    return Near(longitude, latitude, radius)


def write_floats(*numbers: float) -> str:
    """Write numbers for an address, so that reading them gives the same."""
    return ",".join(repr(int(number)) if number.is_integer() else repr(number) for number in numbers)
