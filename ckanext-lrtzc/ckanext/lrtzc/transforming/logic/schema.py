"""What the actions of transformations take. What a step may be is said by `domain/catalogue.py`."""

from __future__ import annotations

import json
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.logic.schema import validator_args

from ckanext.lrtzc.asking import name, number_within
from ckanext.lrtzc.egress.api import EgressError, check, explain

_LONGEST, _LONGEST_ADDRESS = 500_000, 500


def listed(value: Any) -> list[Any]:
    """Accept a list, also as JSON."""
    if isinstance(value, str):
        if len(value) > _LONGEST:
            raise tk.Invalid(tk._("This is too long."))
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise tk.Invalid(tk._("This is not valid JSON.")) from error
    if not isinstance(value, list):
        raise tk.Invalid(tk._("A list of steps is expected."))
    return value


def service(value: Any) -> str:
    """Accept the address of a service on the web that the portal may call, or nothing."""
    text = str(value or "").strip()
    try:
        if text:
            check(text)
    except EgressError as error:
        raise tk.Invalid(explain(error)) from error
    if len(text) > _LONGEST_ADDRESS or any(mark in text for mark in "?#"):
        raise tk.Invalid(tk._("Give the address of the service without what is asked of it: nothing after a ? or a #."))
    return text


@validator_args
def show(not_empty) -> Any:
    """Give the schema of `lrtzc_steps_show`: a file."""
    return {"resource_id": [not_empty, name]}


@validator_args
def update(not_empty, not_missing, ignore_missing) -> Any:
    """Give the schema of `lrtzc_steps_update`: a file, its steps, and the number of those they take the place of."""
    return {
        "resource_id": [not_empty, name],
        "steps": [not_missing, listed],
        "number": [ignore_missing, number_within(0, 2**31 - 1)],
    }


@validator_args
def trial(not_empty, ignore_missing, ignore_empty) -> Any:
    """Give the schema of `lrtzc_steps_try`: a file, steps in place of its own, a batch in place of its last."""
    return {"resource_id": [not_empty, name], "steps": [ignore_missing, listed], "batch_id": [ignore_empty, name]}
