"""The pages that publish an object: a few steps, each saved when left, whatever button leaves it."""

import uuid
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint
from flask_wtf.csrf import CSRFError

from ckanext.lrtzc.asking import request_context
from ckanext.lrtzc.objects import forges, form, wording
from ckanext.lrtzc.objects.domain.kinds import KINDS, Kind, Step, Type, is_object, kind_of
from ckanext.lrtzc.objects.domain.publication import advised, missing, status
from ckanext.lrtzc.objects.domain.text import storable
from ckanext.lrtzc.objects.logic.naming import name_for
from ckanext.lrtzc.objects.logic.shape import check_shape
from ckanext.lrtzc.objects.names import kind_words
from ckanext.lrtzc.pages import Answer, page, redirect, sign_in_first
from ckanext.lrtzc.undo.api import offer

lrtzc_objects = Blueprint("lrtzc_objects", __name__)

DRAFTS = uuid.UUID("5e3c1f0a-6d0b-4c0e-9d2b-2f4b8f6f7a11")
"""Namespace of the identifiers that forms choose: of one person and one opening of the form."""

FORM_STEPS = (Step.DESCRIBE, Step.EXPLAIN, Step.COVERAGE)


def _french() -> bool:
    return str(tk.h.lang()).startswith("fr")


def _step(name: str) -> Step:
    try:
        return Step(name)
    except ValueError:
        return tk.abort(404, tk._("There is no such step."))


def _dataset(identifier: str) -> dict[str, Any]:
    """Give the object to edit, or an error page that doesn't tell strangers whether it exists."""
    try:
        tk.check_access("package_update", request_context(), {"id": identifier})
        dataset = tk.get_action("package_show")(request_context(), {"id": identifier})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(404 if tk.current_user.is_authenticated else 403, tk._("There is no such object to edit."))
    if not is_object(dataset["type"]):
        return tk.abort(404, tk._("There is no such object to edit."))
    return dataset


def _organisations() -> list[dict[str, Any]]:
    return tk.get_action("organization_list_for_user")(request_context(), {"permission": "create_dataset"})


def _url(dataset: dict[str, Any], step: Step, **more: Any) -> str:
    return tk.h.url_for("lrtzc_objects.edit_step", type=dataset["type"], id=dataset["id"], step=step.value, **more)


def _page(
    kind: Kind, step: Step, dataset: dict[str, Any] | None, values: form.Values, code: int = 200, **more: Any
) -> Answer:
    """Draw a step of the form of a kind of object."""
    organisations = _organisations() if step is Step.DESCRIBE and tk.current_user.is_authenticated else []
    owner = (dataset or {}).get("organization")
    if owner and owner["id"] not in [item["id"] for item in organisations]:
        organisations = [*organisations, owner]
    variables = {
        "step": step,
        "kind": kind,
        "steps": list(kind.steps),
        "words": kind_words(kind.type),
        "owner_fixed": dataset is not None and (dataset["state"] != "draft" or bool(dataset.get("issued"))),
        "pkg_dict": dataset,
        "values": values,
        "errors": {},
        "organisations": organisations,
        "seen": form.fingerprint(dataset, step) if dataset else "",
        "form_id": uuid.uuid4().hex,
        "choices": wording.choices(kind, step, values),
        "labels": wording.labels(),
        "status": status(dataset["state"], dataset["private"]) if dataset else None,
        "more": tk.request.args.get("more", ""),
        "notice": "",
        "theirs": [],
        **more,
    }
    return page(f"objects/{step.value}.html", code, **variables)


def _signed_out(kind: Kind, step: Step) -> Answer:
    """Give back what was typed to a person whose session has ended; nothing is saved."""
    values = form.typed(tk.request.form, step, kind)
    return _page(kind, step, None, values, 403, notice="signed-out", form_id=tk.request.form.get("form_id", ""))


def _may_not_create() -> Answer:
    return tk.abort(403, tk._("You may not publish here: ask an administrator."))


def new(type: str) -> Answer:
    """Open the form (GET), or make the draft of its first step (POST)."""
    kind = KINDS[type]
    if tk.request.method == "POST":
        return _create(kind) if tk.current_user.is_authenticated else _signed_out(kind, Step.DESCRIBE)
    try:
        tk.check_access("package_create", request_context(), {"type": type})
    except tk.NotAuthorized:
        return sign_in_first(tk.h.url_for("lrtzc_objects.new", type=type)) or _may_not_create()
    organisations = _organisations()
    values = form.values_of({"type": type}, Step.DESCRIBE, _french())
    values["owner_org"] = tk.request.args.get("group") or (organisations[0]["id"] if len(organisations) == 1 else "")
    if not organisations or tk.request.args.get("owner") == form.MYSELF:
        values["owner_org"] = form.MYSELF
    values["license_id"] = ""
    values["language"] = [wording.own_language()]
    return _page(kind, Step.DESCRIBE, None, values)


def _create(kind: Kind) -> Answer:
    values = form.typed(tk.request.form, Step.DESCRIBE, kind)
    form_id = tk.request.form.get("form_id", "")[:64] or uuid.uuid4().hex
    identifier = str(uuid.uuid5(DRAFTS, f"{tk.current_user.id}/{form_id}"))
    data, errors = form.to_action(values, Step.DESCRIBE, {}, kind)
    data["type"] = kind.type.value
    if not values["owner_org"] and _organisations():
        errors["owner_org"] = [tk._("Say who owns it: an organisation, or yourself.")]
    if not errors:
        errors = check_shape(data)
    if not errors:
        try:
            result = tk.get_action("lrtzc_objects_draft_create")(request_context(), {"id": identifier, **data})
            if not result["created"]:
                tk.get_action("package_patch")(request_context(), {"id": identifier, **data})
            return redirect(_next({"type": kind.type.value, "id": identifier}, Step.DESCRIBE))
        except tk.NotAuthorized:
            return _may_not_create()
        except tk.ValidationError as error:
            errors = error.error_dict
    return _page(kind, Step.DESCRIBE, None, values, 422, errors=form.by_field(errors), form_id=form_id)


def _next(dataset: dict[str, Any], step: Step) -> str:
    """Give the address to go to after a step was saved, as the button says."""
    go = tk.request.form.get("go", "next")
    order = kind_of(dataset["type"]).steps
    if go.startswith("more-"):
        return _url(dataset, step, more=go[5:], _anchor=f"field-{go[5:]}")
    if go == "stay":
        tk.h.flash_success(tk._("Your changes are saved."))
        return _url(dataset, step)
    if go == "next":
        return _url(dataset, order[min(order.index(step) + 1, len(order) - 1)])
    return _url(dataset, Step(go)) if go in order else _url(dataset, step)


def edit(type: str, id: str) -> Answer:
    """Go to the step where there is most to do."""
    dataset = _dataset(id)
    gaps = missing(dataset) if dataset["state"] == "draft" else []
    return tk.h.redirect_to(_url(dataset, gaps[0].step if gaps else Step.DESCRIBE))


def edit_step(type: str, id: str, step: str) -> Answer:
    """Show a step (GET) or save it (POST)."""
    current = _step(step)
    if tk.request.method == "POST" and not tk.current_user.is_authenticated and current in FORM_STEPS:
        return _signed_out(KINDS[type], current)
    dataset = _dataset(id)
    kind = kind_of(dataset["type"])
    if current not in kind.steps or kind.type != type:
        return tk.abort(404, tk._("There is no such step."))
    if current is Step.FILES:
        return _files(dataset)
    if current is Step.REVIEW:
        return _review(dataset)
    if tk.request.method == "GET":
        return _page(kind, current, dataset, form.values_of(dataset, current, _french()))
    return _save(kind, dataset, current)


def _save(kind: Kind, dataset: dict[str, Any], step: Step) -> Answer:
    values = form.typed(tk.request.form, step, kind)
    seen, now = tk.request.form.get("seen", ""), form.fingerprint(dataset, step)
    theirs = form.values_of(dataset, step, _french())
    if seen and seen != now and (changed := form.differences(values, theirs)):
        changes = [(name, theirs[name]) for name in changed]
        return _page(kind, step, dataset, values, 409, notice="conflict", theirs=changes)
    data, errors = form.to_action(values, step, dataset, kind)
    if not errors:
        if (
            dataset["state"] == "draft"
            and not dataset.get("issued")
            and data.get("title", "") not in ("", dataset["title"])
        ):
            data["name"] = name_for(data["title"], dataset["id"])
        try:
            tk.get_action("package_patch")(request_context(), {"id": dataset["id"], **data})
            return redirect(_next(dataset, step))
        except tk.NotAuthorized:
            return tk.abort(403, tk._("There is no such object to edit."))
        except tk.ValidationError as error:
            errors = error.error_dict
    return _page(kind, step, dataset, values, 422, errors=form.by_field(errors))


def _files(dataset: dict[str, Any]) -> Answer:
    """List the files; add a link or, where files aren't tables, a file (POST). Tables are sent as batches."""
    kind = kind_of(dataset["type"])
    values = {name: tk.request.form.get(name, "") for name in ("url", "name", "description", "format")}
    errors: form.Errors = {}
    if tk.request.method == "POST":
        upload = None if kind.tabular else tk.request.files.get("upload")
        given: dict[str, Any] = dict(values)
        if upload:
            given |= {"upload": upload, "name": values["name"] or upload.filename}
        if not upload and not storable(values["url"]).strip():
            errors = {"url": [tk._("This field is missing.")]}
        else:
            try:
                added = tk.get_action("resource_create")(request_context(), {"package_id": dataset["id"], **given})
                tk.h.flash_success(tk._("The file is added.") if upload else tk._("The link is added."))
                forges.read_if_forge(request_context(), kind, added)
                return redirect(_url(dataset, Step.FILES))
            except tk.NotAuthorized:
                return tk.abort(403, tk._("There is no such object to edit."))
            except tk.ValidationError as error:
                errors = error.error_dict
    return _page(
        kind,
        Step.FILES,
        dataset,
        values,
        422 if errors else 200,
        errors=form.by_field(errors),
        upload_url=_upload_url(dataset) if kind.tabular else "",
    )


def _upload_url(dataset: dict[str, Any]) -> str:
    own = wording.optional_url("lrtzc_batches.upload", id=dataset["id"])
    return own or tk.h.url_for("dataset_resource.new", id=dataset["id"])


def _review(dataset: dict[str, Any], errors: form.Errors | None = None) -> Answer:
    return _page(
        kind_of(dataset["type"]),
        Step.REVIEW,
        dataset,
        {},
        422 if errors else 200,
        errors=errors or {},
        missing=missing(dataset),
        advised=advised(dataset),
        facts=wording.facts(dataset),
    )


def visibility(type: str, id: str) -> Answer:
    """Publish or withhold an object."""
    dataset = _dataset(id)
    go = tk.request.form.get("go", "")
    if go not in ("publish", "withhold"):
        return tk.abort(400, tk._("Say whether to publish or to withhold."))
    try:
        said = {"confirm_breaks": True} if go == "withhold" and tk.request.form.get("confirm_breaks") else {}
        changed = tk.get_action(f"lrtzc_objects_{go}")(request_context(), {"id": dataset["id"], **said})
    except tk.ValidationError as error:
        return _review(dataset, form.by_field(error.error_dict))
    undoable = changed["state"] != dataset["state"] or changed["private"] != dataset["private"]
    said = {"id": dataset["id"], "was": dataset["state"]}
    if go == "publish":
        tk.h.flash_success(tk._("It is published: everyone can see it."))
        if undoable:
            offer("dataset.publish", (dataset["type"], dataset["id"]), **said)
        return redirect(tk.h.url_for(f"{dataset['type']}.read", id=changed["name"]))
    tk.h.flash_success(tk._("It is withheld: only those who may edit it can see it."))
    if undoable and dataset["state"] == "active":
        offer("dataset.withhold", (dataset["type"], dataset["id"]), **said)
    return redirect(_url(dataset, Step.REVIEW))


def revision(type: str, id: str, resource_id: str) -> Answer:
    """Read again at its forge which revision a link leads to."""
    dataset = _dataset(id)
    if resource_id not in [resource["id"] for resource in dataset["resources"]]:
        return tk.abort(404, tk._("There is no such file."))
    forges.read_and_say(request_context(), resource_id)
    return redirect(_url(dataset, Step.FILES))


def drafts() -> Answer:
    """List the drafts and withheld objects of the person."""
    if refused := sign_in_first(tk.h.url_for("lrtzc_objects.drafts")):
        return refused
    try:
        found = tk.get_action("lrtzc_objects_draft_list")(request_context(), {})
    except tk.NotAuthorized:
        found = []
    return tk.render(
        "objects/drafts.html", {"drafts": found, "labels": wording.labels(), "words": wording.all_kind_words()}
    )


def keep_text(error: CSRFError) -> Answer:
    """Give back what was typed where the form's token is too old; nothing is saved."""
    arguments = tk.request.view_args or {}
    step, kind = arguments.get("step") or Step.DESCRIBE.value, KINDS.get(arguments.get("type") or "")
    if step not in FORM_STEPS or kind is None:
        return tk.abort(400, tk._("This page was open for too long. Load it again, then send it once more."))
    current = Step(step)
    if not tk.current_user.is_authenticated:
        return _signed_out(kind, current)
    dataset = _dataset(arguments["id"]) if arguments.get("id") else None
    values = form.typed(tk.request.form, current, kind)
    more = {} if dataset else {"form_id": tk.request.form.get("form_id", "")}
    return _page(kind, current, dataset, values, 400, notice="expired", **more)


lrtzc_objects.register_error_handler(CSRFError, keep_text)
for _type in Type:
    # one rule a type, so that each stands before CKAN's own for it
    for _path, _name, _view, _methods in (
        ("new", "new", new, ["GET", "POST"]),
        ("edit/<id>", "edit", edit, ["GET"]),
        ("edit/<id>/visibility", "visibility", visibility, ["POST"]),
        ("edit/<id>/revision/<resource_id>", "revision", revision, ["POST"]),
        ("edit/<id>/<step>", "edit_step", edit_step, ["GET", "POST"]),
    ):
        lrtzc_objects.add_url_rule(f"/{_type}/{_path}", _name, _view, methods=_methods, defaults={"type": _type.value})
lrtzc_objects.add_url_rule("/dashboard/drafts", "drafts", drafts, methods=["GET"])
