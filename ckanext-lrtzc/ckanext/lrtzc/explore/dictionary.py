"""The dictionary of a table, as other programs read it."""

from typing import Any

from ckanext.lrtzc.tabular.domain.columns import Column, Kind, Table

_TYPES = {
    Kind.TEXT: "string",
    Kind.INTEGER: "integer",
    Kind.NUMBER: "number",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "date",
    Kind.DATETIME: "datetime",
    Kind.OTHER: "string",
}


def _field(column: Column) -> dict[str, Any]:
    described: dict[str, Any] = {"name": column.id, "type": _TYPES[column.kind]}
    said = {"title": column.label, "description": column.notes, "unit": column.unit, "rdfType": column.concept}
    described.update({name: text for name, text in said.items() if text})
    if column.kind in (Kind.DATE, Kind.DATETIME):
        described["format"] = "default"
    return described


def table_schema(table: Table) -> dict[str, Any]:
    """Give the dictionary as a Frictionless Table Schema (v1); `unit` is added to what the standard names."""
    return {"fields": [_field(column) for column in table.columns], "missingValues": [""]}
