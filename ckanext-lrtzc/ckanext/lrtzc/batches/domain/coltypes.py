"""The types of columns, and how text becomes them."""

from __future__ import annotations

from enum import StrEnum


class ColumnType(StrEnum):
    """A column's type; its value is what the DataStore calls it."""

    TEXT = "text"
    INTEGER = "int8"
    DECIMAL = "numeric"
    FLOAT = "float8"
    BOOLEAN = "bool"
    DATE = "date"
    TIMESTAMP = "timestamp"


LABELS: dict[ColumnType, str] = {
    ColumnType.TEXT: "text",
    ColumnType.INTEGER: "whole number",
    ColumnType.DECIMAL: "decimal number",
    ColumnType.FLOAT: "approximate decimal number",
    ColumnType.BOOLEAN: "yes or no",
    ColumnType.DATE: "date",
    ColumnType.TIMESTAMP: "date and time",
}

# what a value is expected to be, to follow “… is not”
EXPECTED: dict[ColumnType, str] = {
    ColumnType.TEXT: "a text",
    ColumnType.INTEGER: "a whole number",
    ColumnType.DECIMAL: "a number",
    ColumnType.FLOAT: "a number",
    ColumnType.BOOLEAN: "yes or no",
    ColumnType.DATE: "a date",
    ColumnType.TIMESTAMP: "a date and time",
}
