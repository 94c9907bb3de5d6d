"""Rules to and from Table Schema (https://specs.frictionlessdata.io/table-schema/, version 1), as far as it says them.

What Table Schema has no word for (extreme values, comparisons, freshness, places, what failure does) stays here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .rules import MOST_RULES, Failure, Format, Kind, Rule, RuleError, Type, moment_of, rule_of

_TYPES: Mapping[Type, str] = {
    Type.TEXT: "string",
    Type.INTEGER: "integer",
    Type.DECIMAL: "number",
    Type.FLOAT: "number",
    Type.BOOLEAN: "boolean",
    Type.DATE: "date",
    Type.TIMESTAMP: "datetime",
}
_READ: Mapping[str, Type] = {
    "integer": Type.INTEGER,
    "year": Type.INTEGER,
    "number": Type.DECIMAL,
    "boolean": Type.BOOLEAN,
    "date": Type.DATE,
    "datetime": Type.TIMESTAMP,
}
_FORMATS = (Format.EMAIL, Format.URI, Format.UUID)


@dataclass
class Imported:
    """The rules that a schema asks for, and what of it could not be taken: names of fields with their property."""

    rules: list[Rule] = field(default_factory=list[Rule])
    left: list[str] = field(default_factory=list[str])


def export(rules: Sequence[Rule], types: Mapping[str, str]) -> dict[str, Any]:
    """Give a Table Schema of columns and of the rules that it can say.

    :param types: the columns with their types, in order
    """
    fields = {name: {"name": name, "type": _TYPES[Type(kind)]} for name, kind in types.items()}
    schema: dict[str, Any] = {"fields": list(fields.values())}
    for rule in rules:
        if not all(name in fields for name in rule.columns):
            continue
        name = next(iter(rule.columns), "")
        if rule.kind is Kind.UNIQUE and len(rule.columns) > 1:
            schema.setdefault("uniqueKeys", []).append(list(rule.columns))
        elif rule.kind is Kind.REFERENCE:
            reference = {"resource": rule.params["resource"], "fields": rule.params["column"]}
            schema.setdefault("foreignKeys", []).append({"fields": name, "reference": reference})
        elif len(rule.columns) == 1:
            _describe(rule, fields[name])
    return schema


def _describe(rule: Rule, described: dict[str, Any]) -> None:
    if rule.kind is Kind.FORMAT:
        if rule.params["format"] in _FORMATS and described["type"] == "string":
            described["format"] = rule.params["format"]
        return
    if rule.kind is Kind.TYPE:
        described["type"] = _TYPES[Type(rule.params["type"])]
        return
    found = _constraints(rule, described["type"])
    if found:
        described["constraints"] = {**described.get("constraints", {}), **found}


def _constraints(rule: Rule, kind: str) -> dict[str, Any]:
    params = rule.params
    match rule.kind:
        case Kind.REQUIRED:
            return {"required": True}
        case Kind.UNIQUE:
            return {"unique": True}
        case Kind.PATTERN:
            return {"pattern": params["pattern"]}
        case Kind.VALUES:
            return {"enum": [_native(value, kind) for value in params["values"]]}
        case Kind.RANGE:
            return {name: _native(params[name], kind) for name in ("minimum", "maximum") if params[name] is not None}
        case Kind.LENGTH:
            named = (("minimum", "minLength"), ("maximum", "maxLength"))
            return {theirs: params[ours] for ours, theirs in named if params[ours] is not None}
        case _:
            return {}


def _native(value: str, kind: str) -> Any:
    """Write a value as the schema's type has it: numbers as JSON's, dates as text."""
    if kind in ("integer", "number") and moment_of(value) is None:
        try:
            number = float(value.replace(",", "."))
        except ValueError:
            return value
        if math.isfinite(number):
            return int(number) if number.is_integer() else number
    return value


def read(schema: Any, failure: Failure = Failure.FLAG) -> Imported:
    """Give the rules that a Table Schema asks for.

    :param schema: the schema, or a resource or package of data with one
    :param failure: what breaking them does
    :raises RuleError: where it is no Table Schema
    """
    found = Imported()
    schema = _schema_of(schema)
    for described in schema["fields"]:
        if not isinstance(described, dict) or not isinstance(described.get("name"), str):
            raise RuleError("schema", "not_a_schema")
        _read_field(described, failure, found)
    _read_keys(schema, failure, found)
    return found


def listed_in(catalogue: Any) -> list[dict[str, str]]:
    """Give the Table Schemas that a catalogue of schemas names, by title; what else it holds is left out.

    The form is that of https://schema.data.gouv.fr/schemas/schemas.json (opendataschema's catalogue, version 1).

    :returns: `name`, `title`, `description` and `url` of each
    """
    entries = catalogue.get("schemas") if isinstance(catalogue, dict) else None
    found: dict[str, dict[str, str]] = {}
    for entry in entries if isinstance(entries, list) else []:
        if not isinstance(entry, dict) or entry.get("schema_type", "tableschema") != "tableschema":
            continue
        name, address = entry.get("name"), entry.get("schema_url")
        if isinstance(name, str) and name and isinstance(address, str) and address.startswith(("https://", "http://")):
            said = {key: str(entry.get(key) or "") for key in ("title", "description")}
            found[name] = {"name": name, "url": address, **said, "title": said["title"] or name}
    return sorted(found.values(), key=lambda each: (each["title"].casefold(), each["name"]))


def _schema_of(given: Any) -> dict[str, Any]:
    for _level in range(3):
        if not isinstance(given, dict):
            break
        if isinstance(given.get("fields"), list) and given["fields"]:
            return given
        resources = given.get("resources")
        given = given.get("schema") or (resources[0] if isinstance(resources, list) and resources else None)
    raise RuleError("schema", "not_a_schema")


def _add(found: Imported, what: str, failure: Failure, kind: Kind, columns: Sequence[str], **params: Any) -> None:
    if len(found.rules) >= MOST_RULES:
        found.left.append(what)
        return
    try:
        found.rules.append(rule_of({"kind": kind, "columns": columns, "params": params, "failure": failure}))
    except RuleError:
        found.left.append(what)


def _read_field(described: dict[str, Any], failure: Failure, found: Imported) -> None:
    name, kind = described["name"], str(described.get("type", "string"))
    if kind in _READ:
        _add(found, f"{name}: type", failure, Kind.TYPE, [name], type=_READ[kind])
    elif kind not in ("string", "any"):
        found.left.append(f"{name}: type {kind}")
    form = described.get("format", "default")
    if kind == "string" and form in _FORMATS:
        _add(found, f"{name}: format", failure, Kind.FORMAT, [name], format=form)
    elif form not in ("default", "any") and kind == "string":
        found.left.append(f"{name}: format {form}")
    constraints = described.get("constraints") or {}
    if not isinstance(constraints, dict):
        raise RuleError("schema", "not_a_schema")
    _read_constraints(name, constraints, failure, found)


def _read_constraints(name: str, asked: dict[str, Any], failure: Failure, found: Imported) -> None:
    low, high = asked.get("minimum"), asked.get("maximum")
    if asked.get("required") is True:
        _add(found, f"{name}: required", failure, Kind.REQUIRED, [name])
    if asked.get("unique") is True:
        _add(found, f"{name}: unique", failure, Kind.UNIQUE, [name])
    if low is not None or high is not None:
        _add(found, f"{name}: minimum, maximum", failure, Kind.RANGE, [name], minimum=low, maximum=high)
    if asked.get("minLength") is not None or asked.get("maxLength") is not None:
        sizes = {"minimum": asked.get("minLength"), "maximum": asked.get("maxLength")}
        _add(found, f"{name}: minLength, maxLength", failure, Kind.LENGTH, [name], **sizes)
    if asked.get("pattern") is not None:
        _add(found, f"{name}: pattern", failure, Kind.PATTERN, [name], pattern=asked["pattern"])
    if asked.get("enum") is not None:
        values = [_text(value) for value in _list(asked["enum"])]
        _add(found, f"{name}: enum", failure, Kind.VALUES, [name], values=values)
    known = {"required", "unique", "minimum", "maximum", "minLength", "maxLength", "pattern", "enum"}
    found.left += [f"{name}: {other}" for other in asked if other not in known]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _names(value: Any) -> list[str]:
    given = [value] if isinstance(value, str) else value
    return [str(name) for name in given] if isinstance(given, list) else []


def _read_keys(schema: dict[str, Any], failure: Failure, found: Imported) -> None:
    if key := _names(schema.get("primaryKey")):
        _add(found, "primaryKey", failure, Kind.UNIQUE, key)
        for name in key:
            _add(found, "primaryKey", failure, Kind.REQUIRED, [name])
    for key in _list(schema.get("uniqueKeys")):
        _add(found, "uniqueKeys", failure, Kind.UNIQUE, _names(key))
    for key in _list(schema.get("foreignKeys")):
        reference = key.get("reference") if isinstance(key, dict) else None
        fields = _names(reference.get("fields")) if isinstance(reference, dict) else []
        if not isinstance(reference, dict) or len(fields) != 1 or not reference.get("resource"):
            found.left.append("foreignKeys")
            continue
        params = {"resource": reference["resource"], "column": fields[0]}
        _add(found, "foreignKeys", failure, Kind.REFERENCE, _names(key.get("fields")), **params)
