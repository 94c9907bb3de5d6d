"""A perimeter as a grant stores it, and read back."""

from typing import Any

from ckanext.lrtzc.tabular.domain import values
from ckanext.lrtzc.tabular.domain.columns import Column, Kind
from ckanext.lrtzc.tabular.domain.filters import ColumnFilter, Operator, read_filter
from ckanext.lrtzc.tabular.domain.part import Coarser, Mask, Perimeter


def read_perimeter(stored: dict[str, Any]) -> Perimeter:
    """Read a perimeter from `columns`, `rows` and `masks` as the table of grants holds them."""
    columns = stored["columns"]
    return Perimeter(
        None if columns is None else frozenset(columns),
        tuple(_filter(row) for row in stored["rows"]),
        tuple(Mask(mask["column"], Coarser(mask["coarser"]), mask["size"]) for mask in stored["masks"]),
    )


def _filter(row: dict[str, Any]) -> ColumnFilter:
    column = Column(row["column"], Kind(row["kind"]), zoned=row.get("zoned", False))
    return read_filter(column, Operator(row["operator"]), row["values"])


def write_filter(item: ColumnFilter, column: Column) -> dict[str, Any]:
    """Write a filter on a column as the table of grants holds it: values as an address writes them."""
    return {
        "column": column.id,
        "kind": str(column.kind),
        "zoned": column.zoned,
        "operator": str(item.operator),
        "values": [values.write(value) for value in item.values],
    }
