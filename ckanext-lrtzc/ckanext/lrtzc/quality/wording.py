"""Rules and what is wrong with them, in the words of the request's language."""

from __future__ import annotations

from typing import assert_never

import ckan.model as model
import ckan.plugins.toolkit as tk
from flask import has_request_context

from ckanext.lrtzc.quality.domain.rules import FACTORS, Failure, Format, Kind, Method, Operator, Rule, Type
from ckanext.lrtzc.quality.domain.surfaces import TOLERANCE


def kind_words(kind: Kind) -> str:
    """Name what a kind of rule asks."""
    words = {
        Kind.REQUIRED: tk._("The cell is filled"),
        Kind.UNIQUE: tk._("No value comes twice"),
        Kind.TYPE: tk._("The value is of a type: number, date…"),
        Kind.FORMAT: tk._("The value is written in a known form: e-mail, SIRET…"),
        Kind.RANGE: tk._("The number or date is within bounds"),
        Kind.LENGTH: tk._("The text has so many characters"),
        Kind.PATTERN: tk._("The text follows a pattern"),
        Kind.VALUES: tk._("The value is one of a list"),
        Kind.REFERENCE: tk._("The value is in a column of another file"),
        Kind.COMPARE: tk._("Two columns agree with each other"),
        Kind.OUTLIERS: tk._("The number isn't far from the others"),
        Kind.FRESH: tk._("The newest date is recent"),
        Kind.PLACED: tk._("The row has a place on the map"),
        Kind.TERRITORY: tk._("The place is in the territory"),
        Kind.OVERLAP: tk._("Surfaces don't overlap"),
        Kind.GAP: tk._("Surfaces leave no hole between them"),
    }
    return words[kind]


def type_words(kind: Type) -> str:
    """Name a type of column."""
    words = {
        Type.TEXT: tk._("text"),
        Type.INTEGER: tk._("whole number"),
        Type.DECIMAL: tk._("decimal number"),
        Type.FLOAT: tk._("approximate decimal number"),
        Type.BOOLEAN: tk._("yes or no"),
        Type.DATE: tk._("date"),
        Type.TIMESTAMP: tk._("date and time"),
    }
    return words[kind]


def format_words(form: Format) -> str:
    """Name a way of writing."""
    words = {
        Format.EMAIL: tk._("e-mail address"),
        Format.URI: tk._("web address (URI)"),
        Format.UUID: tk._("universal identifier (UUID)"),
        Format.INSEE: tk._("INSEE code of a commune"),
        Format.POSTAL: tk._("French postal code"),
        Format.SIREN: tk._("SIREN number, with its key"),
        Format.SIRET: tk._("SIRET number, with its key"),
    }
    return words[form]


def method_words(method: Method) -> str:
    """Name a way of telling extreme values."""
    words = {
        Method.IQR: tk._("beyond the quartiles, in interquartile ranges"),
        Method.ZSCORE: tk._("from the mean, in standard deviations (z-score)"),
        Method.ROBUST: tk._("from the median, in median deviations (robust)"),
    }
    return words[method]


def operator_words(operator: Operator) -> str:
    """Name a comparison."""
    words = {
        Operator.LT: tk._("is before or less than"),
        Operator.LE: tk._("is no more than"),
        Operator.EQ: tk._("is the same as"),
        Operator.NE: tk._("is other than"),
        Operator.GE: tk._("is no less than"),
        Operator.GT: tk._("is after or more than"),
    }
    return words[operator]


def failure_words(failure: Failure) -> str:
    """Name what breaking a rule does."""
    words = {
        Failure.REFUSE_ROW: tk._("the row is refused"),
        Failure.REPLACE: tk._("the cell gets a standard value"),
        Failure.FLAG: tk._("the row is published and pointed out"),
        Failure.REFUSE_BATCH: tk._("the whole file is refused"),
    }
    return words[failure]


def say_failure(rule: Rule) -> str:
    """Say what breaking a rule does."""
    match rule.failure:
        case Failure.REPLACE if rule.params.get("replacement"):
            said = tk._("the cell gets the value “{value}”").format(value=rule.params["replacement"])
        case Failure.REPLACE:
            said = tk._("the cell is emptied")
        case Failure.REFUSE_BATCH if rule.least < 1:
            said = tk._("the whole file is refused where fewer than {share} % keep it")
            said = said.format(share=f"{rule.least * 100:g}")
        case _:
            said = failure_words(rule.failure)
    return said


def say_rule(rule: Rule) -> str:
    """Say a rule as a sentence."""
    params = rule.params
    column = rule.columns[0] if rule.columns else ""
    match rule.kind:
        case Kind.REQUIRED:
            said = tk._("“{column}” is filled.")
        case Kind.UNIQUE if len(rule.columns) == 1:
            said = tk._("No value of “{column}” comes twice.")
        case Kind.UNIQUE if rule.columns:
            said = tk._("No two rows have the same {columns}.")
            said = said.format(columns=", ".join(rule.columns))
        case Kind.UNIQUE:
            said = tk._("No row comes twice.")
        case Kind.TYPE:
            return tk._("“{column}” is a value of the type: {type}.").format(
                column=column, type=type_words(Type(params["type"]))
            )
        case Kind.FORMAT:
            return tk._("“{column}” is written as: {form}.").format(
                column=column, form=format_words(Format(params["format"]))
            )
        case Kind.RANGE | Kind.LENGTH:
            return _say_bounds(rule, column)
        case Kind.PATTERN:
            return tk._("“{column}” follows the pattern {pattern}").format(column=column, pattern=params["pattern"])
        case Kind.VALUES:
            values = ", ".join(params["values"][:10]) + ("…" if len(params["values"]) > 10 else "")
            return tk._("“{column}” is one of: {values}").format(column=column, values=values)
        case Kind.REFERENCE:
            return tk._("“{column}” is in the column “{other}” of the file “{file}”.").format(
                column=column, other=params["column"], file=_file_words(str(params["resource"]))
            )
        case Kind.COMPARE:
            return tk._("“{column}” {operator} “{other}”.").format(
                column=column, operator=operator_words(Operator(params["operator"])), other=rule.columns[1]
            )
        case Kind.OUTLIERS:
            method = Method(params["method"])
            return tk._("“{column}” is no further than {factor} {method}.").format(
                column=column, factor=f"{params['factor'] or FACTORS[method]:g}", method=method_words(method)
            )
        case Kind.FRESH:
            return tk._("The newest “{column}” is at most {days} days old.").format(column=column, days=params["days"])
        case Kind.PLACED:
            said = tk._("Each row has a place on the map.")
        case Kind.TERRITORY:
            said = tk._("Each place is in the territory.")
        case Kind.OVERLAP:
            said = tk._("No surface shares more than {size} m² with another.").format(size=_square_metres(rule))
        case Kind.GAP:
            said = tk._("Surfaces leave no hole of more than {size} m² between them.")
            said = said.format(size=_square_metres(rule))
        case _:
            assert_never(rule.kind)
    return said.replace("{column}", column)


def _square_metres(rule: Rule) -> str:
    tolerance = rule.params["tolerance"]
    return f"{TOLERANCE if tolerance is None else tolerance:g}"


def _file_words(resource_id: str) -> str:
    """Name a file, by its identifier where whoever asks may not see it."""
    found = model.Session.get(model.Resource, resource_id)
    if found is None or not found.name or not has_request_context():
        return resource_id
    return found.name if tk.h.check_access("resource_show", {"id": resource_id}) else resource_id


def _say_bounds(rule: Rule, column: str) -> str:
    low, high = rule.params["minimum"], rule.params["maximum"]
    sentences = {
        (Kind.RANGE, True, True): tk._("“{column}” is between {low} and {high}."),
        (Kind.RANGE, True, False): tk._("“{column}” is {low} at least."),
        (Kind.RANGE, False, True): tk._("“{column}” is {high} at most."),
        (Kind.LENGTH, True, True): tk._("“{column}” has {low} to {high} characters."),
        (Kind.LENGTH, True, False): tk._("“{column}” has at least {low} characters."),
        (Kind.LENGTH, False, True): tk._("“{column}” has at most {high} characters."),
    }
    return sentences[rule.kind, low is not None, high is not None].format(column=column, low=low, high=high)


def say_unchecked(code: str) -> str:
    """Say why a rule could not be checked."""
    words = {
        "no_column": tk._("The file hasn't the column."),
        "no_place": tk._("The rows have no place on the map."),
        "no_territory": tk._("This portal has no territory."),
        "no_date": tk._("The column holds no dates."),
        "many_surfaces": tk._("There are too many surfaces, or too large ones, to compare them with each other."),
        "no_reference": tk._("The file or column that it refers to isn't there, or holds too many values."),
        "reference_held_back": tk._("The file that it refers to isn't open to whoever sent this one."),
    }
    return words[code]


def say_error(code: str) -> str:
    """Say what is wrong with a rule."""
    words = {
        "unknown": tk._("Choose one of the list."),
        "missing": tk._("Fill this in."),
        "too_long": tk._("This is too long."),
        "bad_text": tk._("This text holds signs that can't be kept."),
        "columns_number": tk._("Choose the columns: one, or two for a comparison."),
        "no_such_column": tk._("The file has no such column."),
        "failure_not_for_kind": tk._("Such a rule can't do that."),
        "not_a_share": tk._("A share between 0 and 1 is expected."),
        "not_a_number": tk._("A number is expected."),
        "not_a_size": tk._("A whole number is expected."),
        "bounds_of_two_kinds": tk._("Both bounds are numbers, or both are dates."),
        "bounds_crossed": tk._("The upper bound is below the lower one."),
        "bad_pattern": tk._(
            "This pattern can't be used: it isn't well formed, refers back to a group, or looks around."
        ),
        "too_many_values": tk._("At most 1,000 values are accepted: refer to a file instead."),
        "no_such_table": tk._("There is no such file with rows that you may read."),
        "not_of_the_columns_type": tk._("The column can't hold this value."),
        "not_a_schema": tk._("This is no Table Schema: a list of fields with their names is expected."),
    }
    return words[code]
