"""The pages that publish a dataset: four steps, each saved when left, whatever button leaves it."""

import uuid
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response

from ckanext.lrtzc.objects import form, wording
from ckanext.lrtzc.objects.domain.publication import Step, advised, missing, status
from ckanext.lrtzc.objects.domain.text import storable
from ckanext.lrtzc.objects.logic.naming import name_for
from ckanext.lrtzc.objects.logic.shape import check_shape

lrtzc_objects = Blueprint("lrtzc_objects", __name__)

DRAFTS = uuid.UUID("5e3c1f0a-6d0b-4c0e-9d2b-2f4b8f6f7a11")
"""Namespace of the identifiers that forms choose: of one person and one opening of the form."""

FORM_STEPS = (Step.DESCRIBE, Step.COVERAGE)
Answer = str | Response


def _context() -> Any:
    return {"user": tk.current_user.name, "auth_user_obj": tk.current_user}


def _french() -> bool:
    return str(tk.h.lang()).startswith("fr")


def _step(name: str) -> Step:
    try:
        return Step(name)
    except ValueError:
        return tk.abort(404, tk._("There is no such step."))


def _dataset(identifier: str) -> dict[str, Any]:
    """Give the dataset to edit, or an error page that doesn't tell strangers whether it exists."""
    try:
        tk.check_access("package_update", _context(), {"id": identifier})
        dataset = tk.get_action("package_show")(_context(), {"id": identifier})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(404 if tk.current_user.is_authenticated else 403, tk._("There is no such dataset to edit."))
    if dataset["type"] != "dataset":
        return tk.abort(404, tk._("There is no such dataset to edit."))
    return dataset


def _organisations() -> list[dict[str, Any]]:
    return tk.get_action("organization_list_for_user")(_context(), {"permission": "create_dataset"})


def _url(identifier: str, step: Step, **more: Any) -> str:
    return tk.h.url_for("lrtzc_objects.edit_step", id=identifier, step=step.value, **more)


def _redirect(url: str) -> Response:
    response = tk.redirect_to(url)
    response.status_code = 303
    return response


def _page(step: Step, dataset: dict[str, Any] | None, values: form.Values, code: int = 200, **more: Any) -> Answer:
    """Draw a step of the form."""
    organisations = _organisations() if step is Step.DESCRIBE and tk.current_user.is_authenticated else []
    owner = (dataset or {}).get("organization")
    if owner and owner["id"] not in [item["id"] for item in organisations]:
        organisations = [*organisations, owner]
    variables = {
        "step": step,
        "steps": list(Step),
        "pkg_dict": dataset,
        "values": values,
        "errors": {},
        "organisations": organisations,
        "seen": form.fingerprint(dataset, step) if dataset else "",
        "form_id": uuid.uuid4().hex,
        "choices": wording.choices(step, values),
        "labels": wording.labels(),
        "status": status(dataset["state"], dataset["private"]) if dataset else None,
        "more": tk.request.args.get("more", ""),
        "notice": "",
        "theirs": [],
        **more,
    }
    body = tk.render(f"objects/{step.value}.html", variables)
    return body if code == 200 else Response(body, code, mimetype="text/html")


def _signed_out(step: Step, dataset: dict[str, Any] | None) -> Answer:
    """Give back what was typed to a person whose session has ended; nothing is saved."""
    values = form.typed(tk.request.form, step)
    return _page(step, dataset, values, 403, notice="signed-out", form_id=tk.request.form.get("form_id", ""))


def new() -> Answer:
    """Open the form (GET), or make the draft of its first step (POST)."""
    if tk.request.method == "GET":
        try:
            tk.check_access("package_create", _context(), {})
        except tk.NotAuthorized:
            if not tk.current_user.is_authenticated:
                return tk.h.redirect_to("user.login", came_from=tk.h.url_for("lrtzc_objects.new"))
            return tk.abort(403, tk._("You may not publish datasets: ask an administrator of your organisation."))
        organisations = _organisations()
        values = form.values_of({}, Step.DESCRIBE, _french())
        values["owner_org"] = tk.request.args.get("group") or (
            organisations[0]["id"] if len(organisations) == 1 else ""
        )
        values["license_id"] = ""
        values["language"] = [wording.own_language()]
        return _page(Step.DESCRIBE, None, values)
    if not tk.current_user.is_authenticated:
        return _signed_out(Step.DESCRIBE, None)
    return _create()


def _create() -> Answer:
    values = form.typed(tk.request.form, Step.DESCRIBE)
    form_id = tk.request.form.get("form_id", "")[:64] or uuid.uuid4().hex
    identifier = str(uuid.uuid5(DRAFTS, f"{tk.current_user.id}/{form_id}"))
    data, errors = form.to_action(values, Step.DESCRIBE, {})
    if not errors:
        errors = check_shape(data)
    if not errors:
        try:
            result = tk.get_action("lrtzc_objects_draft_create")(_context(), {"id": identifier, **data})
            if not result["created"]:
                tk.get_action("package_patch")(_context(), {"id": identifier, **data})
            return _redirect(_next(identifier, Step.DESCRIBE))
        except tk.NotAuthorized:
            return tk.abort(403, tk._("You may not publish datasets: ask an administrator of your organisation."))
        except tk.ValidationError as error:
            errors = error.error_dict
    return _page(Step.DESCRIBE, None, values, 422, errors=form.by_field(errors), form_id=form_id)


def _next(identifier: str, step: Step) -> str:
    """Give the address to go to after a step was saved, as the button says."""
    go = tk.request.form.get("go", "next")
    order = list(Step)
    if go.startswith("more-"):
        return _url(identifier, step, more=go[5:], _anchor=f"field-{go[5:]}")
    if go == "stay":
        tk.h.flash_success(tk._("Your changes are saved."))
        return _url(identifier, step)
    if go == "next":
        return _url(identifier, order[min(order.index(step) + 1, len(order) - 1)])
    return _url(identifier, Step(go)) if go in order else _url(identifier, step)


def edit(id: str) -> Answer:
    """Go to the step where there is most to do."""
    dataset = _dataset(id)
    gaps = missing(dataset) if dataset["state"] == "draft" else []
    return tk.h.redirect_to(_url(dataset["id"], gaps[0].step if gaps else Step.DESCRIBE))


def edit_step(id: str, step: str) -> Answer:
    """Show a step (GET) or save it (POST)."""
    current = _step(step)
    if tk.request.method == "POST" and not tk.current_user.is_authenticated and current in FORM_STEPS:
        return _signed_out(current, None)
    dataset = _dataset(id)
    if current is Step.FILES:
        return _files(dataset)
    if current is Step.REVIEW:
        return _review(dataset)
    if tk.request.method == "GET":
        return _page(current, dataset, form.values_of(dataset, current, _french()))
    return _save(dataset, current)


def _save(dataset: dict[str, Any], step: Step) -> Answer:
    values = form.typed(tk.request.form, step)
    seen, now = tk.request.form.get("seen", ""), form.fingerprint(dataset, step)
    theirs = form.values_of(dataset, step, _french())
    if seen and seen != now and (changed := form.differences(values, theirs)):
        return _page(step, dataset, values, 409, notice="conflict", theirs=[(name, theirs[name]) for name in changed])
    data, errors = form.to_action(values, step, dataset)
    if not errors:
        if (
            dataset["state"] == "draft"
            and not dataset.get("issued")
            and data.get("title", "") not in ("", dataset["title"])
        ):
            data["name"] = name_for(data["title"], dataset["id"])
        try:
            tk.get_action("package_patch")(_context(), {"id": dataset["id"], **data})
            return _redirect(_next(dataset["id"], step))
        except tk.NotAuthorized:
            return tk.abort(403, tk._("There is no such dataset to edit."))
        except tk.ValidationError as error:
            errors = error.error_dict
    return _page(step, dataset, values, 422, errors=form.by_field(errors))


def _files(dataset: dict[str, Any]) -> Answer:
    """List the files; add a link (POST). Files themselves are sent on the pages of the batches."""
    values = {name: tk.request.form.get(name, "") for name in ("url", "name", "description", "format")}
    errors: form.Errors = {}
    if tk.request.method == "POST":
        if not storable(values["url"]).strip():
            errors = {"url": [tk._("This field is missing.")]}
        else:
            try:
                tk.get_action("resource_create")(_context(), {"package_id": dataset["id"], **values})
                tk.h.flash_success(tk._("The link is added."))
                return _redirect(_url(dataset["id"], Step.FILES))
            except tk.NotAuthorized:
                return tk.abort(403, tk._("There is no such dataset to edit."))
            except tk.ValidationError as error:
                errors = error.error_dict
    code = 422 if errors else 200
    return _page(Step.FILES, dataset, values, code, errors=form.by_field(errors), upload_url=_upload_url(dataset))


def _upload_url(dataset: dict[str, Any]) -> str:
    own = wording.optional_url("lrtzc_batches.upload", id=dataset["id"])
    return own or tk.h.url_for("dataset_resource.new", id=dataset["id"])


def _review(dataset: dict[str, Any], errors: form.Errors | None = None) -> Answer:
    gaps, advice = missing(dataset), advised(dataset)
    code = 422 if errors else 200
    return _page(
        Step.REVIEW, dataset, {}, code, errors=errors or {}, missing=gaps, advised=advice, facts=wording.facts(dataset)
    )


def visibility(id: str) -> Answer:
    """Publish or withhold a dataset."""
    dataset = _dataset(id)
    go = tk.request.form.get("go", "")
    if go not in ("publish", "withhold"):
        return tk.abort(400, tk._("Say whether to publish or to withhold."))
    try:
        changed = tk.get_action(f"lrtzc_objects_{go}")(_context(), {"id": dataset["id"]})
    except tk.ValidationError as error:
        return _review(dataset, form.by_field(error.error_dict))
    if go == "publish":
        tk.h.flash_success(tk._("The dataset is published: everyone can see it."))
        return _redirect(tk.h.url_for("dataset.read", id=changed["name"]))
    tk.h.flash_success(tk._("The dataset is withheld: only those who may edit it can see it."))
    return _redirect(_url(dataset["id"], Step.REVIEW))


def drafts() -> Answer:
    """List the drafts and withheld datasets of the person."""
    if not tk.current_user.is_authenticated:
        return tk.h.redirect_to("user.login", came_from=tk.h.url_for("lrtzc_objects.drafts"))
    try:
        found = tk.get_action("lrtzc_objects_draft_list")(_context(), {})
    except tk.NotAuthorized:
        found = []
    return tk.render("objects/drafts.html", {"drafts": found, "labels": wording.labels()})


def keep_text(error: CSRFError) -> Answer:
    """Give back what was typed where the form's token is too old; nothing is saved."""
    arguments = tk.request.view_args or {}
    step = arguments.get("step") or Step.DESCRIBE.value
    if step not in FORM_STEPS:
        return tk.abort(400, tk._("This page was open for too long. Load it again, then send it once more."))
    current = Step(step)
    if not tk.current_user.is_authenticated:
        return _signed_out(current, None)
    dataset = _dataset(arguments["id"]) if arguments.get("id") else None
    values = form.typed(tk.request.form, current)
    more = {} if dataset else {"form_id": tk.request.form.get("form_id", "")}
    return _page(current, dataset, values, 400, notice="expired", **more)


lrtzc_objects.register_error_handler(CSRFError, keep_text)
lrtzc_objects.add_url_rule("/dataset/new", "new", new, methods=["GET", "POST"])
lrtzc_objects.add_url_rule("/dataset/edit/<id>", "edit", edit, methods=["GET"])
lrtzc_objects.add_url_rule("/dataset/edit/<id>/visibility", "visibility", visibility, methods=["POST"])
lrtzc_objects.add_url_rule("/dataset/edit/<id>/<step>", "edit_step", edit_step, methods=["GET", "POST"])
lrtzc_objects.add_url_rule("/dashboard/drafts", "drafts", drafts, methods=["GET"])
