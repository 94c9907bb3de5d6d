"""What the actions of quality take. What a rule may be is said by `domain/rules.py`."""

from __future__ import annotations

import json
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.logic.schema import validator_args

from ckanext.lrtzc.quality.domain.rules import Failure, exact_share
from ckanext.lrtzc.quality.model import Below

MOST_SCHEMA = 1_000_000


def _structure(value: Any) -> Any:
    if isinstance(value, str):
        if len(value) > MOST_SCHEMA:
            raise tk.Invalid(tk._("This is too long."))
        try:
            return json.loads(value)
        except (ValueError, RecursionError) as error:
            raise tk.Invalid(tk._("This is not valid JSON.")) from error
    return value


def _names(value: Any) -> list[str]:
    value = _structure(value) if isinstance(value, str) and value.startswith("[") else value
    value = [value] if isinstance(value, str) else value
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise tk.Invalid(tk._("A list of names is expected."))
    return [name for name in value if name]


def _params(value: Any) -> dict[str, Any]:
    value = _structure(value)
    if not isinstance(value, dict):
        raise tk.Invalid(tk._("An object is expected."))
    return value


def _share(value: Any) -> float:
    try:
        share = float(str(value).replace(",", "."))
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise tk.Invalid(tk._("A share between 0 and 1 is expected."))
    return exact_share(share)


@validator_args
def resource(not_empty, unicode_safe) -> Any:
    """Give the schema of actions that take a file alone."""
    return {"resource_id": [not_empty, unicode_safe]}


@validator_args
def identity(not_empty, unicode_safe) -> Any:
    """Give the schema of actions that take a rule alone."""
    return {"id": [not_empty, unicode_safe]}


@validator_args
def _rule(not_empty, unicode_safe, ignore_missing, default) -> Any:
    return {
        "kind": [not_empty, unicode_safe],
        "columns": [ignore_missing, _names],
        "params": [ignore_missing, _params],
        "failure": [default(Failure.FLAG.value), unicode_safe],
        "least": [default(1.0)],
    }


def create() -> Any:
    """Give the schema of `lrtzc_quality_rule_create`: a file, and a rule."""
    return resource() | _rule()


def update() -> Any:
    """Give the schema of `lrtzc_quality_rule_update`: a rule, and what it becomes."""
    return identity() | _rule()


@validator_args
def threshold(not_empty, unicode_safe, default, one_of, ignore_empty) -> Any:
    """Give the schema of `lrtzc_quality_threshold_update`: a file, the share it must reach, and what happens below."""
    return {
        "resource_id": [not_empty, unicode_safe],
        "minimum": [ignore_empty, _share],
        "below": [default(Below.QUARANTINE.value), one_of([each.value for each in Below])],
    }


@validator_args
def trial(not_empty, unicode_safe, ignore_empty) -> Any:
    """Give the schema of `lrtzc_quality_try`: a file, a batch in its place, a rule in place of all."""
    return {
        "resource_id": [not_empty, unicode_safe],
        "batch_id": [ignore_empty, unicode_safe],
        "rule": [ignore_empty, _params],
    }


@validator_args
def schema_import(not_empty, unicode_safe, ignore_empty, default, one_of) -> Any:
    """Give the schema of `lrtzc_quality_schema_import`: a file, a Table Schema or its name, what breaking it does."""
    failures = [Failure.FLAG.value, Failure.REFUSE_ROW.value, Failure.REFUSE_BATCH.value]
    return {
        "resource_id": [not_empty, unicode_safe],
        "schema": [ignore_empty, _structure],
        "name": [ignore_empty, unicode_safe],
        "failure": [default(Failure.FLAG.value), one_of(failures)],
    }


@validator_args
def history(not_empty, unicode_safe, default, natural_number_validator) -> Any:
    """Give the schema of `lrtzc_quality_history`: a file, and how many batches of it."""
    return {"resource_id": [not_empty, unicode_safe], "limit": [default(30), natural_number_validator]}


@validator_args
def overview(default, natural_number_validator) -> Any:
    """Give the schema of `lrtzc_quality_overview`: which part of the list."""
    return {"limit": [default(50), natural_number_validator], "offset": [default(0), natural_number_validator]}
