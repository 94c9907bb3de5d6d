"""The form of a step: the fields of its kind, and what was typed in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ckan.plugins.toolkit as tk

from . import wording
from .domain.catalogue import CATALOGUE, Form, Kind, Param, Role
from .domain.units import UNITS
from .geocoder import host, service


@dataclass(frozen=True)
class Field:
    """A field of the form: its `control` is `text`, `area`, `select` or `checks`; `value` is what stands in it."""

    name: str
    label: str
    help: str
    control: str
    value: Any
    options: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


def kinds() -> list[tuple[str, str]]:
    """Give the kinds of steps, to choose from; addresses only where somebody can be asked for them."""
    return [(kind.value, wording.kind_words(kind)) for kind in Kind if kind is not Kind.GEOCODE or service()]


def fields(kind: Kind, params: Mapping[str, Any], columns: Sequence[str]) -> list[Field]:
    """Give the fields of a kind, filled with a step's parameters; `columns` are those that the step finds."""
    found: list[Field] = []
    for param in CATALOGUE[kind]:
        if param.form is Form.ROLES:
            found += _roles(params.get(param.name) or {}, columns)
        else:
            found.append(_field(kind, param, params.get(param.name), columns))
    return found


def _field(kind: Kind, param: Param, value: Any, columns: Sequence[str]) -> Field:
    label, text = _label(kind, param.name), _help(kind, param)
    match param.form:
        case Form.COLUMN:
            # a column that is gone stays to be seen, and is said to be
            names = list(columns) if not value or value in columns else [*columns, value]
            options = [("", tk._("none")), *((name, name) for name in names)] if param.optional else None
            return Field(param.name, label, text, "select", value or "", options or [(name, name) for name in names])
        case Form.COLUMNS:
            names = [*columns, *(name for name in value or [] if name not in columns)]
            return Field(param.name, label, text, "checks", value or [], [(name, name) for name in names])
        case Form.CHOICE:
            return Field(param.name, label, text, "select", value or "", _choices(param))
        case Form.VALUES | Form.NAMES:
            return Field(param.name, label, text, "area", "\n".join(value or []))
        case Form.PAIRS:
            return Field(param.name, label, text, "area", "\n".join(" => ".join(pair) for pair in value or []))
        case Form.SHARE:
            number = tk.h.lrtzc_number(param.usual if value is None else value)
            return Field(param.name, label, text, "text", number)
        case _:
            # what was left empty on purpose stays so
            return Field(param.name, label, text, "text", value or ("" if value is not None else _usual(param.name)))


def _usual(name: str) -> str:
    return {"longitude": "longitude", "latitude": "latitude", "score": "score"}.get(name, "")


def _roles(value: Mapping[str, str], columns: Sequence[str]) -> list[Field]:
    options = [("", tk._("leave out")), *((role.value, wording.role_words(role)) for role in Role)]
    return [
        Field(f"role-{place}", name, "", "select", value.get(name, ""), options) for place, name in enumerate(columns)
    ]


def _choices(param: Param) -> list[tuple[str, str]]:
    words = {
        "then": {"keep": tk._("keep these rows"), "leave_out": tk._("leave these rows out")},
        "case": {
            "as_is": tk._("as it is"),
            "lower": tk._("small letters"),
            "upper": tk._("capitals"),
            "title": tk._("initials in capitals"),
        },
        "accents": {"as_is": tk._("as they are"), "without": tk._("taken away")},
        "where": {"whole": tk._("whole values"), "part": tk._("parts of texts")},
    }.get(param.name, {})
    match param.name:
        case "operator":
            return [(each, wording.operator_words(each)) for each in param.choices]
        case "type":
            return [(each, wording.type_words(each)) for each in param.choices]
        case "crs":
            return [(each, wording.system_words(each)) for each in param.choices]
        case "from" | "to":
            return [(each, each if each != "1" else tk._("share (0 to 1)")) for each in UNITS]
        case _:
            return [(each, words.get(each, each)) for each in param.choices]


def _label(kind: Kind, name: str) -> str:
    words = {
        "column": tk._("Column"),
        "columns": tk._("Columns of the address") if kind is Kind.GEOCODE else tk._("Columns"),
        "city": tk._("Column of the commune"),
        "postcode": tk._("Column of the post code"),
        "citycode": tk._("Column of the commune's INSEE code"),
        "minimum": tk._("Lowest score of a place"),
        "score": tk._("Column made for the score"),
        "label": tk._("Column made for the address found"),
        "to": tk._("To") if kind is Kind.CONVERT else tk._("New name"),
        "from": tk._("From"),
        "type": tk._("Type"),
        "operator": tk._("Condition"),
        "values": tk._("Values"),
        "then": tk._("What to do"),
        "case": tk._("Case"),
        "accents": tk._("Accents"),
        "pairs": tk._("Values and what takes their place"),
        "where": tk._("What is compared"),
        "separator": tk._("Separator"),
        "names": tk._("New columns"),
        "into": tk._("Name of the column made"),
        "x": tk._("Column of the eastings (x)"),
        "y": tk._("Column of the northings (y)"),
        "crs": tk._("System of coordinates"),
        "longitude": tk._("Column made for the longitude"),
        "latitude": tk._("Column made for the latitude"),
        "count": tk._("Column made for the number of rows"),
        "resource": tk._("File of reference"),
        "match": tk._("Column of that file in which the value is looked for"),
        "take": tk._("Column of that file that is taken"),
        "expression": tk._("Expression"),
    }
    return words[name]


def _help(kind: Kind, param: Param) -> str:
    words = {
        "values": tk._("One a line. Numbers and dates may be written as in French: 1 234,5 or 31/12/2024."),
        "pairs": tk._("One a line: old value => new value. Nothing before the arrow: empty cells."),
        "names": tk._("One a line, in the order of the parts; the last one has all that is left."),
        "resource": tk._("The address of the file's page on this portal, or its identifier."),
        "expression": tk._(
            "For instance round(${valeur} * 3.6, 2) or if(${type} = 'A', 'bus', 'train'). To divide, write div."
        ),
        "count": tk._("Nothing: they aren't counted."),
    }
    if param.name == "columns" and kind is Kind.NORMALISE:
        return tk._("None chosen: all columns.")
    if kind is Kind.GEOCODE:
        return _help_on_addresses(param.name)
    return words.get(param.name, "")


def _help_on_addresses(name: str) -> str:
    words = {
        "columns": tk._("Those that hold the number and the street, or the whole address."),
        "postcode": tk._("Only places with this post code are considered."),
        "citycode": tk._("Only places in this commune are considered."),
        "minimum": tk._("From 0 to 1. An address that is found with a lower score has no place."),
        "score": tk._("Leave it empty if you don't want this column."),
        "label": tk._("Leave it empty if you don't want this column."),
    }
    return words.get(name, "")


def told(kind: Kind) -> list[str]:
    """Give what must be known before a step of a kind is chosen."""
    if kind is not Kind.GEOCODE:
        return []
    return [
        tk._(
            "The columns chosen here are sent to {host}, and nothing else of the data. Where they tell of persons, see "
            "that your register of processings names this recipient."
        ).format(host=host())
    ]


def asked(form: Any, kind: Kind, columns: Sequence[str]) -> dict[str, Any]:
    """Give the step that was typed, as the actions take it."""
    params: dict[str, Any] = {}
    for param in CATALOGUE[kind]:
        typed = form.get(f"param-{param.name}", "")
        match param.form:
            case Form.COLUMNS:
                params[param.name] = form.getlist(f"param-{param.name}")
            case Form.VALUES | Form.NAMES:
                params[param.name] = [line.strip() for line in typed.splitlines() if line.strip()]
            case Form.PAIRS:
                params[param.name] = [_pair(line) for line in typed.splitlines() if line.strip()]
            case Form.ROLES:
                roles = {name: form.get(f"param-role-{place}", "") for place, name in enumerate(columns)}
                params[param.name] = {name: role for name, role in roles.items() if role}
            case _:
                params[param.name] = typed if param.name == "separator" else typed.strip()
    if kind is Kind.LOOKUP:
        params["resource"] = params["resource"].split("?")[0].split("#")[0].rstrip("/").rpartition("/")[2]
    return {"kind": kind.value, "params": params}


def _pair(line: str) -> list[str]:
    """Give what stands before and after an arrow; a line without one is left to be refused."""
    for arrow in ("=>", "→"):
        if arrow in line:
            old, _arrow, new = line.partition(arrow)
            return [old.strip(), new.strip()]
    return [line]
