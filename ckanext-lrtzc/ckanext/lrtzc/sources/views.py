"""Pages of sources: those of a dataset, for who may change it; those of all datasets, for administrators."""

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint

from ckanext.lrtzc.asking import request_context
from ckanext.lrtzc.pages import Answer, page, redirect, said
from ckanext.lrtzc.sources.kinds import KINDS

lrtzc_sources = Blueprint("lrtzc_sources", __name__)

RUNS = 20
SOURCES = 50
_KILO, _MEGA = 1_000, 1_000_000


def _package(package_id: str) -> dict[str, Any]:
    """Give a dataset that one may change, or an error page."""
    try:
        tk.check_access("batch_list", request_context(), {"package_id": package_id})
        return tk.get_action("package_show")(request_context(), {"id": package_id})
    except tk.ObjectNotFound:
        tk.abort(404, tk._("There is no such dataset."))
    except tk.NotAuthorized:
        tk.abort(403, tk._("You may not change this dataset."))


def _place(package_id: str, source_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give a dataset and a source of it, or an error page."""
    package = _package(package_id)
    try:
        source = tk.get_action("lrtzc_source_show")(request_context(), {"id": source_id})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(404, tk._("There is no such source."))
    if source["package_id"] != package["id"]:
        return tk.abort(404, tk._("There is no such source."))
    return package, source


def _render(template: str, package: dict[str, Any], code: int = 200, **variables: Any) -> Answer:
    return page(f"sources/{template}", code, pkg_dict=package, pkg=package, **variables)


def _to(endpoint: str, package: dict[str, Any], **values: Any) -> Any:
    return redirect(tk.h.url_for(f"lrtzc_sources.{endpoint}", id=package["name"], **values))


def _number() -> int:
    text = tk.request.args.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 6 else 1


@lrtzc_sources.get("/dataset/<id>/sources")
def index(id: str) -> Answer:
    """List the sources of a dataset."""
    package = _package(id)
    found = tk.get_action("lrtzc_source_list")(request_context(), {"package_id": package["id"]})
    return _render("index.html", package, sources=found["sources"])


def _typed(kind: str) -> dict[str, str]:
    return {field.name: tk.request.form.get(f"setting-{field.name}", "") for field in KINDS[kind].fields}


def _form(package: dict[str, Any], kind: str, code: int = 200, **more: Any) -> Answer:
    return _render("connection.html", package, code, **{"kind": kind, "source": None, "errors": {}, **more})


@lrtzc_sources.route("/dataset/<id>/sources/new", methods=["GET", "POST"])
def new(id: str) -> Answer:
    """Ask for what a kind of source needs (GET), then try it and keep it (POST)."""
    package, kind = _package(id), tk.request.values.get("kind", "")
    if kind not in KINDS:
        return _to("index", package)
    if tk.request.method == "GET":
        return _form(package, kind, values={}, title="", address="")
    typed = {"title": tk.request.form.get("title", ""), "address": tk.request.form.get("address", "")}
    asked = {**typed, "package_id": package["id"], "kind": kind, "settings": _typed(kind)}
    try:
        source = tk.get_action("lrtzc_source_create")(request_context(), asked)
    except tk.ValidationError as error:
        return _form(package, kind, 422, values=_typed(kind), errors=error.error_dict, **typed)
    tk.h.flash_success(tk._("The source answers, and is kept. Say what becomes of its files."))
    return _to("plan", package, source_id=source["id"], first="yes")


@lrtzc_sources.get("/dataset/<id>/sources/<source_id>")
def read(id: str, source_id: str) -> Answer:
    """Show a source: where it stands, how it is set, its runs."""
    package, source = _place(id, source_id)
    number = _number()
    asked = {"id": source["id"], "offset": (number - 1) * RUNS, "limit": RUNS}
    runs = tk.get_action("lrtzc_source_run_list")(request_context(), asked)
    return _render("read.html", package, source=source, runs=runs, page=number, pages=max(1, -(-runs["count"] // RUNS)))


@lrtzc_sources.get("/dataset/<id>/sources/<source_id>/progress")
def progress(id: str, source_id: str) -> Answer:
    """Give the part of the page that tells how the last run goes."""
    package, source = _place(id, source_id)
    return _render("snippets/progress.html", package, source=source)


@lrtzc_sources.route("/dataset/<id>/sources/<source_id>/edit", methods=["GET", "POST"])
def edit(id: str, source_id: str) -> Answer:
    """Change how a source is reached."""
    package, source = _place(id, source_id)
    if tk.request.method == "GET":
        shown = {"values": source["options"], "title": source["title"], "address": source["address"]}
        return _form(package, source["kind"], source=source, **shown)
    typed = {"title": tk.request.form.get("title", ""), "address": tk.request.form.get("address", "")}
    values = _typed(source["kind"])
    try:
        tk.get_action("lrtzc_source_update")(request_context(), {**typed, "id": source["id"], "settings": values})
    except tk.ValidationError as error:
        return _form(package, source["kind"], 422, source=source, values=values, errors=error.error_dict, **typed)
    tk.h.flash_success(tk._("The settings are saved."))
    return _to("read", package, source_id=source["id"])


def _planned() -> dict[str, Any]:
    form = tk.request.form
    return {
        "resource_id": form.get("resource_id", ""),
        "mode": form.get("mode", ""),
        "key": form.get("key", ""),
        "expected": form.get("expected", ""),
        "least": _bytes(form.get("least", ""), _KILO),
        "most": _bytes(form.get("most", ""), _MEGA),
        "schedule": form.get("schedule", ""),
        "silence_days": form.get("silence_days", ""),
    }


def _bytes(text: str, unit: int) -> str:
    """Give a size in bytes that was typed in a larger unit; what is no number, as it was."""
    text = text.strip()
    return str(int(text) * unit) if text.isascii() and text.isdecimal() and len(text) < 9 else text


@lrtzc_sources.route("/dataset/<id>/sources/<source_id>/plan", methods=["GET", "POST"])
def plan(id: str, source_id: str) -> Answer:
    """Say what becomes of a source's files, and when they are fetched."""
    package, source = _place(id, source_id)
    if tk.request.method == "POST":
        asked = _planned()
        try:
            tk.get_action("lrtzc_source_update")(request_context(), {**asked, "id": source["id"]})
        except tk.ValidationError as error:
            return _render("plan.html", package, 422, source={**source, **asked}, errors=error.error_dict, found=None)
        tk.h.flash_success(tk._("The settings are saved."))
        return _to("read", package, source_id=source["id"])
    shown = {**source, "key": ", ".join(source["key"])}
    found = _tried(source)[0] if tk.request.args.get("first") else None
    return _render("plan.html", package, source=shown, errors={}, found=found)


def _tried(source: dict[str, Any]) -> tuple[Any, str]:
    """Give what a source has, or why it can't be told."""
    try:
        return tk.get_action("lrtzc_source_try")(request_context(), {"id": source["id"]}), ""
    except tk.ValidationError as error:
        return None, said(error)


@lrtzc_sources.get("/dataset/<id>/sources/<source_id>/files")
def files(id: str, source_id: str) -> Answer:
    """Connect to a source and show the files that it has; nothing is taken."""
    package, source = _place(id, source_id)
    found, fault = _tried(source)
    return _render("files.html", package, source=source, found=found, fault=fault)


@lrtzc_sources.post("/dataset/<id>/sources/<source_id>/run")
def run(id: str, source_id: str) -> Answer:
    """Have a source run now."""
    package, source = _place(id, source_id)
    try:
        tk.get_action("lrtzc_source_run")(request_context(), {"id": source["id"]})
    except tk.ValidationError as error:
        tk.h.flash_notice(said(error))
    return _to("read", package, source_id=source["id"])


@lrtzc_sources.post("/dataset/<id>/sources/<source_id>/pause")
def pause(id: str, source_id: str) -> Answer:
    """Put the schedule of a source to sleep, or wake it."""
    package, source = _place(id, source_id)
    paused = tk.request.form.get("paused") == "yes"
    tk.get_action("lrtzc_source_update")(request_context(), {"id": source["id"], "paused": paused})
    tk.h.flash_success(tk._("The source is paused.") if paused else tk._("The source is fetched again."))
    return _to("read", package, source_id=source["id"])


@lrtzc_sources.post("/dataset/<id>/sources/<source_id>/remove")
def remove(id: str, source_id: str) -> Answer:
    """Delete a source, after its page said what goes with it."""
    package, source = _place(id, source_id)
    tk.get_action("lrtzc_source_delete")(request_context(), {"id": source["id"]})
    tk.h.flash_success(tk._("“{title}” is deleted.").format(title=source["title"]))
    return _to("index", package)


@lrtzc_sources.get("/dataset/<id>/sources/<source_id>/runs/<run_id>")
def report(id: str, source_id: str, run_id: str) -> Answer:
    """Show one run: what became of each file."""
    package, source = _place(id, source_id)
    try:
        found = tk.get_action("lrtzc_source_run_show")(request_context(), {"id": run_id})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(404, tk._("There is no such run."))
    if found["source_id"] != source["id"]:
        return tk.abort(404, tk._("There is no such run."))
    return _render("report.html", package, source=source, run=found)


@lrtzc_sources.get("/ckan-admin/sources")
def administration() -> Answer:
    """List the sources of all datasets, for administrators."""
    number = _number()
    asked = {"offset": (number - 1) * SOURCES, "limit": SOURCES}
    try:
        found = tk.get_action("lrtzc_source_list")(request_context(), asked)
    except tk.NotAuthorized as refusal:
        return tk.abort(403, str(refusal.message))
    pages = max(1, -(-found["count"] // SOURCES))
    return page("sources/administration.html", found=found, page=number, pages=pages)
