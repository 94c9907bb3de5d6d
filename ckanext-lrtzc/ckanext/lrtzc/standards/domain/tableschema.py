"""The dictionary of a table as a Frictionless Table Schema (https://specs.frictionlessdata.io/table-schema/)."""

from typing import Any

from .croissant import Column

_TYPES = {
    "int": "integer",
    "int2": "integer",
    "int4": "integer",
    "int8": "integer",
    "bigint": "integer",
    "integer": "integer",
    "float4": "number",
    "float8": "number",
    "numeric": "number",
    "bool": "boolean",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "datetime",
    "timestamptz": "datetime",
    "json": "object",
    "jsonb": "object",
}


def table_schema(name: str, title: str, table: list[Column]) -> dict[str, Any]:
    """Give the schema of a table: `name` identifies it, `title` is for people."""
    return {
        "$schema": "https://frictionlessdata.io/schemas/table-schema.json",
        "name": name,
        "title": title,
        "fields": [_field(column) for column in table],
        "missingValues": [""],
    }


def _field(column: Column) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": column.name,
        "type": _TYPES.get(column.kind.lower().split("(")[0].split(" ")[0], "string"),
        "title": column.label,
        "description": column.notes,
        "unit": column.unit,
    }
    if column.concept and column.concept.startswith(("http://", "https://")):
        described["rdfType"] = column.concept
    return {key: value for key, value in described.items() if value}
