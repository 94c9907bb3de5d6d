"""Steps and what is wrong with them, in the words of the request's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, assert_never

import ckan.model as model
import ckan.plugins.toolkit as tk
from flask import has_request_context

from ckanext.lrtzc.tabular import wording
from ckanext.lrtzc.tabular.domain.filters import Operator

from .domain.catalogue import GROUPING, Kind, Role, StepError


def kind_words(kind: Kind) -> str:
    """Name what a kind of step does."""
    words = {
        Kind.SELECT: tk._("Keep some columns"),
        Kind.DROP: tk._("Leave columns out"),
        Kind.RENAME: tk._("Rename a column"),
        Kind.CAST: tk._("Read a column as a type: number, date…"),
        Kind.FILTER: tk._("Keep some rows"),
        Kind.NORMALISE: tk._("Tidy texts: spaces, case, accents"),
        Kind.REPLACE: tk._("Replace values"),
        Kind.SPLIT: tk._("Split a column"),
        Kind.JOIN: tk._("Join columns"),
        Kind.CONVERT: tk._("Convert to another unit"),
        Kind.REPROJECT: tk._("Convert coordinates to longitude and latitude"),
        Kind.GEOCODE: tk._("Find the place of addresses (geocoding)"),
        Kind.AGGREGATE: tk._("Put rows together: totals by commune, by month…"),
        Kind.LOOKUP: tk._("Add a column of reference data"),
        Kind.COMPUTE: tk._("Compute a column"),
    }
    return words[kind]


def role_words(role: Role) -> str:
    """Name what becomes of a column when rows are put together."""
    words = {
        Role.GROUP: tk._("one row for each value"),
        Role.DAY: tk._("one row for each day"),
        Role.MONTH: tk._("one row for each month"),
        Role.YEAR: tk._("one row for each year"),
        Role.SUM: tk._("sum"),
        Role.MEAN: tk._("mean"),
        Role.MIN: tk._("smallest"),
        Role.MAX: tk._("largest"),
    }
    return words[role]


def operator_words(operator: str) -> str:
    """Name how a value stands to those of a filter."""
    words = {
        Operator.IS.value: tk._("is"),
        Operator.NOT.value: tk._("is not"),
        Operator.CONTAINS.value: tk._("contains"),
        Operator.ONE_OF.value: tk._("is one of"),
        Operator.MIN.value: tk._("is a number not below"),
        Operator.MAX.value: tk._("is a number not above"),
        Operator.FROM.value: tk._("is a date not before"),
        Operator.TO.value: tk._("is a date not after"),
        "empty": tk._("is empty"),
        "filled": tk._("is filled"),
    }
    return words[operator]


def type_words(kind: str) -> str:
    """Name a type of column."""
    words = {
        "text": tk._("text"),
        "int8": tk._("whole number"),
        "numeric": tk._("decimal number"),
        "float8": tk._("approximate decimal number"),
        "bool": tk._("yes or no"),
        "date": tk._("date"),
        "timestamp": tk._("date and time"),
    }
    return words[kind]


def system_words(code: str) -> str:
    """Name a system of coordinates by what it is called, and its EPSG code."""
    names = {
        "2154": "Lambert-93", "27572": "Lambert II étendu", "32630": "UTM 30N", "32631": "UTM 31N",
        "32632": "UTM 32N", "4171": "RGF93", "4258": "ETRS89", "3857": "Web Mercator",
        "2970": "Guadeloupe UTM 20N (1948)",
        "5490": "RGAF09 UTM 20N", "2972": "RGFG95 UTM 22N", "2975": "RGR92 UTM 40S", "4467": "RGSPM06 UTM 21N",
    }  # fmt: skip
    name = names.get(code) or f"CC{int(code) - 3900}"
    return f"{name} (EPSG:{code})"


def say_step(step: Mapping[str, Any]) -> str:
    """Say what a step does, as a sentence; `step` as it is kept."""
    kind, params = Kind(step["kind"]), step["params"]
    column = params.get("column", "")
    match kind:
        case Kind.SELECT:
            said = tk._("Keep only the columns {list}.").format(list=_listed(params["columns"]))
        case Kind.DROP:
            said = tk._("Leave out the columns {list}.").format(list=_listed(params["columns"]))
        case Kind.RENAME:
            said = tk._("Rename “{column}” to “{to}”.").format(column=column, to=params["to"])
        case Kind.CAST:
            said = tk._("Read “{column}” as {type}.").format(column=column, type=type_words(params["type"]))
        case Kind.FILTER:
            said = _say_filter(params)
        case Kind.NORMALISE:
            said = _say_normalise(params)
        case Kind.REPLACE:
            pairs = _listed([f"{_quoted(old)} → {_quoted(new)}" for old, new in params["pairs"]], most=5)
            if params["where"] == "whole":
                said = tk._("In “{column}”, replace the values {pairs}.").format(column=column, pairs=pairs)
            else:
                said = tk._("In the texts of “{column}”, replace {pairs}.").format(column=column, pairs=pairs)
        case Kind.SPLIT:
            names = _listed(params["names"])
            said = tk._("Split “{column}” at “{separator}” into {names}.").format(
                column=column, separator=params["separator"], names=names
            )
        case Kind.JOIN:
            said = tk._("Join {list} into “{into}”.").format(list=_listed(params["columns"]), into=params["into"])
        case Kind.CONVERT:
            said = tk._("Convert “{column}” from {source} to {target}.").format(
                column=column, source=params["from"], target=params["to"]
            )
        case Kind.REPROJECT:
            said = tk._("Convert the coordinates “{x}” and “{y}” from {system} to longitude and latitude.").format(
                x=params["x"], y=params["y"], system=system_words(params["crs"])
            )
        case Kind.GEOCODE:
            said = _say_geocode(params)
        case Kind.AGGREGATE:
            said = _say_aggregate(params)
        case Kind.LOOKUP:
            said = tk._("For each “{column}”, take “{take}” from the file “{file}” into “{into}”.").format(
                column=column, take=params["take"], file=_file_words(params["resource"]), into=params["into"]
            )
        case Kind.COMPUTE:
            said = tk._("Compute “{into}”: {expression}").format(into=params["into"], expression=params["expression"])
        case _:
            assert_never(kind)
    return said


def _say_filter(params: Mapping[str, Any]) -> str:
    found = f"{_quoted(params['column'])} {operator_words(params['operator'])}"
    if params["operator"] not in ("empty", "filled"):
        found += " " + _listed((_quoted(value) for value in params["values"]), "or")
    if params["then"] == "keep":
        return tk._("Keep only the rows where {condition}.").format(condition=found)
    return tk._("Leave out the rows where {condition}.").format(condition=found)


def _say_normalise(params: Mapping[str, Any]) -> str:
    done = [tk._("spaces that aren't needed are taken away")]
    case = {"lower": tk._("in small letters"), "upper": tk._("in capitals"), "title": tk._("with initials in capitals")}
    if params["case"] in case:
        done.append(case[params["case"]])
    if params["accents"] == "without":
        done.append(tk._("without accents"))
    where = _listed(params["columns"]) if params["columns"] else tk._("all columns")
    return tk._("Tidy the texts of {columns}: {done}.").format(columns=where, done=_listed(done))


def _say_geocode(params: Mapping[str, Any]) -> str:
    places = [*params["columns"], *(params[name] for name in ("city", "postcode", "citycode") if params[name])]
    minimum = tk.h.lrtzc_number(params["minimum"]) if has_request_context() else str(params["minimum"])
    return tk._("Find the place of the addresses in {columns}, where the score is {minimum} at least.").format(
        columns=_listed(_quoted(name) for name in dict.fromkeys(places)), minimum=minimum
    )


def _say_aggregate(params: Mapping[str, Any]) -> str:
    roles = {name: Role(role) for name, role in params["roles"].items()}
    groups = [f"{_quoted(name)} ({role_words(role)})" for name, role in roles.items() if role in GROUPING]
    measures = [f"{_quoted(name)} ({role_words(role)})" for name, role in roles.items() if role not in GROUPING]
    if params["count"]:
        measures.append(tk._("“{name}” (number of rows)").format(name=params["count"]))
    if not measures:
        return tk._("Put rows together by {groups}.").format(groups=_listed(groups))
    return tk._("Put rows together by {groups}, with {measures}.").format(
        groups=_listed(groups), measures=_listed(measures)
    )


def _quoted(text: Any) -> str:
    return tk._("“{text}”").format(text=text)


def _listed(texts: Iterable[str], style: Literal["standard", "or"] = "standard", most: int = 12) -> str:
    """Write texts one after the other; where no page is made, no language is known to write them in."""
    return wording.listed(texts, style, most) if has_request_context() else ", ".join(texts)


def _file_words(resource_id: str) -> str:
    """Name a file, by its identifier where whoever asks may not see it."""
    found = model.Session.get(model.Resource, resource_id)
    if found is None or not found.name or not has_request_context():
        return resource_id
    return found.name if tk.h.check_access("resource_show", {"id": resource_id}) else resource_id


def say_error(error: StepError) -> str:
    """Say what is wrong with a step."""
    words = {
        "no_such_kind": tk._("Choose one of the list."),
        "not_a_step": tk._("A step has a kind and parameters."),
        "not_a_list": tk._("A list is expected."),
        "not_a_pair": tk._("Write a value, an arrow => and what takes its place, one a line."),
        "not_text": tk._("This text can't be kept."),
        "not_a_choice": tk._("Choose one of the list."),
        "empty": tk._("Fill this in."),
        "too_long": tk._("This is too long."),
        "too_many": tk._("These are too many."),
        "twice": tk._("Each name is given once."),
        "taken": tk._("Another column has this name."),
        "not_a_share": tk._("Give a number from 0 to 1, such as 0.5."),
        "no_geocoder": tk._(
            "This portal has no geocoding service: its administrators name one on the page of settings."
        ),
        "bad_name": tk._("A column's name has 63 characters at most, doesn't begin with _ and has no quotation mark."),
        "no_group": tk._("Choose at least one column for which there is one row for each value."),
        "filter_value": tk._("This value can't be compared so: give a number, a date such as 2024-12-31, or one text."),
        "not_the_same_measure": tk._("These two units don't measure the same thing."),
        "no_such_table": tk._("There is no such file with rows that you may read."),
        "no_such_column": tk._("The file has no such column."),
        "formula_unreadable": tk._("This can't be read: {found}"),
        "formula_cut": tk._("The expression ends before it is whole."),
        "formula_expected": tk._("A {found} is missing."),
        "formula_unexpected": tk._("{found} can't stand there."),
        "formula_path": tk._("{found} isn't used here: to divide, write div."),
        "formula_unknown_function": tk._("{found} isn't a function that is known here."),
        "formula_arguments": tk._("{found} is given too few values, or too many."),
        "formula_too_long": tk._("This is too long."),
        "formula_too_deep": tk._("There are too many brackets within each other."),
    }
    return words.get(error.code, words["not_a_choice"]).replace("{found}", error.found)
