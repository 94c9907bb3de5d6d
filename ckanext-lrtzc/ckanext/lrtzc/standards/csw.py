"""Answering CSW requests from the search index."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context

from .catalogue import search
from .domain.csw import solr
from .domain.csw.errors import INVALID, NOT_APPLICABLE, CswError
from .domain.csw.query import Property, find_property
from .domain.csw.records import element
from .domain.csw.request import (
    DescribeRecord,
    GetCapabilities,
    GetDomain,
    GetRecordById,
    GetRecords,
    from_pairs,
    from_xml,
)
from .domain.csw.response import (
    DOMAINS,
    acknowledgement,
    by_id,
    capabilities,
    described,
    domain,
    echo_of_pairs,
    records,
)
from .domain.record import record
from .domain.site import Site
from .domain.xml import Node, UnreadableXml, read
from .site import get_site

_FACETS = {
    Property.SUBJECT: "tags",
    Property.FORMAT: "res_format",
    Property.RIGHTS: "license_id",
    Property.PUBLISHER: "organization",
}
_LAST_OFFSET = 1_000_000


def answer(context: Context, body: bytes | None, pairs: dict[str, str], endpoint: str) -> bytes:
    """Answer a request: `body` where it was posted as XML, else `pairs`; `endpoint` is the service's address.

    :raises CswError: for what can't be answered.
    """
    request = from_pairs(pairs) if body is None else from_xml(body)
    site = get_site()
    match request:
        case GetCapabilities():
            return capabilities(request, site, endpoint, _most())
        case DescribeRecord():
            return described(request)
        case GetRecords():
            return _get_records(context, request, site, body)
        case GetRecordById():
            return _get_by_id(context, request, site)
        case GetDomain():
            return _get_domain(context, request)


def _most() -> int:
    return tk.config["ckanext.lrtzc.standards.csw_most_records"]


def _find(context: Context, **query: Any) -> dict[str, Any]:
    try:
        return search(context, **query)
    except tk.ValidationError as error:
        raise CswError(INVALID, "Constraint", "The filter isn't understood.") from error


def _get_records(context: Context, request: GetRecords, site: Site, body: bytes | None) -> bytes:
    filters = [solr.query(request.condition)] if request.condition else []
    if request.result == "validate":
        return acknowledgement(_echo(body), "validated")
    if request.start > _LAST_OFFSET:
        raise CswError(INVALID, "startPosition", "startPosition is too far.")
    wanted = 0 if request.result == "hits" else min(request.most, _most())
    order = [f"{solr.SORTABLE[one.of]} {'desc' if one.descending else 'asc'}" for one in request.sort]
    found = _find(
        context,
        q="*:*",
        fq_list=filters,
        rows=wanted,
        start=request.start - 1,
        sort=", ".join([*order, "metadata_created asc", "id asc"] if not order else [*order, "id asc"]),
    )
    nodes = _nodes(found["results"], request, site)
    return records(request, nodes, found["count"])


def _nodes(sources: list[dict[str, Any]], request: GetRecords | GetRecordById, site: Site) -> list[Node]:
    names = request.names if isinstance(request, GetRecords) else ()
    return [element(record(one, site), request.schema, request.elements, site, names) for one in sources]


def _echo(body: bytes | None) -> Node:
    try:
        return read(body) if body else echo_of_pairs()
    except UnreadableXml as error:  # read once before: can't be otherwise
        raise CswError(NOT_APPLICABLE, None, str(error)) from error


def _get_by_id(context: Context, request: GetRecordById, site: Site) -> bytes:
    asked = " OR ".join(solr.quoted(one) for one in request.identifiers)
    found = _find(context, q="*:*", fq_list=[f"id:({asked}) OR name:({asked})"], rows=len(request.identifiers))
    return by_id(_nodes(found["results"], request, site))


def _get_domain(context: Context, request: GetDomain) -> bytes:
    values: list[tuple[str, str, tuple[str, ...]]] = []
    for name in request.parameters:
        values.append(("ParameterName", name, DOMAINS.get(name.rpartition(".")[2], ())))
    properties = {name: find_property(name) for name in request.properties}
    fields = sorted({_FACETS[one] for one in properties.values() if one in _FACETS})
    facets: dict[str, Any] = {}
    if fields:
        answered = _find(
            context, q="*:*", rows=0, facet=True, **{"facet.field": fields, "facet.limit": 500, "facet.mincount": 1}
        )
        facets = answered["search_facets"]
    for name, one in properties.items():
        found = facets.get(_FACETS.get(one, ""), {}).get("items", [])
        known = tuple(sorted(item["display_name"] for item in found))
        values.append(("PropertyName", name, ("dataset",) if one == Property.TYPE else known))
    return domain(values)
