"""The OGC API – Features endpoint: what GIS programs open as layers, page by page, as whoever asks may read it."""

import datetime as dt
import json
from typing import Any
from urllib.parse import urlencode

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response, request

from ckanext.lrtzc.access.api import AccessRefused, Action, record_use, request_context, told
from ckanext.lrtzc.delivery.api import details
from ckanext.lrtzc.explore.api import Kind, ReadingFailed, Selection
from ckanext.lrtzc.translation import mark

from . import layers
from .domain import features as ogc
from .site import get_site

features = Blueprint("lrtzc_standards_features", __name__, url_prefix="/ogc/features")


def _base() -> str:
    return f"{get_site().url}/ogc/features"


def _answer(document: dict[str, Any], kind: str = ogc.JSON) -> Response:
    return Response(json.dumps(document, ensure_ascii=False), content_type=kind)


@features.errorhandler(ogc.BadParameter)
def _bad_parameter(error: ogc.BadParameter) -> Response:
    return details(400, "bad_parameter", tk._("Part of this address could not be understood."),
                   tk._(error.message), parameter=error.name[:100])  # fmt: skip


@features.errorhandler(AccessRefused)
def _refused(error: AccessRefused) -> Response:
    if not error.findable:
        return _missing(error)
    return details(403, "refused", tk._("This data isn't open to you."), str(error), reasons=told(error.decision))


@features.errorhandler(tk.NotAuthorized)
@features.errorhandler(tk.ObjectNotFound)
def _missing(_error: Exception) -> Response:
    return details(404, "not_found", tk._("This data doesn't exist, or you may not see it."))


@features.errorhandler(ReadingFailed)
def _failed(error: ReadingFailed) -> Response:
    return details(503, str(error.failure), tk._("The data can't be read at the moment. Try again later."))


def _only(*known: str) -> None:
    """Refuse parameters that an address doesn't know."""
    for name, value in request.args.items(multi=True):
        if name == "f":
            ogc.read_format(value)
        elif name not in known:
            raise ogc.BadParameter(name, mark("This address doesn't know this parameter."))


@features.route("")
@features.route("/")
def landing() -> Response:
    """Give the landing page."""
    _only()
    site = get_site()
    return _answer(ogc.landing(_base(), site.title, site.description))


@features.route("/conformance")
def conformance() -> Response:
    """Say which classes of the standard hold."""
    _only()
    return _answer(ogc.conformance())


@features.route("/api")
def api() -> Response:
    """Describe the interface."""
    _only()
    site = get_site()
    return _answer(ogc.api(_base(), site.title, site.description), ogc.OPENAPI)


@features.route("/collections")
def collections() -> Response:
    """List the layers that whoever asks may find."""
    _only("offset")
    given = request.args.get("offset", "0")
    if not given.isascii() or not given.isdigit() or len(given) > 9:
        raise ogc.BadParameter("offset", mark("A whole number is expected."))
    found, following = layers.listed(request_context(), int(given))
    return _answer(ogc.collections(_base(), found, int(given), following))


def _opened(resource_id: str, given: list[tuple[str, str]]) -> tuple[ogc.Layer, Selection, ogc.Asked]:
    """Give a layer, its selection and what is asked of it.

    :raises ObjectNotFound: where it isn't one, to whoever asks.
    """
    dataset, selection = layers.opened(request_context(), resource_id)
    if selection is None:
        raise tk.ObjectNotFound
    columns = selection.table.columns
    day = next((column.id for column in columns if column.kind in (Kind.DATE, Kind.DATETIME)), None)
    asked = ogc.read_asked(given, [column.id for column in columns], day)
    narrowed = selection.narrowed(asked.pairs)
    if narrowed.problems:
        wrong = narrowed.problems[0].parameter
        message = mark("This value can't be compared with the column.")
        raise ogc.BadParameter(wrong.partition(".")[2] or wrong, message)
    return layers.layer_of(dataset, narrowed.resource), narrowed, asked


@features.route("/collections/<resource_id>")
def collection(resource_id: str) -> Response:
    """Describe one layer, with its extent."""
    _only()
    dataset, selection = layers.opened(request_context(), resource_id)
    if selection is None:
        raise tk.ObjectNotFound
    return _answer(ogc.collection(_base(), layers.layer_of(dataset, selection.resource, box=layers.box(selection))))


@features.route("/collections/<resource_id>/items")
def items(resource_id: str) -> Response:
    """Give a page of features."""
    given = list(request.args.items(multi=True))
    _layer, selection, asked = _opened(resource_id, given)
    record_use(selection.decision, resource_id, Action.TAKE, by="ogc-features")
    found, matched, more = layers.read(selection, asked.limit, asked.after)
    here = f"{_base()}/collections/{resource_id}/items"
    kept = [(name, value) for name, value in given if name != "after"]
    following = f"{here}?{urlencode([*kept, ('after', found[-1]['id'])])}" if more else None
    own = f"{here}?{urlencode(given)}" if given else here
    page = ogc.items(found, matched, own, following, dt.datetime.now(dt.UTC))
    return _answer(page, ogc.GEOJSON)


@features.route("/collections/<resource_id>/items/<key>")
def item(resource_id: str, key: str) -> Response:
    """Give one feature."""
    _only()
    dataset, selection = layers.opened(request_context(), resource_id)
    if selection is None or not key.isascii() or not key.isdigit() or len(key) > 18:
        raise tk.ObjectNotFound
    record_use(selection.decision, resource_id, Action.TAKE, by="ogc-features")
    found = layers.read_one(selection, int(key))
    if found is None:
        raise tk.ObjectNotFound
    layer = layers.layer_of(dataset, selection.resource)
    return _answer({**found, "links": ogc.feature_links(_base(), layer, int(key))}, ogc.GEOJSON)
