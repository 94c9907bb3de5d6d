"""The pages of versions: of a file, one and its rows, two compared."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.common import streaming_response
from ckan.lib.pagination import Page
from flask import Blueprint
from werkzeug.wrappers import Response

from ckanext.lrtzc.access.api import Action, record_use
from ckanext.lrtzc.asking import request_context
from ckanext.lrtzc.batches.api import without_formula
from ckanext.lrtzc.delivery.api import keep_personal
from ckanext.lrtzc.pages import Answer, page, redirect, said
from ckanext.lrtzc.versions import reading
from ckanext.lrtzc.versions.listing import why_not
from ckanext.lrtzc.versions.model import Copy
from ckanext.lrtzc.versions.reading import NotKeptError

lrtzc_versions = Blueprint("lrtzc_versions", __name__, url_prefix="/dataset/<id>/resource/<resource_id>/versions")

PER_PAGE = 25
KINDS = ("changed", "added", "removed")


def _call(name: str, **data: Any) -> Any:
    return tk.get_action(f"lrtzc_version_{name}")(request_context(), data)


def _place(id: str, resource_id: str) -> dict[str, Any]:
    """Give what all pages show: the dataset and the resource."""
    try:
        package = tk.get_action("package_show")(request_context(), {"id": id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return tk.abort(404, tk._("There is no such file, or you may not see it."))
    resource = next((one for one in package["resources"] if one["id"] == resource_id), None)
    if resource is None:
        return tk.abort(404, tk._("There is no such file, or you may not see it."))
    # versions come at any moment, and each reader sees other ones of them
    keep_personal()
    return {"pkg_dict": package, "resource": resource}


def _paged(items: list[Any], count: int) -> Page:
    number = tk.h.get_page_number(tk.request.args)
    return Page(items, number, item_count=count, items_per_page=PER_PAGE, presliced_list=True)


def _offset() -> int:
    return PER_PAGE * (tk.h.get_page_number(tk.request.args) - 1)


@lrtzc_versions.get("")
def index(id: str, resource_id: str) -> Answer:
    """List the versions of a file's data."""
    place = _place(id, resource_id)
    try:
        found = _call("list", id=resource_id, limit=PER_PAGE, offset=_offset())
    except tk.ValidationError:
        return tk.abort(404, tk._("There is no such page."))
    owner = reading.may_change(request_context(), place["pkg_dict"]["id"])
    return page(
        "versions/index.html", **place, versions=found["versions"], page=_paged(found["versions"], found["count"]),
        owner=owner,
    )  # fmt: skip


@lrtzc_versions.get("/<int:number>")
def read(id: str, resource_id: str, number: int) -> Answer:
    """Show a version: what it brought, how to cite it, its rows where they are kept."""
    place = _place(id, resource_id)
    try:
        version = _call("show", id=resource_id, number=number, limit=PER_PAGE, offset=_offset())
    except (tk.ObjectNotFound, tk.ValidationError):
        return tk.abort(404, tk._("There is no such version."))
    return page("versions/read.html", **place, version=version, page=_paged(version["records"], version["rows"] or 0))


@lrtzc_versions.get("/<int:number>/rows.csv")
def rows(id: str, resource_id: str, number: int) -> Answer:
    """Give the rows of a version as CSV (RFC 4180), UTF-8; no cell can be run as a formula."""
    package = _place(id, resource_id)["pkg_dict"]
    try:
        copy, decision = reading.ask(request_context(), package["id"], resource_id, number, Action.TAKE)
        pieces = reading.rows_of(copy)
        first = next(pieces)
    except NotKeptError as error:
        return tk.abort(410, why_not(error.number, error.state))
    record_use(decision, resource_id, Action.TAKE, by="version", number=str(number))
    answer = streaming_response(_written(copy, first, pieces), "text/csv; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{resource_id}-version-{number}.csv")
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _written(copy: Copy, first: Any, pieces: Iterator[Any]) -> Iterator[bytes]:
    names, found = first
    while True:
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        if names:
            writer.writerow([without_formula(name) for name in names])
            names = []
        writer.writerows([without_formula(cell) if cell else "" for cell in row] for row in found)
        yield out.getvalue().encode()
        try:
            _names, found = next(pieces, (None, None))
        except NotKeptError:
            # erased while it was read: what was sent can't be taken back, and no more is
            return
        if found is None:
            return


@lrtzc_versions.get("/compare")
def compare(id: str, resource_id: str) -> Answer:
    """Compare two versions: how many rows were added, changed and removed, and which."""
    place, args = _place(id, resource_id), tk.request.args
    asked = {"before": args.get("before", ""), "after": args.get("after", "")}
    wanted = args.get("of", "") if args.get("of") in KINDS else ""
    try:
        found = _call("compare", id=resource_id, limit=PER_PAGE, offset=_offset(), of=wanted or "changed", **asked)
        if not wanted and not found["changed"]:
            # begin with what there is
            wanted = next((kind for kind in KINDS if found[kind]), "changed")
            found = _call("compare", id=resource_id, limit=PER_PAGE, offset=_offset(), of=wanted, **asked)
    except tk.ValidationError as refusal:
        return page("versions/no_comparison.html", 400, **place, error=said(refusal))
    wanted = wanted or "changed"
    shown = _paged(found["rows"], found[wanted] or 0)
    return page("versions/compare.html", **place, found=found, of=wanted, kinds=KINDS, page=shown)


@lrtzc_versions.route("/erase", methods=["GET", "POST"])
def erase(id: str, resource_id: str) -> Answer:
    """Ask whether to erase what is kept of former versions (GET), and erase it (POST)."""
    place = _place(id, resource_id)
    if not reading.may_change(request_context(), place["pkg_dict"]["id"]):
        return tk.abort(403, tk._("You may not change this dataset."))
    if tk.request.method == "GET":
        return page("versions/erase.html", **place)
    if tk.request.form.get("delete"):
        _call("erase", id=resource_id)
        tk.h.flash_success(tk._("Erased: former versions of this data can't be read again."))
    return _back(place)


def _back(place: dict[str, Any]) -> Response:
    return redirect(
        tk.h.url_for("lrtzc_versions.index", id=place["pkg_dict"]["name"], resource_id=place["resource"]["id"])
    )
