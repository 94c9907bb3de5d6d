"""Addresses for machines: catalogue, datasets and records in the formats of the standards, and the CSW endpoint."""

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response, redirect, request

from ckanext.lrtzc.asking import request_context
from ckanext.lrtzc.objects.api import TYPES

from . import csw
from .catalogue import catalogue_document, dataset_document, lineage, object_document, read_page, table_of, tables_of
from .domain import croissant, iso19139, schemaorg
from .domain.csw.errors import INVALID, NOT_APPLICABLE, CswError
from .domain.csw.response import report
from .domain.negotiation import PAGE, page_or_data
from .domain.rdf import CONTENT_TYPES
from .domain.record import Record, record
from .domain.tableschema import table_schema
from .domain.xml import write
from .site import get_site

standards = Blueprint("lrtzc_standards", __name__)
csw_endpoint = Blueprint("lrtzc_standards_csw", __name__)
_RDF = "any(ttl, xml, rdf, jsonld, n3)"


def _answer(body: bytes | str, content_type: str, **headers: str) -> Response:
    text = content_type.startswith("text/") or content_type.endswith("xml")
    response = Response(body, content_type=f"{content_type}; charset=utf-8" if text else content_type)
    response.headers.update(headers)
    return response


def _refuse(status: int, sentence: str) -> Response:
    response = _answer(sentence + "\n", "text/plain")
    response.status_code = status
    return response


def _sentence(error: tk.ValidationError) -> str:
    return " ".join(f"{name}: {said}" for name, said in error.error_summary.items())


def _dataset(identifier: str, type_: str = "dataset") -> dict[str, Any]:
    """Give an object that the visitor may see, or end with 404: nobody learns that a hidden one exists."""
    try:
        found = tk.get_action("package_show")(request_context(), {"id": identifier})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(404, tk._("Dataset not found"))
    # DCAT knows datasets; other objects, and partners' addresses and schedules, aren't any (decision 0011).
    return found if found.get("type") == type_ else tk.abort(404, tk._("Dataset not found"))


def _record(source: dict[str, Any]) -> Record:
    return record(source, get_site())


@standards.route(f"/catalog.<{_RDF}:form>")
def catalogue(form: str) -> Response:
    """Give a page of the catalogue in DCAT-AP."""
    return _catalogue(form)


def _catalogue(form: str, **headers: str) -> Response:
    endpoint = f"{get_site().url}/catalog.{form}"
    try:
        document = catalogue_document(request_context(), read_page(request.args.to_dict()), form, endpoint)
    except tk.ValidationError as error:
        return _refuse(400, _sentence(error))
    return _answer(document, CONTENT_TYPES[form], **headers)


@standards.route("/catalog")
def catalogue_negotiated() -> Response:
    """Give the catalogue in the form the client prefers; people are sent to the catalogue's page."""
    form = page_or_data(request.headers.get("Accept"))
    if form is None:
        return _not_acceptable()
    if form == PAGE:
        found: Any = redirect(tk.url_for("dataset.search"), 303)
        found.headers["Vary"] = "Accept"
        return found
    return _catalogue(form, Vary="Accept", **{"Content-Location": f"{get_site().url}/catalog.{form}"})


@standards.route(f"/dataset/<identifier>.<{_RDF}:form>")
def dataset(identifier: str, form: str) -> Response:
    """Give a dataset in DCAT-AP."""
    found = _dataset(identifier)
    return _answer(dataset_document(found, form, lineage(request_context(), found)), CONTENT_TYPES[form])


def other_object(type: str, identifier: str, form: str) -> Response:
    """Give an algorithm, a restitution or a use case in PROV-O, with what it stands on."""
    found = _dataset(identifier, type)
    return _answer(object_document(found, form, lineage(request_context(), found)), CONTENT_TYPES[form])


for _type in TYPES:
    if _type != "dataset":
        # one rule a type, so that each stands before CKAN's own for it
        _rule = f"/{_type}/<identifier>.<{_RDF}:form>"
        standards.add_url_rule(_rule, "other_object", other_object, defaults={"type": _type})


@standards.route("/dataset/<identifier>/schema.org.jsonld")
def dataset_schemaorg(identifier: str) -> Response:
    """Give a dataset in schema.org's words."""
    document = schemaorg.dataset(_record(_dataset(identifier)), get_site())
    return _answer(schemaorg.script_text(document), "application/ld+json")


@standards.route("/dataset/<identifier>/croissant.jsonld")
def dataset_croissant(identifier: str) -> Response:
    """Give a dataset as Croissant."""
    source = _dataset(identifier)
    document = croissant.croissant(_record(source), tables_of(request_context(), source), get_site())
    return _answer(schemaorg.script_text(document), "application/ld+json")


@standards.route("/dataset/<identifier>/iso19139.xml")
def dataset_iso19139(identifier: str) -> Response:
    """Give a geographic dataset as ISO 19139."""
    found = _record(_dataset(identifier))
    if not found.geographic:
        return tk.abort(404, tk._("This dataset isn't geographic: it has no ISO 19139 record."))
    return _answer(write(iso19139.metadata(found, get_site())), "application/xml")


@standards.route("/dataset/<identifier>/resource/<resource>/table-schema.json")
def resource_table_schema(identifier: str, resource: str) -> Response:
    """Give the dictionary of a table as a Table Schema."""
    found = _record(_dataset(identifier))
    one = next((one for one in found.distributions if one.id == resource and one.in_datastore), None)
    table = table_of(request_context(), resource) if one else []
    if one is None or not table:
        return tk.abort(404, tk._("This resource has no table."))
    return _answer(schemaorg.script_text(table_schema(one.id, one.title, table)), "application/json")


def _not_acceptable() -> Response:
    response = _refuse(
        406, tk._("None of the formats you accept is offered here. Offered: HTML, Turtle, RDF/XML, JSON-LD.")
    )
    response.headers["Vary"] = "Accept"
    return response


def _is_home() -> bool:
    """Say whether the home page is asked for, whichever plug-in makes it."""
    return request.url_rule is not None and request.url_rule.rule == "/"


def _has_forms() -> bool:
    """Say whether the address asked for has RDF beside its page: the home page, and a dataset's."""
    return request.endpoint == "dataset.read" or _is_home()


def negotiate() -> Response | None:
    """Answer in RDF at the address of a page whose client prefers RDF; None lets the page be made."""
    if not _has_forms() or request.method not in {"GET", "HEAD"}:
        return None
    form = page_or_data(request.headers.get("Accept"))
    if form == PAGE:
        return None
    if _is_home():
        if form is None:
            return _not_acceptable()
        return _catalogue(form, Vary="Accept", **{"Content-Location": f"{get_site().url}/catalog.{form}"})
    source = _dataset((request.view_args or {})["id"])
    if form is None:
        return _not_acceptable()
    location = f"{get_site().dataset_url(source['name'])}.{form}"
    document = dataset_document(source, form, lineage(request_context(), source))
    return _answer(document, CONTENT_TYPES[form], Vary="Accept", **{"Content-Location": location})


def vary(response: Response) -> Response:
    """Say that a page's address has other representations."""
    if _has_forms():
        response.vary.add("Accept")
    return response


@csw_endpoint.route("/csw", methods=["GET", "POST"])
def endpoint() -> Response:
    """Answer a CSW request, by key-value pairs or by XML; errors are exception reports."""
    address = f"{get_site().url}/csw"
    try:
        body = _body()
        pairs = {**request.args.to_dict(), **(request.form.to_dict() if body is None else {})}
        document = csw.answer(request_context(), body, pairs, address)
    except CswError as error:
        response = _answer(report(error), "application/xml")
        response.status_code = 400
        return response
    return _answer(document, "application/xml")


def _body() -> bytes | None:
    """Give what was posted as XML, or None for key-value pairs (in the address, or posted as a form)."""
    if request.method != "POST":
        return None
    most = tk.config["ckanext.lrtzc.standards.csw_largest_request"]
    if request.content_length is None or request.content_length > most:
        raise CswError(INVALID, None, f"A request is at most {most} bytes, and says how many.")
    if request.mimetype == "application/x-www-form-urlencoded":
        return None
    body = request.get_data(cache=False)
    if not body.strip():
        raise CswError(NOT_APPLICABLE, None, "The request is empty.")
    return body
