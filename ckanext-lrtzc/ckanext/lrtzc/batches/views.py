"""Pages of batches. They work without JavaScript; a script only watches progress and sizes."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.common import streaming_response
from ckan.lib.pagination import Page
from flask import Blueprint, Response

from ckanext.lrtzc.access.api import request_context
from ckanext.lrtzc.clock import zone
from ckanext.lrtzc.pages import redirect, said, sign_in_first
from ckanext.lrtzc.schedule import DAYS
from ckanext.lrtzc.undo.api import offer

from . import storage
from .domain.analysis import cells_at_fault
from .domain.limits import readable_size
from .domain.problems import Problem
from .domain.projections import SYSTEMS
from .domain.states import State
from .kinds import way_in
from .logic.schema import ENCODINGS
from .proposal import plan_of, table_of

lrtzc_batches = Blueprint("lrtzc_batches", __name__, url_prefix="/dataset/<id>")
# what multipart headers and other fields may add to a file's size
_MARGIN = 1 << 20


def refuse_large_bodies() -> Any:
    """Refuse a body that is too large before any of it is read."""
    length = tk.request.content_length
    bound = storage.max_size()
    if length is None or length <= bound + _MARGIN or tk.request.method not in ("POST", "PUT", "PATCH"):
        return None
    sentence = Problem("too_large", {"limit": readable_size(bound)}).sentence(tk._)
    # the rest of the body is never read, so the connection can't be used again
    headers = {"Connection": "close"}
    if tk.request.path.startswith("/api/"):
        body = tk.h.dump_json({"success": False, "error": {"__type": "Validation Error", "upload": [sentence]}})
        return Response(body, 413, headers, mimetype="application/json")
    return Response(tk.render("batches/too_large.html", {"sentence": sentence}), 413, headers)


@lrtzc_batches.record_once
def _refuse_early(state: Any) -> None:
    # after CKAN has said who asks, but before the form's token is looked for, which would read the whole body
    hooks = state.app.before_request_funcs.setdefault(None, [])
    hooks.insert(min(1, len(hooks)), refuse_large_bodies)


@lrtzc_batches.after_app_request
def never_inline(answer: Response) -> Response:
    """Have files that people sent saved, never shown as pages of ours: one of them could be a page with a script."""
    endpoint = tk.request.endpoint or ""
    if endpoint.endswith("resource.download") and answer.status_code in (200, 206):
        name = answer.headers.get("Content-Disposition", "").partition(";")[2]
        answer.headers["Content-Disposition"] = f"attachment;{name}" if name else "attachment"
        answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


lrtzc_batches_all = Blueprint("lrtzc_batches_all", __name__)
_PER_PAGE = 50


@lrtzc_batches_all.get("/batches")
def everything() -> Any:
    """List the batches of all datasets that whoever is signed in may change."""
    if refused := sign_in_first():
        return refused
    args, number = tk.request.args, tk.h.get_page_number(tk.request.args)
    wanted = {name: args.get(name, "").strip() for name in ("state", "package_id", "author", "since", "until")}
    errors: dict[str, Any] = {}
    found: dict[str, Any] = {"count": 0, "states": {}, "results": []}
    try:
        asked = {**wanted, "limit": _PER_PAGE, "offset": _PER_PAGE * (number - 1)}
        found = tk.get_action("batch_search")(request_context(), asked)
    except tk.ValidationError as refusal:
        errors = refusal.error_dict
    page = Page(found["results"], page=number, item_count=found["count"], items_per_page=_PER_PAGE, presliced_list=True)
    variables = {"wanted": wanted, "errors": errors, "page": page, "known": [state.value for state in State], **found}
    return Response(tk.render("batches/all.html", variables), 400 if errors else 200)


def _package(package_id: str) -> dict[str, Any]:
    try:
        tk.check_access("batch_list", request_context(), {"package_id": package_id})
        return tk.get_action("package_show")(request_context(), {"id": package_id})
    except tk.ObjectNotFound:
        tk.abort(404, tk._("There is no such dataset."))
    except tk.NotAuthorized:
        tk.abort(403, tk._("You may not change this dataset."))


def _batch(package: dict[str, Any], batch_id: str) -> dict[str, Any]:
    try:
        batch = tk.get_action("batch_show")(request_context(), {"id": batch_id})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        tk.abort(404, tk._("There is no such batch."))
    if batch["package_id"] != package["id"]:
        tk.abort(404, tk._("There is no such batch."))
    return batch


def _address(package: dict[str, Any], batch_id: str) -> str:
    return tk.h.url_for("lrtzc_batches.read", id=package["name"], batch_id=batch_id)


def _render(template: str, package: dict[str, Any], status: int = 200, **variables: Any) -> Any:
    # CKAN's dataset templates read both names
    shown = {"pkg_dict": package, "pkg": package, "dataset_type": package["type"], **variables}
    return Response(tk.render(f"batches/{template}", shown), status)


@lrtzc_batches.get("/upload")
def upload(id: str) -> Any:
    """Show the form that sends files; that of the dataset's own kind where it takes no rows."""
    package = _package(id)
    if address := way_in(package["id"]):
        return tk.redirect_to(address)
    return _render("upload.html", package, errors={}, resource_id=tk.request.args.get("resource", ""))


@lrtzc_batches.post("/upload")
def send(id: str) -> Any:
    """Receive files: one batch, and later one resource, for each."""
    package = _package(id)
    resource_id = tk.request.form.get("resource_id", "")
    files = [file for file in tk.request.files.getlist("upload") if file.filename]
    batches, refusals = [], []
    for file in files:
        asked = {"package_id": package["id"], "upload": file, "resource_id": resource_id if len(files) == 1 else ""}
        try:
            batches.append(tk.get_action("batch_create")(request_context(), asked))
        except tk.ValidationError as error:
            refusals += [str(message) for messages in dict[str, Any](error.error_dict).values() for message in messages]
    if not files:
        refusals.append(tk._("Choose a file."))
    if refusals and not batches:
        return _render("upload.html", package, 400, errors={"upload": refusals}, resource_id=resource_id)
    for refusal in refusals:
        tk.h.flash_error(refusal)
    if len(batches) == 1:
        return tk.redirect_to(_address(package, batches[0]["id"]))
    return tk.redirect_to(tk.url_for("lrtzc_batches.index", id=package["name"]))


@lrtzc_batches.get("/batches")
def index(id: str) -> Any:
    """List the batches of a dataset."""
    package = _package(id)
    batches = tk.get_action("batch_list")(request_context(), {"package_id": package["id"]})
    return _render("index.html", package, batches=batches)


@lrtzc_batches.get("/batch/<batch_id>")
def read(id: str, batch_id: str) -> Any:
    """Show a batch: to be confirmed, under way, or its report."""
    package = _package(id)
    return _page(package, _batch(package, batch_id), {})


def _page(package: dict[str, Any], batch: dict[str, Any], errors: dict[str, Any], status: int = 200) -> Any:
    if batch["state"] != "analysed":
        return _render("read.html", package, status, batch=batch)
    settings = batch["settings"]
    columns = settings["columns"]
    faults = cells_at_fault(batch["analysis"]["preview"], list(plan_of({**settings, "columns": _all(columns)}).columns))
    before = table_of(batch["resource_id"])
    return _render(
        "confirm.html",
        package,
        status,
        batch=batch,
        errors=errors,
        faults=faults,
        reload=before is not None,
        encodings=ENCODINGS,
        systems=SYSTEMS,
    )


def _all(columns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**column, "keep": True} for column in columns]


def _asked(form: Any, batch: dict[str, Any]) -> dict[str, Any]:
    columns = []
    for place, column in enumerate(batch["settings"]["columns"]):
        found = {"name": column["name"], "keep": f"keep-{place}" in form}
        for key in ("type", "label", "notes", "unit"):
            if f"{key}-{place}" in form:
                found[key] = form[f"{key}-{place}"]
        columns.append(found)
    places = [int(place) for place in form.getlist("key") if place.isdigit()]
    return {
        "id": batch["id"],
        "columns": columns,
        "mode": form.get("mode", "replace"),
        "key": [columns[place]["name"] for place in places if place < len(columns)],
        "empty_bad_cells": form.get("bad") == "empty",
        "use_geometry": "use_geometry" in form or not batch["settings"]["geometry"],
        "accept_changes": "accept_changes" in form,
    }


@lrtzc_batches.post("/batch/<batch_id>/confirm")
def confirm(id: str, batch_id: str) -> Any:
    """Confirm types and have the batch loaded; the form comes back as it was where something is missing."""
    package = _package(id)
    batch = _batch(package, batch_id)
    asked = _asked(tk.request.form, batch)
    try:
        tk.get_action("batch_confirm")(request_context(), dict(asked))
    except tk.ValidationError as error:
        changes = {column["name"]: column for column in asked["columns"]}
        batch["settings"]["columns"] = [{**c, **changes.get(c["name"], {})} for c in batch["settings"]["columns"]]
        batch["settings"] |= {key: asked[key] for key in ("mode", "key", "empty_bad_cells")}
        return _page(package, batch, error.error_dict, 400)
    return tk.redirect_to(_address(package, batch_id))


@lrtzc_batches.post("/batch/<batch_id>/reread")
def reread(id: str, batch_id: str) -> Any:
    """Read the file again in the way that was chosen."""
    package = _package(id)
    batch = _batch(package, batch_id)
    fields = ("encoding", "delimiter", "header_line", "sheet", "path", "entry", "crs")
    chosen = {key: tk.request.form.get(key, "") for key in fields}
    chosen["delimiter"] = {"tab": "\t"}.get(chosen["delimiter"], chosen["delimiter"])
    chosen["path"] = {"lines": "\n"}.get(chosen["path"], chosen["path"])
    try:
        tk.get_action("batch_reread")(request_context(), {"id": batch["id"], "table": chosen})
    except tk.ValidationError as error:
        return _page(package, batch, error.error_dict, 400)
    return tk.redirect_to(_address(package, batch_id))


def _act(id: str, batch_id: str, action: str) -> Any:
    package = _package(id)
    batch = _batch(package, batch_id)
    try:
        tk.get_action(action)(request_context(), {"id": batch["id"]})
    except tk.ValidationError as error:
        tk.h.flash_error("; ".join(error.error_summary.values()))
    return tk.redirect_to(_address(package, batch_id))


@lrtzc_batches.post("/batch/<batch_id>/withdraw")
def withdraw(id: str, batch_id: str) -> Any:
    """Withdraw a batch."""
    return _act(id, batch_id, "batch_withdraw")


@lrtzc_batches.post("/batch/<batch_id>/retry")
def retry(id: str, batch_id: str) -> Any:
    """Try a failed batch again."""
    return _act(id, batch_id, "batch_retry")


@lrtzc_batches.post("/batch/<batch_id>/release")
def release(id: str, batch_id: str) -> Any:
    """Have a batch that was put aside published as it is."""
    return _act(id, batch_id, "batch_release")


@lrtzc_batches.get("/batch/<batch_id>/progress")
def progress(id: str, batch_id: str) -> Any:
    """Give the part of the page that tells how far a batch is."""
    package = _package(id)
    return _render("snippets/progress.html", package, batch=_batch(package, batch_id))


@lrtzc_batches.get("/batch/<batch_id>/refused.csv")
def refused(id: str, batch_id: str) -> Any:
    """Give the refused and corrected rows as CSV."""
    package = _package(id)
    batch = _batch(package, batch_id)
    parts = storage.read_refused(batch["id"])
    if parts is None:
        return tk.abort(404, tk._("No row was refused."))
    answer = streaming_response(parts, "text/csv; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename="refused.csv")
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _described(resource_id: str) -> list[dict[str, Any]]:
    table = table_of(resource_id)
    if table is None:
        tk.abort(404, tk._("This resource holds no rows."))
    infos = table.infos
    return [
        {"name": name, "type": kind, **{key: infos.get(name, {}).get(key, "") for key in ("label", "notes", "unit")}}
        for name, kind in table.types.items()
    ]


@lrtzc_batches.route("/resource/<resource_id>/columns", methods=["GET", "POST"])
def dictionary(id: str, resource_id: str) -> Any:
    """Edit the dictionary of a resource's columns."""
    package = _package(id)
    resource = next((one for one in package["resources"] if one["id"] == resource_id), None)
    if resource is None:
        return tk.abort(404, tk._("This dataset has no such resource."))
    columns = _described(resource_id)
    errors: dict[str, Any] = {}
    if tk.request.method == "POST":
        form = tk.request.form
        for place, column in enumerate(columns):
            column.update({key: form.get(f"{key}-{place}", column[key]) for key in ("label", "notes", "unit")})
        described = [{key: column[key] for key in ("name", "label", "notes", "unit")} for column in columns]
        try:
            asked = {"resource_id": resource_id, "columns": described}
            tk.get_action("batch_dictionary_update")(request_context(), asked)
        except tk.ValidationError as error:
            errors = error.error_dict
        else:
            tk.h.flash_success(tk._("The description of the columns is saved."))
            return tk.redirect_to(tk.url_for("lrtzc_batches.dictionary", id=package["name"], resource_id=resource_id))
    return _render(
        "dictionary.html", package, 400 if errors else 200, resource=resource, columns=columns, errors=errors
    )


def _resource(package: dict[str, Any], resource_id: str) -> dict[str, Any]:
    found = next((one for one in package["resources"] if one["id"] == resource_id), None)
    return found or tk.abort(404, tk._("This dataset has no such resource."))


@lrtzc_batches.route("/resource/<resource_id>/timing", methods=["GET", "POST"])
def timing(id: str, resource_id: str) -> Any:
    """Show when the data sent for a resource goes in, and what waits for that (GET); change it (POST)."""
    package = _package(id)
    resource, form = _resource(package, resource_id), tk.request.form
    kept = tk.get_action("batch_timing_show")(request_context(), {"resource_id": resource_id})
    given = {**kept, "times": ", ".join(kept["times"]), "days": kept["days"] or [*DAYS]}
    errors: dict[str, Any] = {}
    if tk.request.method == "POST":
        given |= {name: form.get(name, "") for name in ("way", "times", "number", "hours", "revision")}
        given["days"] = [int(day) for day in form.getlist("days") if day in map(str, DAYS)]
        # what stands beside another way isn't asked for
        beside = {"hours": ("times", "days"), "number": ("number", "hours")}.get(given["way"], ())
        asked = {name: given[name] for name in ("way", "revision", *beside) if name in form or name == "days"}
        try:
            tk.get_action("batch_timing_update")(request_context(), {"resource_id": resource_id, **asked})
        except tk.ValidationError as error:
            errors = error.error_dict
        else:
            tk.h.flash_success(tk._("Kept: data goes in as you say here."))
            before = {name: kept[name] for name in ("way", "times", "days", "number", "hours")}
            what = {"dataset": package["name"], "resource": resource_id, "before": before}
            offer("timing.change", ("resource", resource_id), **what)
            return redirect(tk.h.url_for("lrtzc_batches.timing", id=package["name"], resource_id=resource_id))
    shown = {"resource": resource, "kept": kept, "given": given, "errors": errors, "zone": zone().key}
    return _render("timing.html", package, 400 if errors else 200, **shown)


@lrtzc_batches.post("/resource/<resource_id>/integrate")
def integrate(id: str, resource_id: str) -> Any:
    """Have all that waits for a resource go in now."""
    package = _package(id)
    _resource(package, resource_id)
    try:
        done = tk.get_action("batch_waiting_integrate")(request_context(), {"resource_id": resource_id})
    except tk.ValidationError as error:
        tk.h.flash_error(said(error))
    else:
        words = tk.ungettext("{n} file goes in now.", "{n} files go in now, one after the other.", done["gone"])
        tk.h.flash_success(words.format(n=done["gone"]) if done["gone"] else tk._("Nothing waits any more."))
    return redirect(tk.h.url_for("lrtzc_batches.timing", id=package["name"], resource_id=resource_id))
