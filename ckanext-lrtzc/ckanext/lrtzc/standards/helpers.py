"""What templates ask of this room."""

from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk
from flask import g

from .domain import schemaorg
from .domain.record import Record, record
from .site import get_site


@dataclass(frozen=True, slots=True)
class FormatLink:
    """A form in which a machine can read something: its name, address, media type, and what it is good for."""

    name: str
    url: str
    media_type: str
    use: str


def lrtzc_standard_links(pkg: dict[str, Any] | None = None) -> list[FormatLink]:
    """Give the machine-readable forms of a dataset, or of the whole catalogue without one."""
    if not pkg or not pkg.get("name"):
        return _catalogue_links()
    base = f"{tk.h.url_for('home.index', locale='default').rstrip('/')}/dataset/{pkg['name']}"
    links = [
        FormatLink("DCAT-AP (Turtle)", f"{base}.ttl", "text/turtle", tk._("For catalogues")),
        FormatLink("DCAT-AP (RDF/XML)", f"{base}.xml", "application/rdf+xml", tk._("For catalogues")),
        FormatLink("DCAT-AP (JSON-LD)", f"{base}.jsonld", "application/ld+json", tk._("For catalogues")),
        FormatLink("schema.org", f"{base}/schema.org.jsonld", "application/ld+json", tk._("For search engines")),
        FormatLink("Croissant", f"{base}/croissant.jsonld", "application/ld+json", tk._("For machine learning")),
    ]
    if _record(pkg).geographic:
        links.append(
            FormatLink("ISO 19139", f"{base}/iso19139.xml", "application/xml", tk._("For geographic catalogues"))
        )
    api = tk.url_for("api.action", ver=3, logic_function="package_show", id=pkg["name"])
    links.append(FormatLink("CKAN (JSON)", api, "application/json", tk._("For developers")))
    return links


def _catalogue_links() -> list[FormatLink]:
    base = tk.h.url_for("home.index", locale="default").rstrip("/")
    return [
        FormatLink("OGC API – Features", f"{base}/ogc/features", "application/json", tk._("For maps")),
        FormatLink("DCAT-AP (Turtle)", f"{base}/catalog.ttl", "text/turtle", tk._("For catalogues")),
        FormatLink("DCAT-AP (RDF/XML)", f"{base}/catalog.xml", "application/rdf+xml", tk._("For catalogues")),
        FormatLink("DCAT-AP (JSON-LD)", f"{base}/catalog.jsonld", "application/ld+json", tk._("For catalogues")),
        FormatLink(
            "CSW 2.0.2",
            f"{base}/csw?service=CSW&version=2.0.2&request=GetCapabilities",
            "application/xml",
            tk._("For geographic catalogues"),
        ),
    ]


def _record(pkg: dict[str, Any]) -> Record:
    """Build the record of the dataset that a page shows, once for all that the page says of it."""
    kept = g.get("lrtzc_standards_record")
    if kept is None or kept[0] is not pkg:
        kept = g.lrtzc_standards_record = (pkg, record(pkg, get_site()))
    return kept[1]


def lrtzc_structured_data(pkg: dict[str, Any] | None = None) -> str:
    """Give schema.org's JSON-LD of a dataset's page with its breadcrumb, or of the home page; safe in a script."""
    site = get_site()
    if not pkg or not pkg.get("id"):
        return schemaorg.script_text(schemaorg.catalogue(site))
    found = _record(pkg)
    steps = [(site.title, f"{site.url}/"), (tk._("Datasets"), f"{site.url}/dataset/"), (found.title, found.page)]
    graph = [schemaorg.dataset(found, site), schemaorg.breadcrumb(steps)]
    return schemaorg.script_text(graph)
