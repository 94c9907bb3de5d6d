"""The page of a form's results, for all who may read the data that its answers make."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.access.api import AccessRefused, Action, decide, record_use
from ckanext.lrtzc.asking import request_context
from ckanext.lrtzc.explore.api import ReadingFailed, reading, select
from ckanext.lrtzc.forms.asking import language
from ckanext.lrtzc.forms.definitions import definition_of
from ckanext.lrtzc.forms.domain.results import FEW, Figure, bars, steps, topics_of
from ckanext.lrtzc.forms.model import Form
from ckanext.lrtzc.forms.results import Told
from ckanext.lrtzc.forms.results import results as results_of
from ckanext.lrtzc.pages import Answer, page
from ckanext.lrtzc.tabular.wording import habits

PAGE = 6
"""Questions told of on one page, which stays light; PostgreSQL groups by 31 columns at most in one pass."""
_MANY_PLACES = 2_000
_STEPS = 60
_FORMATS = (("csv", "CSV"), ("xlsx", "XLSX"), ("geojson", "GeoJSON"))


def _found(form_id: str) -> tuple[Form, dict[str, Any], dict[str, Any]]:
    """Give a form, its dataset and the file that its answers feed, to whoever may see these."""
    form = Form.get(form_id)
    if form is not None:
        try:
            package = tk.get_action("package_show")(request_context(), {"id": form.package_id})
        except (tk.NotAuthorized, tk.ObjectNotFound):
            package = {"resources": []}
        for resource in package["resources"]:
            if resource["id"] == form.resource_id:
                return form, package, resource
    tk.abort(404, tk._("This form has no results, or you may not see them."))


def results(form_id: str) -> Answer:
    """Show what was answered, in figures."""
    form, package, resource = _found(form_id)
    try:
        selection = select(request_context(), resource, ())
        if selection is None:
            tk.abort(404, tk._("This form has no results, or you may not see them."))
        topics = topics_of(definition_of(form), language())
        number = tk.request.args.get("page", "1")
        place = int(number) if number.isdecimal() and len(number) < 4 else 1
        pages = max(1, -(-len(topics) // PAGE))
        place = min(max(place, 1), pages)
        record_use(selection.decision, resource["id"], Action.READ, by="results")
        with reading() as connection:
            found = results_of(selection, connection, topics[PAGE * (place - 1) : PAGE * place])
    except AccessRefused as refused:
        if refused.findable:
            raise
        tk.abort(404, tk._("This form has no results, or you may not see them."))
    except tk.NotAuthorized:
        tk.abort(404, tk._("This form has no results, or you may not see them."))
    except ReadingFailed:
        tk.abort(503, tk._("The results can't be read now. Come back in a moment."))
    cautious = any(topic.personal for topic in topics)
    # its library weighs more than the rest of the page: it comes where it is asked for
    drawn = bool(found.placed) and not cautious and tk.request.args.get("map") == "yes"
    with reading() as connection:
        bounds = selection.extent(connection) if drawn else None
    return page(
        "forms/results.html",
        form=form,
        pkg_dict=package,
        resource=resource,
        answers=found.answers,
        course=_shown(found.course, cautious) if found.course and found.course.answered else None,
        topics=[_shown(told, told.topic.personal) for told in found.topics],
        placed=0 if cautious else found.placed,
        drawn=drawn,
        tiled=found.placed > _MANY_PLACES,
        bounds=[bounds.west, bounds.south, bounds.east, bounds.north] if bounds else None,
        partial=not selection.decision.whole,
        formats=_formats(form, selection.table.has_geometry),
        few=FEW if cautious else 0,
        place=place,
        pages=pages,
        habits=habits(),
    )


def _formats(form: Form, placed: bool) -> list[tuple[str, str]]:
    """Give the ways to take the answers away, to those who may."""
    decision = decide(request_context(), form.package_id, form.resource_id, Action.TAKE)
    if not decision.permitted:
        return []
    return [
        (name, tk.h.url_for("lrtzc_explore.export", id=form.package_id, resource_id=form.resource_id, name=code))
        for code, name in _FORMATS
        if placed or code != "geojson"
    ]


def _shown(told: Told, cautious: bool) -> dict[str, Any]:
    """Give what the page shows of a question: facts in words, and the lines of its chart."""
    said = habits()
    facts: list[tuple[str, str]] = []
    if told.topic.figure is Figure.NUMBERS and told.answered and not cautious:
        facts = [
            (tk._("Mean"), said.rounded(told.mean or 0.0)),
            (tk._("Median"), said.rounded(told.median or 0.0)),
            (tk._("Smallest"), said.number(told.low)),
            (tk._("Largest"), said.number(told.high)),
        ]
    return {
        "label": told.topic.label,
        "column": told.topic.column,
        "figure": told.topic.figure.value,
        "answered": told.answered if not cautious or told.answered >= FEW else None,
        "several": told.topic.kind.value == "select_multiple",
        "facts": facts,
        "bars": bars(_counted(told), told.answered, cautious),
        "texts": [] if cautious else told.texts,
    }


def _counted(told: Told) -> list[tuple[str, int]]:
    """Give the lines of a chart, in words and in their order: choices by the form's, the rest by value."""
    match told.topic.figure:
        case Figure.CHOICES:
            called = dict(told.topic.choices)
            if set(called) == {"true", "false"}:
                called = {"true": tk._("yes"), "false": tk._("no")}
            found = [(label, told.counts.get(name, 0)) for name, label in called.items()]
            return [*found, (tk._("Something else"), told.counts[""])] if told.counts.get("") else found
        case Figure.NUMBERS if told.classes is not None:
            return [(_class(told, place), told.counts.get(place, 0)) for place in range(told.classes.count)]
        case Figure.TIMES if told.counts:
            found = steps(min(told.counts), max(told.counts), told.unit)
            # where days are centuries apart, what lies between isn't listed
            shown = found if len(found) <= _STEPS else sorted(told.counts)[-_STEPS:]
            return [(_step(first, told.unit), told.counts.get(first, 0)) for first in shown]
        case _:
            return []


def _step(first: str, unit: str) -> str:
    said = habits().step(first, unit)
    return tk._("Week of {day}").format(day=said) if unit == "week" else said


def _class(told: Told, place: int) -> str:
    if told.classes is None:
        return ""
    low, high = told.classes.bounds(place)
    if told.each or told.low == told.high:
        return habits().number(low if told.each else told.low)
    if told.topic.whole and told.stepped:
        last = high - 1 if told.topic.scale is None else min(high - 1, told.topic.scale.end)
        if low >= last:
            return habits().number(low)
        return tk._("{low} to {high}").format(low=habits().number(low), high=habits().number(last))
    return tk._("{low} to less than {high}").format(low=habits().number(low), high=habits().number(high))
