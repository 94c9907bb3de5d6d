"""Reading the catalogue for machines: pages of public datasets, and one dataset as one may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.lib.search import SearchError, SearchQueryError
from ckan.types import Context
from rdflib import URIRef

from ckanext.lrtzc.links.api import Way, links_of
from ckanext.lrtzc.objects.api import find_licence
from ckanext.lrtzc.reuses.api import titles_of

from .domain.croissant import Column, columns
from .domain.dcat import DCAT, add_catalogue, add_data_service, add_paging, name_concepts
from .domain.prov import Stand, add_lineage, add_reuses, object_graph
from .domain.rdf import QuietGraph, write
from .domain.values import moment
from .profile import GraphWriter
from .site import get_site

# Offsets cost the index more the deeper they are; no catalogue of a territory is this large.
_LAST_OFFSET = 1_000_000


@dataclass(frozen=True, slots=True)
class Page:
    """Which page of the catalogue, filtered how. `number` counts from 1."""

    number: int = 1
    modified_since: str | None = None
    q: str = ""
    fq: str = ""

    @property
    def filters(self) -> dict[str, str]:
        """Give the filters as they stand in addresses."""
        given = {"q": self.q, "fq": self.fq, "modified_since": self.modified_since or ""}
        return {name: value for name, value in given.items() if value}


def read_page(values: dict[str, Any]) -> Page:
    """Read `page`, `modified_since`, `q` and `fq`.

    :raises ValidationError: for a page that isn't a number from 1, or a date that isn't ISO 8601.
    """
    raw = str(values.get("page") or "1")
    if not raw.isascii() or not raw.isdecimal() or len(raw) > 7 or int(raw) < 1:
        raise tk.ValidationError({"page": [tk._("A page is a whole number from 1.")]})
    since = values.get("modified_since")
    exact = moment(str(since)) if since else None
    if since and not exact:
        raise tk.ValidationError(
            {"modified_since": [tk._("A date is written as in 2024-01-31 or 2024-01-31T12:00:00.")]}
        )
    return Page(int(raw), exact, str(values.get("q") or ""), str(values.get("fq") or ""))


def search(context: Context, **query: Any) -> dict[str, Any]:
    """Search public datasets; the answer is `package_search`'s, from the index alone.

    :raises ValidationError: when the index doesn't understand the query.
    """
    query["fq_list"] = [*query.get("fq_list", []), "+dataset_type:dataset"]
    try:
        return tk.get_action("package_search")(context, {"facet": False, **query})
    except (SearchQueryError, SearchError) as error:
        raise tk.ValidationError({"q": [tk._("The search isn't understood.")]}) from error


def catalogue_document(context: Context, page: Page, form: str, endpoint: str) -> bytes:
    """Write a page of the catalogue in `form` (`ttl`, `xml`, `rdf`, `jsonld`, `n3`); `endpoint` is its address.

    :raises ValidationError: for a search that isn't understood.
    """
    site = get_site()
    per_page = tk.config["ckanext.lrtzc.standards.catalogue_page"]
    start = per_page * (page.number - 1)
    if start > _LAST_OFFSET:
        raise tk.ValidationError({"page": [tk._("There is no such page.")]})
    filters = []
    if page.modified_since:
        filters.append(f"metadata_modified:[{_instant(page.modified_since)} TO *]")
    found = search(
        context,
        q=page.q or "*:*",
        fq=page.fq,
        fq_list=filters,
        rows=per_page,
        start=start,
        # New datasets come last, so that a reader who is on page 3 misses none when one is added.
        sort="metadata_created asc, id asc",
    )
    writer = GraphWriter(site)
    refs = [writer.add(source) for source in found["results"]]
    changes = [one.get("metadata_modified") or "" for one in found["results"]]
    catalogue = add_catalogue(writer.graph, site, moment(max(changes)) if any(changes) else None)
    for ref in refs:
        if ref is not None:
            writer.graph.add((catalogue, DCAT.dataset, ref))
    add_data_service(writer.graph, catalogue, writer.served, site)
    add_paging(writer.graph, catalogue, _addresses(page, found["count"], per_page, endpoint), found["count"], per_page)
    name_concepts(writer.graph)
    return write(writer.graph, form)


def _instant(value: str) -> str:
    """Give the beginning of a date as the index writes it."""
    if len(value) > 10:
        return datetime.fromisoformat(value).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return (value + "-01-01")[:10] + "T00:00:00Z"


def _addresses(page: Page, count: int, per_page: int, endpoint: str) -> dict[str, str]:
    last = max(1, -(-count // per_page))

    def address(number: int) -> str:
        return f"{endpoint}?{urlencode({**page.filters, 'page': number})}"

    found = {"current": address(page.number), "first": address(1), "last": address(last)}
    if page.number < last:
        found["next"] = address(page.number + 1)
    if page.number > 1:
        found["previous"] = address(min(page.number - 1, last))
    return found


def lineage(context: Context, source: dict[str, Any]) -> list[Stand]:
    """Give what an object stands on and what stands on it, as far as whoever asks may see it."""
    if not p.plugin_loaded("lrtzc_links"):
        return []
    return [
        Stand(each.kind.value, each.way is Way.IN, each.id, each.type, each.title)
        for each in links_of(context, source["id"])
    ]


def reuses(source: dict[str, Any]) -> list[tuple[str, str]]:
    """Give the address and the title of each reuse that is shown of an object."""
    if not p.plugin_loaded("lrtzc_reuses"):
        return []
    return [(f"{get_site().url}/reuses/{name}", title) for name, title in titles_of(source["id"])]


def object_document(source: dict[str, Any], form: str, links: Sequence[Stand]) -> bytes:
    """Write an algorithm, a restitution or a use case, as `package_show` gives it, in PROV-O, in `form`."""
    site, graph = get_site(), QuietGraph()
    licence = find_licence(str(source.get("license_id") or ""))
    ref = object_graph(graph, source, licence.url if licence else source.get("license_url"), site)
    add_lineage(graph, ref, source["type"], links, site)
    add_reuses(graph, ref, reuses(source))
    return write(graph, form)


def dataset_document(source: dict[str, Any], form: str, links: Sequence[Stand] = ()) -> bytes:
    """Write one dataset, as `package_show` gives it, in `form`, with what it stands on and what stands on it."""
    site = get_site()
    writer = GraphWriter(site)
    ref = writer.add(source)
    if ref is not None and links:
        add_lineage(writer.graph, ref, "dataset", links, site)
    if ref is not None:
        add_reuses(writer.graph, ref, reuses(source))
    catalogue = URIRef(site.url)
    if ref is not None and writer.served:
        add_catalogue(writer.graph, site)
        writer.graph.add((catalogue, DCAT.dataset, ref))
        add_data_service(writer.graph, catalogue, writer.served, site)
    name_concepts(writer.graph)
    return write(writer.graph, form)


def tables_of(context: Context, source: dict[str, Any]) -> dict[str, list[Column]]:
    """Give the columns of a dataset's resources that are in the DataStore, by resource id."""
    found: dict[str, list[Column]] = {}
    for resource in source.get("resources") or []:
        if resource.get("datastore_active") in (True, "True", "true"):
            table = table_of(context, resource["id"])
            if table:
                found[resource["id"]] = table
    return found


def table_of(context: Context, resource: str) -> list[Column]:
    """Give the columns of a resource in the DataStore; none where it isn't there or may not be seen."""
    try:
        answer = tk.get_action("datastore_search")(context, {"resource_id": resource, "limit": 0})
    except (KeyError, tk.ObjectNotFound, tk.NotAuthorized, tk.ValidationError):
        return []
    return columns(answer["fields"])
