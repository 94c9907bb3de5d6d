"""Objects that DCAT has no class for, and what every object stands on, in PROV-O (W3C Recommendation, 30 April 2013).

Datasets, algorithms and restitutions are entities, a use case is an activity. `derived_from` is `prov:wasDerivedFrom`
between entities and `prov:wasInformedBy` between activities; `uses` is `prov:used`; what a restitution is
`produced_by` is `prov:wasGeneratedBy` for a use case, and for datasets and algorithms the activity that made it, which
`prov:used` them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, RDF, XSD

from .dcat import DCAT
from .site import Site
from .values import link, moment, text

PROV = Namespace("http://www.w3.org/ns/prov#")
SCHEMA = Namespace("http://schema.org/")
CLASSES: Mapping[str, tuple[URIRef, ...]] = MappingProxyType(
    {
        "dataset": (PROV.Entity,),
        "algorithm": (PROV.Entity, SCHEMA.SoftwareSourceCode),
        "restitution": (PROV.Entity, SCHEMA.CreativeWork),
        "use-case": (PROV.Activity, SCHEMA.Project),
    }
)
_TEXTS = {"title": DCTERMS.title, "notes": DCTERMS.description}


@dataclass(frozen=True, slots=True)
class Stand:
    """A link seen from an object.

    `kind` is `derived_from`, `uses` or `produced_by`; `inwards`: the other one says it; `id`, `type` and `title` are
    the other one's.
    """

    kind: str
    inwards: bool
    id: str
    type: str
    title: str


def address(site: Site, type_: str, identifier: str) -> URIRef:
    """Give the address of an object, by its identifier (the one that never changes)."""
    return URIRef(f"{site.url}/{quote(type_)}/{quote(identifier, safe='')}")


def add_lineage(graph: Graph, ref: URIRef, type_: str, links: Iterable[Stand], site: Site) -> None:
    """Say in `graph` what the object `ref` stands on and what stands on it; each other one by class and title."""
    for each in links:
        other = address(site, each.type, each.id)
        for class_ in CLASSES[each.type]:
            graph.add((other, RDF.type, class_))
        graph.add((other, DCTERMS.title, Literal(each.title)))
        if each.inwards:
            _say(graph, each.kind, other, each.type, ref, type_)
        else:
            _say(graph, each.kind, ref, type_, other, each.type)


def add_reuses(graph: Graph, ref: URIRef, reuses: Iterable[tuple[str, str]]) -> None:
    """Say in `graph` which reuses were made of the object `ref`: each by address and title.

    DCAT-AP 3 has `dcterms:isReferencedBy` for what points to a dataset.
    """
    for where, title in reuses:
        other = URIRef(where)
        graph.add((ref, DCTERMS.isReferencedBy, other))
        graph.add((other, RDF.type, SCHEMA.CreativeWork))
        graph.add((other, DCTERMS.title, Literal(title)))


def _say(graph: Graph, kind: str, source: URIRef, source_type: str, target: URIRef, target_type: str) -> None:
    graph.add((source, RDF.type, CLASSES[source_type][0]))
    if kind == "derived_from":
        predicate = PROV.wasInformedBy if source_type == "use-case" else PROV.wasDerivedFrom
        graph.add((source, predicate, target))
    elif kind == "uses":
        graph.add((source, PROV.used, target))
    elif target_type == "use-case":
        graph.add((source, PROV.wasGeneratedBy, target))
    else:
        making = URIRef(f"{source}#making")
        graph.add((making, RDF.type, PROV.Activity))
        graph.add((source, PROV.wasGeneratedBy, making))
        graph.add((making, PROV.used, target))


def object_graph(graph: Graph, source: Mapping[str, Any], licence: str | None, site: Site) -> URIRef:
    """Describe an algorithm, a restitution or a use case in `graph`; gives its node.

    :param source: the object as `package_show` gives it
    :param licence: the address of its licence's text
    """
    ref = address(site, source["type"], source["id"])
    for class_ in CLASSES[source["type"]]:
        graph.add((ref, RDF.type, class_))
    for name, predicate in _TEXTS.items():
        if said := text(source.get(name)):
            graph.add((ref, predicate, Literal(said, lang=site.language)))
    graph.add((ref, DCTERMS.identifier, Literal(source["id"])))
    for tag in source.get("tags") or []:
        graph.add((ref, DCAT.keyword, Literal(tag["name"])))
    for name, predicate in (("metadata_created", DCTERMS.created), ("metadata_modified", DCTERMS.modified)):
        if when := moment(str(source.get(name) or "")):
            graph.add((ref, predicate, Literal(when, datatype=XSD.dateTime if len(when) > 10 else XSD.date)))
    if address_of_terms := link(licence):
        graph.add((ref, DCTERMS.license, URIRef(address_of_terms)))
    if page := link(source.get("url")):
        graph.add((ref, SCHEMA.url, URIRef(page)))
    organisation = source.get("organization") or {}
    if name := text(organisation.get("title")):
        publisher = URIRef(f"{site.url}/organization/{quote(str(organisation['id']), safe='')}")
        graph.add((ref, DCTERMS.publisher, publisher))
        graph.add((publisher, RDF.type, PROV.Organization))
        graph.add((publisher, DCTERMS.title, Literal(name)))
    if source["type"] == "algorithm":
        for resource in source.get("resources") or []:
            where = link(resource.get("url"))
            if where and not resource.get("url_type"):
                graph.add((ref, SCHEMA.codeRepository, URIRef(where)))
    return ref
