"""What can be known of steps before a table comes: that each can be read, and its reference data by who declares it."""

from __future__ import annotations

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.batches.api import stored
from ckanext.lrtzc.tabular.domain.problems import Wrong

from .domain.catalogue import Kind, Step, StepError, steps_of
from .domain.formulas import FormulaError, read
from .domain.rows import condition_of
from .domain.units import conversion
from .geocoder import service
from .preparing import may_read
from .wording import say_error


def checked(asked: list[Any], author: str) -> list[Step]:
    """Give the steps that are asked for.

    :param author: identifier of who declares them
    :raises ValidationError: `steps` says which is wrong and why, the field at fault says it too, `step` is its number
    """
    number = 0
    try:
        steps = steps_of(asked)
        for place, step in enumerate(steps, start=1):
            number = place
            _check(step, author)
    except StepError as error:
        sentence = say_error(error)
        told = tk._("Step {number}: {why}").format(number=number, why=sentence) if number else sentence
        which = {"step": [str(number)]} if number else {}
        raise tk.ValidationError({"steps": [told], error.field: [sentence], **which}) from error
    return steps


def _check(step: Step, author: str) -> None:
    params = step.params
    match step.kind:
        case Kind.FILTER:
            try:
                condition_of(params)
            except Wrong as error:
                raise StepError("values", "filter_value") from error
        case Kind.CONVERT:
            try:
                conversion(params["from"], params["to"])
            except ValueError as error:
                raise StepError("to", str(error)) from error
        case Kind.COMPUTE:
            try:
                read(params["expression"])
            except FormulaError as error:
                raise StepError("expression", f"formula_{error.code}", error.found) from error
        case Kind.AGGREGATE if params["count"] in params["roles"]:
            raise StepError("count", "taken")
        case Kind.GEOCODE:
            _check_geocoding(params)
        case Kind.LOOKUP:
            _check_reference(params, author)
        case _:
            pass


def _check_geocoding(params: Any) -> None:
    """Refuse two columns of one name, and addresses that nobody can be asked for."""
    made: set[str] = set()
    for name in ("longitude", "latitude", "score", "label"):
        if params[name] in made:
            raise StepError(name, "taken")
        made |= {params[name]} - {""}
    if not service():
        raise StepError("columns", "no_geocoder")


def _check_reference(params: Any, author: str) -> None:
    """Refuse reference data that isn't there or that the person may not read, both in the same words."""
    resource = model.Session.get(model.Resource, params["resource"])
    table = stored(str(resource.id)) if resource is not None and resource.state == "active" else None
    if resource is None or table is None or not may_read(author, resource):
        raise StepError("resource", "no_such_table")
    for name in ("match", "take"):
        if params[name] not in table.types:
            raise StepError(name, "no_such_column")
