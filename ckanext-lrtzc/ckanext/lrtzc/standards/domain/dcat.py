"""What DCAT-AP 3.0.1 asks and ckanext-dcat's profiles don't write.

Those profiles have put a cleaned dataset in an rdflib graph; here the classes that the official shapes demand are
declared, and licences, formats, places, axes and the data service are added. Nodes carry an `rdfs:label` where
readers (ckanext-dcat, udata) would otherwise keep an address instead of a word.
"""

from typing import Any

from rdflib import BNode, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, FOAF, OWL, RDF, RDFS, SKOS, XSD

from . import vocabulary as v
from .geometry import as_text, box_geometry, wkt
from .record import Distribution, Record
from .site import Site

DCAT = Namespace("http://www.w3.org/ns/dcat#")
DCATAP = Namespace("http://data.europa.eu/r5r/")
ADMS = Namespace("http://www.w3.org/ns/adms#")
SPDX = Namespace("http://spdx.org/rdf/terms#")
GSP = Namespace("http://www.opengis.net/ont/geosparql#")
ELI = Namespace("http://data.europa.eu/eli/ontology#")
HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
GEOJSON = URIRef("https://www.iana.org/assignments/media-types/application/vnd.geo+json")

PREFIXES = {
    "adms": str(ADMS),
    "dcat": str(DCAT),
    "dcatap": str(DCATAP),
    "dct": str(DCTERMS),
    "eli": str(ELI),
    "foaf": str(FOAF),
    "gsp": str(GSP),
    "hydra": str(HYDRA),
    "owl": str(OWL),
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": str(RDF),
    "rdfs": str(RDFS),
    "skos": str(SKOS),
    "spdx": str(SPDX),
    "vcard": str(VCARD),
    "xsd": str(XSD),
}


def complete_dataset(graph: Graph, ref: URIRef, cleaned: dict[str, Any], record: Record, site: Site) -> None:
    """Add to `graph` what is missing of the dataset `ref`, written there from `cleaned` by ckanext-dcat."""
    graph.remove((ref, DCTERMS.identifier, None))
    graph.add((ref, DCTERMS.identifier, Literal(record.identifier)))
    if (ref, DCAT.landingPage, None) not in graph:
        graph.add((ref, DCAT.landingPage, URIRef(record.page)))
    _declare(graph, ref, DCAT.landingPage, FOAF.Document)
    _themes(graph, ref, record, site)
    _places(graph, ref, record)
    _agents(graph, ref)
    for category in graph.objects(ref, DCATAP.hvdCategory):
        graph.add((category, RDF.type, SKOS.Concept))
    _declare(graph, ref, DCTERMS.accessRights, DCTERMS.RightsStatement)
    _declare(graph, ref, DCTERMS.accrualPeriodicity, DCTERMS.Frequency)
    _declare(graph, ref, DCTERMS.type, SKOS.Concept)
    _declare(graph, ref, DCTERMS.conformsTo, DCTERMS.Standard)
    for resource, distribution in zip(cleaned["resources"], record.distributions, strict=True):
        _distribution(graph, URIRef(distribution.uri), resource, distribution, record)


def _declare(graph: Graph, subject: Any, predicate: URIRef, kind: URIRef) -> None:
    for node in list(graph.objects(subject, predicate)):
        if not isinstance(node, Literal):
            graph.add((node, RDF.type, kind))


def _themes(graph: Graph, ref: URIRef, record: Record, site: Site) -> None:
    _declare(graph, ref, DCAT.theme, SKOS.Concept)
    for theme in record.themes:
        node = URIRef(v.authority("data-theme", theme.code))
        graph.add((node, SKOS.prefLabel, Literal(theme.label, lang="fr")))
        graph.add((node, SKOS.inScheme, URIRef(v.DATA_THEMES)))
    for code in record.axes:
        node = URIRef(site.axis_url(code))
        graph.add((ref, DCAT.theme, node))
        graph.add((node, RDF.type, SKOS.Concept))
        graph.add((node, SKOS.notation, Literal(code)))
        graph.add((node, SKOS.prefLabel, Literal(site.axes[code], lang=site.language)))
        graph.add((node, SKOS.inScheme, URIRef(f"{site.url}/axes")))


def _places(graph: Graph, ref: URIRef, record: Record) -> None:
    for commune in record.communes:
        node = URIRef(commune.uri)
        graph.add((ref, DCTERMS.spatial, node))
        graph.add((node, RDF.type, DCTERMS.Location))
        graph.add((node, DCTERMS.identifier, Literal(commune.code)))
        graph.add((node, SKOS.prefLabel, Literal(commune.name, lang="fr")))
    if record.geometry:
        place = BNode()
        graph.add((ref, DCTERMS.spatial, place))
        graph.add((place, RDF.type, DCTERMS.Location))
        # The shapes want a node at locn:geometry, at which ckanext-dcat breaks. It reads the box, udata the GeoJSON.
        graph.add((place, GSP.asWKT, Literal(wkt(record.geometry), datatype=GSP.wktLiteral)))
        graph.add((place, GSP.asGeoJSON, Literal(as_text(record.geometry), datatype=GEOJSON)))
        if record.box:
            graph.add((place, DCAT.bbox, Literal(wkt(box_geometry(record.box)), datatype=GSP.wktLiteral)))


def _agents(graph: Graph, ref: URIRef) -> None:
    for predicate in (DCTERMS.publisher, DCTERMS.creator):
        for agent in list(graph.objects(ref, predicate)):
            _declare(graph, agent, DCTERMS.type, SKOS.Concept)
            _declare(graph, agent, FOAF.homepage, FOAF.Document)
    # DCAT-AP knows one publisher; ckanext-dcat writes as many as there are.
    for extra in list(graph.objects(ref, DCTERMS.publisher))[1:]:
        graph.remove((ref, DCTERMS.publisher, extra))
        graph.add((ref, DCTERMS.creator, extra))


def name_concepts(graph: Graph) -> None:
    """Give each concept without a label its known French name, or the last part of its address."""
    for concept in set(graph.subjects(RDF.type, SKOS.Concept)):
        if (concept, SKOS.prefLabel, None) not in graph:
            code = str(concept).rstrip("/").rpartition("/")[2].rpartition("#")[2]
            name = v.CONCEPTS.get(code)
            graph.add((concept, SKOS.prefLabel, Literal(name, lang="fr") if name else Literal(code or str(concept))))


def _distribution(
    graph: Graph, ref: URIRef, resource: dict[str, Any], distribution: Distribution, record: Record
) -> None:
    if (ref, DCAT.accessURL, None) not in graph:
        graph.add((ref, DCAT.accessURL, URIRef(distribution.address or distribution.page)))
    if resource.get("uploaded") and distribution.address:
        graph.add((ref, DCAT.downloadURL, URIRef(distribution.address)))
    graph.add((ref, DCTERMS.identifier, Literal(distribution.id)))
    _licence(graph, ref, record)
    _format(graph, ref, distribution)
    _declare(graph, ref, DCTERMS.rights, DCTERMS.RightsStatement)
    _declare(graph, ref, ADMS.status, SKOS.Concept)
    _declare(graph, ref, DCATAP.availability, SKOS.Concept)
    for node in list(graph.objects(ref, SPDX.checksum)):
        graph.remove((node, SPDX.algorithm, None))
        algorithm = SPDX[f"checksumAlgorithm_{resource['hash_algorithm']}"]
        graph.add((node, SPDX.algorithm, algorithm))
        graph.add((algorithm, RDF.type, SPDX.ChecksumAlgorithm))
    if distribution.in_datastore:
        schema = URIRef(f"{distribution.page}/table-schema.json")
        graph.add((ref, DCTERMS.conformsTo, schema))
        graph.add((schema, RDFS.label, Literal("Table Schema")))
    _declare(graph, ref, DCTERMS.conformsTo, DCTERMS.Standard)
    for service in graph.objects(ref, DCAT.accessService):
        _declare(graph, service, DCTERMS.license, DCTERMS.LicenseDocument)
        _declare(graph, service, DCTERMS.conformsTo, DCTERMS.Standard)


def _licence(graph: Graph, ref: URIRef, record: Record) -> None:
    if (ref, DCTERMS.license, None) not in graph and record.licence:
        graph.add((ref, DCTERMS.license, URIRef(record.licence.uri)))
    for node in list(graph.objects(ref, DCTERMS.license)):
        # ckanext-dcat calls every licence “unknown IPR”: a false statement.
        graph.remove((node, DCTERMS.type, None))
        graph.add((node, RDF.type, DCTERMS.LicenseDocument))
        known = v.licence(None, str(node), None)
        if known and known.title != known.uri:
            graph.add((node, DCTERMS.title, Literal(known.title)))
        elif record.licence and record.licence.uri == str(node):
            graph.add((node, DCTERMS.title, Literal(record.licence.title)))
        if known and known.authority:
            graph.add((node, OWL.sameAs, URIRef(v.authority("licence", known.authority))))


def _format(graph: Graph, ref: URIRef, distribution: Distribution) -> None:
    graph.remove((ref, DCTERMS["format"], None))
    graph.remove((ref, DCAT.mediaType, None))
    key = v.format_key(distribution.format) or v.format_key(distribution.media_type)
    if key and v.FORMATS[key].file_type:
        node: URIRef | BNode = URIRef(v.authority("file-type", str(v.FORMATS[key].file_type)))
    elif distribution.format:
        node = BNode()
    else:
        node = BNode() if distribution.media_type is None else URIRef(v.IANA + distribution.media_type)
    if distribution.format or key:
        graph.add((ref, DCTERMS["format"], node))
        # Readers of the first DCAT-AP, ckanext-dcat among them, take the label only of a dct:IMT.
        graph.add((node, RDF.type, DCTERMS.IMT))
        graph.add((node, RDF.type, DCTERMS.MediaTypeOrExtent))
        graph.add((node, RDFS.label, Literal(distribution.format or (key or "").upper())))
    if distribution.media_type:
        media = URIRef(v.IANA + distribution.media_type)
        graph.add((ref, DCAT.mediaType, media))
        graph.add((media, RDF.type, DCTERMS.MediaType))
        graph.add((media, RDFS.label, Literal(distribution.media_type)))


def add_catalogue(graph: Graph, site: Site, modified: str | None = None) -> URIRef:
    """Describe the catalogue itself; gives its node. `modified` is an ISO 8601 text."""
    ref = URIRef(site.url)
    graph.add((ref, RDF.type, DCAT.Catalog))
    graph.add((ref, DCTERMS.title, Literal(site.title, lang=site.language)))
    graph.add((ref, DCTERMS.description, Literal(site.description or site.title, lang=site.language)))
    graph.add((ref, FOAF.homepage, URIRef(site.url + "/")))
    graph.add((URIRef(site.url + "/"), RDF.type, FOAF.Document))
    language = URIRef(v.authority("language", v.LANGUAGES.get(site.language, v.LANGUAGES["fr"])[1]))
    graph.add((ref, DCTERMS.language, language))
    graph.add((language, RDF.type, DCTERMS.LinguisticSystem))
    publisher = URIRef(site.publisher_url or f"{site.url}/#publisher")
    graph.add((ref, DCTERMS.publisher, publisher))
    graph.add((publisher, RDF.type, FOAF.Agent))
    graph.add((publisher, FOAF.name, Literal(site.publisher or site.title)))
    for scheme, title in ((URIRef(v.DATA_THEMES), "Data theme"), (URIRef(f"{site.url}/axes"), site.title)):
        graph.add((ref, DCAT.themeTaxonomy, scheme))
        graph.add((scheme, RDF.type, SKOS.ConceptScheme))
        graph.add((scheme, DCTERMS.title, Literal(title)))
    for commune in site.communes.values():
        graph.add((ref, DCTERMS.spatial, URIRef(commune.uri)))
        graph.add((URIRef(commune.uri), RDF.type, DCTERMS.Location))
    if modified:
        graph.add((ref, DCTERMS.modified, Literal(modified, datatype=XSD.dateTime)))
    return ref


def add_data_service(graph: Graph, catalogue: URIRef, served: list[URIRef], site: Site) -> None:
    """Describe the programming interface that serves the rows of the datasets `served`.

    It stands beside the datasets (`dcat:service`, `dcat:servesDataset`), not on their distributions: a
    distribution with `dcat:accessService` is read by udata as an interface, no more as a file.
    """
    if not served:
        return
    service = URIRef(f"{site.url}/api/3/action/datastore_search")
    graph.add((catalogue, DCAT.service, service))
    graph.add((service, RDF.type, DCAT.DataService))
    graph.add((service, DCTERMS.title, Literal(f"{site.title} – API")))
    graph.add((service, DCAT.endpointURL, service))
    description = URIRef(f"{site.url}/api/3/action/help_show?name=datastore_search")
    graph.add((service, DCAT.endpointDescription, description))
    graph.add((service, DCTERMS.publisher, URIRef(site.publisher_url or f"{site.url}/#publisher")))
    for dataset in served:
        graph.add((service, DCAT.servesDataset, dataset))


def add_paging(graph: Graph, catalogue: URIRef, pages: dict[str, str], total: int, per_page: int) -> None:
    """Link the pages (`current`, `first`, `last`, `next`, `previous`: addresses) in the words of Hydra, old and new."""
    current = URIRef(pages["current"])
    graph.add((catalogue, RDF.type, HYDRA.Collection))
    graph.add((catalogue, HYDRA.view, current))
    graph.add((catalogue, HYDRA.totalItems, Literal(total)))
    graph.add((current, RDF.type, HYDRA.PartialCollectionView))
    graph.add((current, RDF.type, HYDRA.PagedCollection))
    graph.add((current, HYDRA.totalItems, Literal(total)))
    graph.add((current, HYDRA.itemsPerPage, Literal(per_page)))
    for name in ("first", "last", "next", "previous"):
        if name in pages:
            graph.add((current, HYDRA[name], URIRef(pages[name])))
            graph.add((current, HYDRA[f"{name}Page"], URIRef(pages[name])))
