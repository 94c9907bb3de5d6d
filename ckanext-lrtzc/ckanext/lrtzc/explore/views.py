"""Pages of the explorer, and what they load: tiles, features, charts, files."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import chain
from typing import Any, NoReturn

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response, abort, redirect

from ckanext.lrtzc.access.api import AccessRefused, Action, record_use, request_context, told
from ckanext.lrtzc.delivery.api import details
from ckanext.lrtzc.explore import words
from ckanext.lrtzc.explore.api import ReadingFailed, Selection, reading, select
from ckanext.lrtzc.explore.charting import figures
from ckanext.lrtzc.explore.contours import contours_geojson
from ckanext.lrtzc.explore.dictionary import table_schema
from ckanext.lrtzc.explore.domain.vega import spec
from ckanext.lrtzc.explore.export.stream import WRITERS, file_name, stream
from ckanext.lrtzc.explore.export.writer import Options
from ckanext.lrtzc.explore.maps import Tile, features, tile
from ckanext.lrtzc.explore.panel import Panel
from ckanext.lrtzc.tabular.wording import habits

PREFIX = "/dataset/<id>/resource/<resource_id>/explore"
DELIMITERS = {"comma": ",", "semicolon": ";"}

lrtzc_explore = Blueprint("lrtzc_explore", __name__)


class _Refused(Exception):
    def __init__(self, status: int, code: str, title: str, problems: Iterable[dict[str, Any]] = ()):
        super().__init__(title)
        self.status, self.code, self.title, self.problems = status, code, title, list(problems)


@lrtzc_explore.errorhandler(_Refused)
def _answer_refused(refused: _Refused) -> Response:
    """Answer a program with problem details (RFC 9457)."""
    return details(refused.status, refused.code, refused.title, problems=refused.problems)


def _found(
    id: str, resource_id: str, action: Action = Action.READ
) -> tuple[dict[str, Any], dict[str, Any], Selection | None]:
    """Give the dataset, the resource and its selection; what may not be found doesn't exist."""
    package = tk.get_action("package_show")(request_context(), {"id": id})
    resource = next((found for found in package["resources"] if found["id"] == resource_id), None)
    if resource is None:
        raise tk.ObjectNotFound
    return package, resource, select(request_context(), resource, tk.request.args.items(multi=True), action)


def _leave_trace(selection: Selection, by: str, action: Action = Action.READ) -> None:
    """Record, before anything is given, that data which not everybody may see goes out."""
    record_use(selection.decision, selection.resource["id"], action, by=by)


def _page(id: str, resource_id: str) -> tuple[dict[str, Any], dict[str, Any], Selection | None]:
    try:
        return _found(id, resource_id)
    except AccessRefused as refused:
        if refused.findable:
            raise
        abort(404, tk._("This data doesn't exist, or you may not see it."))
    except (tk.ObjectNotFound, tk.NotAuthorized):
        abort(404, tk._("This data doesn't exist, or you may not see it."))
    except ReadingFailed as failed:
        abort(503, words.failure(failed.failure))


def _program(
    id: str, resource_id: str, action: Action = Action.READ
) -> tuple[dict[str, Any], dict[str, Any], Selection]:
    """Give the same to a program; anything wrong is refused, nothing is guessed."""
    try:
        package, resource, selection = _found(id, resource_id, action)
    except AccessRefused as refused:
        reasons = told(refused.decision)
        if not refused.findable or not reasons:
            raise _Refused(404, "not_found", tk._("This data doesn't exist, or you may not see it.")) from refused
        raise _Refused(403, reasons[0]["code"], str(refused), reasons) from refused
    except (tk.ObjectNotFound, tk.NotAuthorized) as error:
        title = tk._("This data doesn't exist, or you may not see it.")
        raise _Refused(404, "not_found", title) from error
    except ReadingFailed as failed:
        _too_hard(failed)
    if selection is None:
        raise _Refused(404, "no_table", tk._("This file has no table to explore."))
    if selection.problems:
        listed = [
            {
                "code": str(found.code),
                "parameter": found.parameter,
                "value": found.value,
                "detail": words.problem(found, selection.table),
            }
            for found in selection.problems
        ]
        raise _Refused(400, "bad_query", tk._("Part of this address could not be understood."), listed)
    return package, resource, selection


def _too_hard(failed: ReadingFailed) -> NoReturn:
    status = 503 if failed.failure in ("too_slow", "gone") else 400
    raise _Refused(status, str(failed.failure), words.failure(failed.failure)) from failed


def page(id: str, resource_id: str) -> Response | str:
    """Show the explorer."""
    package, resource, selection = _page(id, resource_id)
    if selection is None:
        extra = {"pkg_dict": package, "resource": resource}
        return Response(tk.render("explore/no_table.html", extra), 404)
    panel = Panel(selection, package["name"], opened=tk.request.args.get("filter", ""))
    swapped = tk.request.headers.get("HX-Request") == "true"
    blank = any(not value.strip() for value in tk.request.args.values())
    if blank and not panel.problems and not swapped:
        return redirect(panel.here)  # type: ignore[return-value]
    _leave_trace(selection, "explorer")
    panel.load()
    template = "explore/panel.html" if swapped else "explore/page.html"
    status = 400 if panel.problems or panel.failure == "refused" else 503 if panel.failure else 200
    body = tk.render(template, {"pkg_dict": package, "resource": resource, "panel": panel})
    answer = Response(body, status)
    answer.vary.add("HX-Request")
    if swapped and not panel.problems:
        answer.headers["HX-Push-Url"] = panel.here
    return answer


def row(id: str, resource_id: str, key: int) -> str:
    """Show one row whole."""
    package, resource, selection = _page(id, resource_id)
    found = None
    if selection is not None and key < 2**63:
        _leave_trace(selection, "row")
        try:
            with reading() as connection:
                found = selection.row(connection, key)
        except ReadingFailed as failed:
            abort(503, words.failure(failed.failure))
    if selection is None or found is None:
        abort(404, tk._("There is no such row."))
    panel = Panel(selection, package["name"])
    cells = [
        (column, panel.cell(value, column, cut=False))
        for column, value in zip(selection.table.columns, found, strict=True)
    ]
    extra = {"pkg_dict": package, "resource": resource, "panel": panel, "cells": cells, "key": key}
    return tk.render("explore/row.html", extra)


def columns(id: str, resource_id: str) -> Response | str:
    """Show the dictionary, where one also chooses columns."""
    package, resource, selection = _page(id, resource_id)
    if selection is None:
        return Response(tk.render("explore/no_table.html", {"pkg_dict": package, "resource": resource}), 404)
    panel = Panel(selection, package["name"])
    extra = {"pkg_dict": package, "resource": resource, "panel": panel, "kind": words.kind}
    return Response(tk.render("explore/columns.html", extra), 400 if panel.problems else 200)


def dictionary(id: str, resource_id: str) -> Response:
    """Give the dictionary as a Table Schema."""
    _package, resource, selection = _program(id, resource_id)
    body = json.dumps(table_schema(selection.table), ensure_ascii=False, indent=2)
    answer = Response(body, content_type="application/json; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename=file_name(_title(resource) + "-schema", "json"))
    return answer


def _title(resource: dict[str, Any]) -> str:
    return resource.get("name") or resource.get("description") or resource["id"]


def export(id: str, resource_id: str, name: str) -> Response:
    """Give the selection as a file, streamed."""
    _package, resource, selection = _program(id, resource_id, Action.TAKE)
    writer = WRITERS.get(name)
    if writer is None:
        choices = ", ".join(WRITERS)
        title = tk._("Choose one of these formats: {choices}.").format(choices=choices)
        raise _Refused(404, "unknown_format", title)
    if writer.needs_geometry and not selection.table.has_geometry:
        raise _Refused(400, "no_geometry", tk._("This data has no place on a map."))
    given = tk.request.args.get("delimiter", "comma")
    if given not in DELIMITERS:
        title = tk._("Choose one of these delimiters: {choices}.").format(choices=", ".join(DELIMITERS))
        raise _Refused(400, "wrong_delimiter", title)
    if (version := tk.request.args.get("since")) is not None:
        selection = _since(selection, version)
    options = Options(DELIMITERS[given], mark=tk.request.args.get("bom") == "1")
    _leave_trace(selection, f"export.{name}", Action.TAKE)
    query = replace(selection.query.first_page(), chart=None)
    chunks = stream(selection.with_query(query), writer, _title(resource), options)
    try:
        first = next(chunks, b"")
    except ReadingFailed as failed:
        _too_hard(failed)
    answer = Response(_Chunks(first, chunks), mimetype=writer.mimetype)  # type: ignore[arg-type]
    answer.headers.set("Content-Disposition", "attachment", filename=file_name(_title(resource), name))
    answer.headers["X-Accel-Buffering"] = "no"
    answer.headers["Cache-Control"] = "no-store"
    tk.request.environ["__no_cache__"] = True
    return answer


def _since(selection: Selection, version: str) -> Selection:
    """Give the selection among what came or changed after a version of the data."""
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        raise _Refused(400, "wrong_version", tk._("The number of a version is expected."))
    later = selection.since(int(version))
    if later is None:
        title = tk._("What changed since this version isn't known, or all of it was replaced: take it whole.")
        raise _Refused(410, "whole_only", title)
    return later


class _Chunks:
    """The chunks of a file, the first already made; closing it ends the query behind them."""

    def __init__(self, first: bytes, rest: Any):
        self._chunks, self._rest = chain([first], rest), rest

    def __iter__(self) -> "_Chunks":
        return self

    def __next__(self) -> bytes:
        return next(self._chunks)

    def close(self) -> None:
        """End the query."""
        self._rest.close()


def _cached(package: dict[str, Any], selection: Selection, make: Callable[[], bytes], content_type: str) -> Response:
    """Answer with a validator made of the table's version and the address; 304 when the browser has it already."""
    language = str(tk.h.lang() or "")
    seen = selection.source.part
    known = f"{seen}|{selection.table.version}|{package.get('metadata_modified')}|{tk.request.full_path}|{language}"
    tag = hashlib.sha256(known.encode()).hexdigest()[:32]
    if tk.request.if_none_match.contains_weak(tag):
        answer = Response(status=304)
    else:
        try:
            answer = Response(make(), content_type=content_type)
        except ReadingFailed as failed:
            _too_hard(failed)
    answer.set_etag(tag)
    answer.headers["Cache-Control"] = "no-cache"
    if package.get("private") or tk.g.user:
        tk.request.environ["__no_cache__"] = True
    return answer


def chart(id: str, resource_id: str) -> Response:
    """Give the Vega-Lite specification of the chart, with its figures."""
    package, _resource, selection = _program(id, resource_id)
    wanted = selection.query.chart
    if wanted is None:
        raise _Refused(400, "needs_column", tk._("Choose what to draw."))
    _leave_trace(selection, "chart")

    def make() -> bytes:
        with reading() as connection:
            found = figures(selection, connection, wanted)
        return json.dumps(
            spec(found, words.chart_words(wanted, selection.table), habits()), ensure_ascii=False
        ).encode()

    return _cached(package, selection, make, "application/json; charset=utf-8")


def _with_geometry(id: str, resource_id: str) -> tuple[dict[str, Any], Selection]:
    package, _resource, selection = _program(id, resource_id)
    if not selection.table.has_geometry:
        raise _Refused(400, "no_geometry", tk._("This data has no place on a map."))
    return package, selection


def map_features(id: str, resource_id: str) -> Response:
    """Give the first features of the selection as GeoJSON."""
    package, selection = _with_geometry(id, resource_id)
    _leave_trace(selection, "map")

    def make() -> bytes:
        with reading() as connection:
            found, more = features(selection, connection)
        listed = ",".join(
            f'{{"type":"Feature","id":{key},"geometry":{geometry},"properties":'
            f"{json.dumps({'key': key, 'name': name}, ensure_ascii=False)}}}"
            for key, name, geometry in found
        )
        return f'{{"type":"FeatureCollection","more":{json.dumps(more)},"features":[{listed}]}}'.encode()

    return _cached(package, selection, make, "application/geo+json; charset=utf-8")


def map_tile(id: str, resource_id: str, z: int, x: int, y: int) -> Response:
    """Give one vector tile of the selection."""
    package, selection = _with_geometry(id, resource_id)
    wanted = Tile(z, x, y)
    if not wanted.exists:
        raise _Refused(404, "no_tile", tk._("There is no such tile."))

    def make() -> bytes:
        with reading() as connection:
            return tile(selection, connection, wanted)

    return _cached(package, selection, make, "application/vnd.mapbox-vector-tile")


def contours() -> Response:
    """Give the contours of the territory's communes, the ground that maps always have."""
    body = contours_geojson()
    answer = Response(body, content_type="application/geo+json; charset=utf-8")
    answer.set_etag(hashlib.sha256(body).hexdigest()[:32])
    answer.make_conditional(tk.request.environ)
    return answer


lrtzc_explore.add_url_rule("/explore/contours.geojson", "contours", contours)
lrtzc_explore.add_url_rule(PREFIX, "page", page)
lrtzc_explore.add_url_rule(f"{PREFIX}/row/<int:key>", "row", row)
lrtzc_explore.add_url_rule(f"{PREFIX}/columns", "columns", columns)
lrtzc_explore.add_url_rule(f"{PREFIX}/dictionary.json", "dictionary", dictionary)
lrtzc_explore.add_url_rule(f"{PREFIX}/export.<name>", "export", export)
lrtzc_explore.add_url_rule(f"{PREFIX}/chart.json", "chart", chart)
lrtzc_explore.add_url_rule(f"{PREFIX}/features.geojson", "map_features", map_features)
lrtzc_explore.add_url_rule(f"{PREFIX}/tiles/<int:z>/<int:x>/<int:y>.mvt", "map_tile", map_tile)
