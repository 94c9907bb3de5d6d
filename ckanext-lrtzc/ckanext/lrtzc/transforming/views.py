"""Pages of transformations: the steps of a file in their order, and the form of one. No JavaScript is needed."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint

from ckanext.lrtzc.asking import request_context
from ckanext.lrtzc.batches.api import BatchError
from ckanext.lrtzc.pages import Answer, page, redirect
from ckanext.lrtzc.undo.api import offer

from . import forms, wording
from .checking import checked
from .domain.catalogue import MOST_STEPS, Kind, StepError, steps_of
from .domain.running import Run
from .domain.working import Unfit
from .geocoder import Geocoder, service
from .preparing import tools_of
from .trying import sample

_FILE = "/dataset/<id>/resource/<resource_id>/transformations"
lrtzc_transforming = Blueprint("lrtzc_transforming", __name__)


class _Place:
    """The dataset, the file and its steps, for those who may change them; for others there is no such file."""

    def __init__(self, id: str, resource_id: str):
        try:
            self.package = tk.get_action("package_show")(request_context(), {"id": id})
            self.kept = tk.get_action("lrtzc_steps_show")(request_context(), {"resource_id": resource_id})
        except (tk.ObjectNotFound, tk.NotAuthorized, tk.ValidationError):
            tk.abort(404, tk._("There is no such file, or you may not change it."))
        resources = self.package["resources"]
        # a file that was sent is a resource of the dataset only once it is published
        self.resource = next((one for one in resources if one["id"] == resource_id), {"id": resource_id, "name": ""})

    @property
    def steps(self) -> list[dict[str, Any]]:
        """The steps, as the actions take them."""
        return [{"kind": step["kind"], "params": step["params"]} for step in self.kept["steps"]]

    def address(self, endpoint: str = "show", **more: Any) -> str:
        """Give the address of a page of this file."""
        place = {"id": self.package["name"], "resource_id": self.resource["id"]}
        return tk.h.url_for(f"lrtzc_transforming.{endpoint}", **place, **more)

    def render(self, template: str, code: int = 200, **more: Any) -> Answer:
        """Draw a page of this file."""
        package = self.package
        shown = {"pkg_dict": package, "pkg": package, "dataset_type": package["type"], "resource": self.resource}
        return page(f"transforming/{template}", code, **shown, address=self.address, **more)

    def save(self, steps: list[dict[str, Any]], number: Any) -> None:
        """Keep steps in place of those there are. Raises ValidationError."""
        before = self.steps
        asked = {"resource_id": self.resource["id"], "steps": steps, "number": number}
        tk.get_action("lrtzc_steps_update")(request_context(), asked)
        tk.h.flash_success(tk._("The transformations are saved: the next data of this file is made by them."))
        what = {"dataset": self.package["name"], "resource": self.resource["id"], "steps": before}
        offer("steps.change", ("resource", self.resource["id"]), **what)


def _trial(place: _Place, steps: list[dict[str, Any]]) -> tuple[dict[str, Any] | None, list[str], int | None]:
    """Give what steps make of the last rows that came; or why that can't be seen, and the place of a step at fault."""
    try:
        asked = {"resource_id": place.resource["id"], "steps": steps}
        return tk.get_action("lrtzc_steps_try")(request_context(), asked), [], None
    except tk.ValidationError as error:
        told: Any = error.error_dict
        return None, _sentences(error), int(told["step"][0]) - 1 if told.get("step") else None


def _sentences(error: tk.ValidationError) -> list[str]:
    """Give what is wrong with steps, once: the field at fault says it too."""
    told: Any = error.error_dict
    return [str(text) for text in told.get("steps") or next(iter(told.values()))]


@lrtzc_transforming.get(_FILE)
def show(id: str, resource_id: str) -> Answer:
    """Show the steps of a file, and what they make of the last rows that came."""
    place = _Place(id, resource_id)
    return _shown(place)


def _shown(place: _Place, code: int = 200, errors: list[str] | None = None) -> Answer:
    found, sentences, at_fault = _trial(place, place.steps)
    return place.render(
        "page.html",
        code,
        kept=place.kept,
        found=found,
        sentences=sentences,
        at_fault=at_fault,
        errors=errors or [],
        kinds=forms.kinds(),
        geocoding=bool(service()),
        full=len(place.steps) >= MOST_STEPS,
    )


@lrtzc_transforming.post(_FILE)
def order(id: str, resource_id: str) -> Answer:
    """Move a step up or down, or take it out, as the button says."""
    place = _Place(id, resource_id)
    what, _sign, where = tk.request.form.get("do", "").partition("-")
    steps, at = place.steps, int(where) if where.isdecimal() and len(where) < 4 else -1
    if not 0 <= at < len(steps) or what not in ("up", "down", "remove"):
        return _shown(place, 400, [tk._("Somebody has changed these transformations meanwhile. Look again.")])
    step = steps.pop(at)
    if what != "remove":
        steps.insert(max(at - 1, 0) if what == "up" else at + 1, step)
    try:
        place.save(steps, tk.request.form.get("number"))
    except tk.ValidationError as error:
        return _shown(place, 400, _sentences(error))
    return redirect(place.address("show"))


def _columns(place: _Place, before: list[dict[str, Any]]) -> tuple[list[str], list[str]]:
    """Give the columns that a step finds after those `before` it, and why they aren't known."""
    try:
        names, _rows = sample(place.resource["id"], None)
        author = str(tk.current_user.id)
        return Run(checked(before, author), names, tools_of(author, Geocoder(0))).names, []
    except tk.ValidationError as error:
        return [], _sentences(error)
    except BatchError as error:
        return [], [error.problem.sentence(tk._)]
    except Unfit:
        return [], [tk._("A step before this one can't be made: correct it first.")]


def _form(place: _Place, step: dict[str, Any], at: int, errors: dict[str, Any], **more: Any) -> Answer:
    columns, away = _columns(place, place.steps[:at])
    kind = Kind(step["kind"])
    return place.render(
        "step.html",
        400 if errors else 200,
        step=step,
        at=at,
        new=at >= len(place.steps),
        title=wording.kind_words(kind),
        told=forms.told(kind),
        fields=forms.fields(kind, step["params"], columns),
        number=more.pop("number", place.kept["number"]),
        away=away,
        errors=errors,
        **more,
    )


def _kind(name: str) -> Kind:
    try:
        return Kind(name)
    except ValueError:
        return tk.abort(404, tk._("There is no such transformation."))


@lrtzc_transforming.route(_FILE + "/step", methods=["GET", "POST"])
def add(id: str, resource_id: str) -> Answer:
    """Add a step of a kind that was chosen, after the others."""
    place = _Place(id, resource_id)
    kind = _kind(tk.request.values.get("kind", ""))
    if tk.request.method == "POST":
        return _taken(place, kind, len(place.steps))
    return _form(place, {"kind": kind.value, "params": {}}, len(place.steps), {})


@lrtzc_transforming.route(_FILE + "/step/<int:at>", methods=["GET", "POST"])
def change(id: str, resource_id: str, at: int) -> Answer:
    """Change a step."""
    place = _Place(id, resource_id)
    if at >= len(place.steps):
        return tk.abort(404, tk._("There is no such transformation."))
    if tk.request.method == "POST":
        return _taken(place, Kind(place.steps[at]["kind"]), at)
    return _form(place, place.steps[at], at, {})


def _taken(place: _Place, kind: Kind, at: int) -> Answer:
    """Try a step that was typed, or keep it, as the button says; the form comes back where something is wrong."""
    form = tk.request.form
    columns, _away = _columns(place, place.steps[:at])
    step, number = forms.asked(form, kind, columns), form.get("number")
    try:
        steps_of([step])
        if form.get("try"):
            found, sentences, _at = _trial(place, [*place.steps[:at], step])
            return _form(place, step, at, {}, found=found, sentences=sentences, number=number)
        place.save([*place.steps[:at], step, *place.steps[at + 1 :]], number)
    except StepError:
        return _form(place, step, at, _faults(step))
    except tk.ValidationError as error:
        return _form(place, step, at, dict(error.error_dict), number=number)
    return redirect(place.address("show"))


def _faults(step: dict[str, Any]) -> dict[str, Any]:
    try:
        checked([step], str(tk.current_user.id))
    except tk.ValidationError as error:
        told = dict(error.error_dict)
        return {name: texts for name, texts in told.items() if name not in ("steps", "step")} or told
    return {}
