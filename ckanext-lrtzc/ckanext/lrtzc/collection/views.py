"""Pages of collections: the gallery, one file, the ways to have them, and what those who may change them do."""

from __future__ import annotations

import datetime as dt
import json
import math
from typing import Any
from urllib.parse import urlencode

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response, abort

from ckanext.lrtzc.access.api import AccessRefused, Action, record_use, request_context
from ckanext.lrtzc.collection import giving, listing
from ckanext.lrtzc.collection.asking import collection_of, file_of, readable
from ckanext.lrtzc.collection.model import Collection, File

lrtzc_collection = Blueprint("lrtzc_collection", __name__, url_prefix="/dataset/<id>/collection")

_VIEWS = ("grid", "list", "map")
_MOST_CHOSEN = 48


def _readable(id: str, action: Action = Action.READ) -> tuple[Any, Collection, Any]:
    """Give a dataset, its collection and the decision; what may not be found doesn't exist."""
    try:
        return readable(request_context(), id, action)
    except AccessRefused as refused:
        if refused.findable:
            raise
        abort(404, tk._("There is no such collection."))
    except tk.ObjectNotFound:
        abort(404, tk._("There is no such collection."))


def _file(collection: Collection, file_id: str) -> File:
    try:
        return file_of(collection, file_id)
    except tk.ObjectNotFound:
        abort(404, tk._("There is no such file."))


def _package(id: str) -> dict[str, Any]:
    try:
        return tk.get_action("package_show")(request_context(), {"id": id})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        abort(404, tk._("There is no such collection."))


def _mine(id: str) -> dict[str, Any]:
    """Give a dataset that whoever asks may change."""
    try:
        tk.check_access("lrtzc_collection_submit", request_context(), {"id": id})
    except tk.NotAuthorized:
        abort(404 if tk.current_user.is_authenticated else 403, tk._("There is no such object to edit."))
    package = _package(id)
    if package["type"] != "dataset":
        abort(404, tk._("There is no such object to edit."))
    return package


def _render(template: str, package: dict[str, Any], status: int = 200, **more: Any) -> Response:
    shown = {"pkg_dict": package, "pkg": package, "dataset_type": package["type"], **more}
    return Response(tk.render(f"collection/{template}", shown), status)


def _redirect(endpoint: str, package: dict[str, Any], **more: Any) -> Any:
    answer = tk.redirect_to(tk.h.url_for(f"lrtzc_collection.{endpoint}", id=package["name"], **more))
    answer.status_code = 303
    return answer


def _day(name: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(tk.request.args.get(name, ""))
    except ValueError:
        return None


def _wanted() -> listing.Wanted:
    words = " ".join(tk.request.args.get("q", "").replace("\0", " ").split())[: listing.LONGEST]
    return listing.Wanted(words, _day("since"), _day("until"), _within())


def _within() -> tuple[float, float, float, float] | None:
    try:
        west, south, east, north = (float(part) for part in tk.request.args.get("within", "").split(","))
    except ValueError:
        return None
    return (west, south, east, north) if all(map(math.isfinite, (west, south, east, north))) else None


def _number(name: str, most: int) -> int:
    text = tk.request.args.get(name, "1")
    return min(max(int(text), 1), most) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def page(id: str) -> Response:
    """Show the files of a collection."""
    _dataset, collection, decision = _readable(id)
    package = _package(id)
    record_use(decision, collection.resource_id, Action.READ, by="gallery")
    wanted = _wanted()
    number = _number("page", 10_000)
    found = listing.files(collection, wanted, listing.PAGE, (number - 1) * listing.PAGE)
    pages = max(math.ceil(found.count / listing.PAGE), 1)
    usual = "grid" if collection.kind in ("photo", "video") else "list"
    view = tk.request.args.get("view", "")
    view = view if view in _VIEWS and (view != "map" or collection.keeps_position) else usual
    within = ",".join(f"{edge:.5f}" for edge in wanted.within or ())
    shown = view if view != usual else ""
    asked = {"q": wanted.words, "since": wanted.since, "until": wanted.until, "within": within, "view": shown}
    kept = {name: str(value) for name, value in asked.items() if value}
    spots = listing.spots(collection, wanted) if view == "map" else []
    return _render(
        "page.html",
        package,
        collection=collection,
        found=found,
        wanted=wanted,
        view=view,
        number=number,
        pages=pages,
        addresses=_Addresses(package["name"], kept),
        within=within,
        located=len(spots),
        bounds=json.dumps(listing.extent(spots)),
    )


class _Addresses:
    """Addresses of the gallery as it is narrowed now."""

    def __init__(self, name: str, kept: dict[str, str]):
        self._name, self._kept = name, kept

    def page(self, number: int) -> str:
        """Give that of a page."""
        return self._with(page=str(number) if number > 1 else "")

    def view(self, view: str) -> str:
        """Give that of another way to show the same."""
        return self._with(view=view)

    def places(self) -> str:
        """Give that of the places of the same files."""
        return self._of("places", {name: value for name, value in self._kept.items() if name != "view"})

    def inside(self) -> str:
        """Give that of the map, to which the edges of an area are added."""
        kept = {name: value for name, value in self._kept.items() if name not in ("within", "view")}
        return self._of("page", {**kept, "view": "map", "within": ""})

    def _with(self, **changes: str) -> str:
        return self._of("page", {name: value for name, value in {**self._kept, **changes}.items() if value})

    def _of(self, endpoint: str, query: dict[str, str]) -> str:
        base = str(tk.h.url_for(f"lrtzc_collection.{endpoint}", id=self._name))
        return f"{base}?{urlencode(query)}" if query else base


def read(id: str, file_id: str) -> Response:
    """Show one file and what is known of it."""
    _dataset, collection, decision = _readable(id)
    file = _file(collection, file_id)
    package = _package(id)
    record_use(decision, collection.resource_id, Action.READ, by="collection.file")
    before, after = listing.around(file)
    return _render("file.html", package, collection=collection, file=file, before=before, after=after)


def content(id: str, file_id: str) -> Response:
    """Give a file, or a part of it."""
    _dataset, collection, decision = _readable(id, Action.TAKE)
    file = _file(collection, file_id)
    record_use(decision, collection.resource_id, Action.TAKE, by="collection.content")
    return giving.content(file)


def small(id: str, file_id: str) -> Response:
    """Give the small picture of a file."""
    _dataset, collection, _decision = _readable(id)
    file = _file(collection, file_id)
    if not file.has_picture:
        abort(404, tk._("This file has no small picture."))
    return giving.small(file)


def archive(id: str) -> Response:
    """Give all files together, or those chosen."""
    dataset, collection, decision = _readable(id, Action.TAKE)
    chosen = tk.request.args.getlist("file")[:_MOST_CHOSEN]
    files = listing.chosen(collection, chosen)
    if not files:
        abort(404, tk._("There is no such file."))
    record_use(decision, collection.resource_id, Action.TAKE, by="collection.archive")
    return giving.archive(files, f"{dataset.name}.zip")


def places(id: str) -> Response:
    """Give where files were taken, as GeoJSON."""
    _dataset, collection, decision = _readable(id)
    record_use(decision, collection.resource_id, Action.READ, by="collection.map")
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [spot.longitude, spot.latitude]},
            "properties": {"key": spot.id, "name": spot.name},
        }
        for spot in listing.spots(collection, _wanted())
    ]
    body = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    return Response(body, content_type="application/geo+json; charset=utf-8")


def new(id: str) -> Any:
    """Make a dataset a collection: of what, and whether photos keep where they were taken."""
    package = _mine(id)
    errors: dict[str, Any] = {}
    form = tk.request.form
    if tk.request.method == "POST":
        asked = {"id": package["id"], "kind": form.get("kind", ""), "keeps_position": form.get("position") == "kept"}
        try:
            tk.get_action("lrtzc_collection_create")(request_context(), asked)
            return _redirect("send", package)
        except tk.ValidationError as error:
            errors = error.error_dict
    return _render("new.html", package, 422 if errors else 200, errors=errors, values=form)


def send(id: str) -> Any:
    """Send files."""
    package = _mine(id)
    try:
        _dataset, collection = collection_of(package["id"])
    except tk.ObjectNotFound:
        return _redirect("new", package)
    replaced = tk.request.values.get("replaces", "")
    file = _file(collection, replaced) if replaced else None
    errors: dict[str, Any] = {}
    if tk.request.method == "POST":
        sent = [one for one in tk.request.files.getlist("upload") if one.filename]
        asked = {"id": package["id"], "upload": sent, "replaces": replaced}
        try:
            batch = tk.get_action("lrtzc_collection_submit")(request_context(), asked)
            answer = tk.redirect_to(tk.h.url_for("lrtzc_batches.read", id=package["name"], batch_id=batch["id"]))
            answer.status_code = 303
            return answer
        except tk.ValidationError as error:
            errors = error.error_dict
    return _render("send.html", package, 422 if errors else 200, collection=collection, file=file, errors=errors)


def change(id: str, file_id: str) -> Any:
    """Give a file its caption."""
    package = _mine(id)
    _dataset, collection, _decision = _readable(id)
    file = _file(collection, file_id)
    errors: dict[str, Any] = {}
    caption = file.caption
    if tk.request.method == "POST":
        caption = tk.request.form.get("caption", "")
        try:
            asked = {"id": package["id"], "file_id": file.id, "caption": caption}
            tk.get_action("lrtzc_collection_file_update")(request_context(), asked)
            tk.h.flash_success(tk._("Your changes are saved."))
            return _redirect("read", package, file_id=file.id)
        except tk.ValidationError as error:
            errors = error.error_dict
    return _render(
        "change.html", package, 422 if errors else 200, collection=collection, file=file, caption=caption, errors=errors
    )


def remove(id: str, file_id: str) -> Any:
    """Remove a file."""
    package = _mine(id)
    _dataset, collection, _decision = _readable(id)
    file = _file(collection, file_id)
    name = file.name
    tk.get_action("lrtzc_collection_file_remove")(request_context(), {"id": package["id"], "file_id": file.id})
    tk.h.flash_success(tk._("“{name}” is removed.").format(name=name))
    return _redirect("page", package)


for _path, _name, _view, _methods in (
    ("", "page", page, ["GET"]),
    ("/new", "new", new, ["GET", "POST"]),
    ("/send", "send", send, ["GET", "POST"]),
    ("/files.zip", "archive", archive, ["GET"]),
    ("/places.geojson", "places", places, ["GET"]),
    ("/<file_id>", "read", read, ["GET"]),
    ("/<file_id>/content", "content", content, ["GET"]),
    ("/<file_id>/small", "small", small, ["GET"]),
    ("/<file_id>/change", "change", change, ["GET", "POST"]),
    ("/<file_id>/remove", "remove", remove, ["POST"]),
):
    lrtzc_collection.add_url_rule(_path, _name, _view, methods=_methods)
