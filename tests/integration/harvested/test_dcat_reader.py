"""A DCAT reader goes through all pages of the catalogue and finds the same metadata."""

import pytest
import requests
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, FOAF, RDF, Namespace

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
DCAT = Namespace("http://www.w3.org/ns/dcat#")
HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
SPDX = Namespace("http://spdx.org/rdf/terms#")
SYNTAXES = {"ttl": "turtle", "xml": "xml", "jsonld": "json-ld"}


def read_all(address, syntax):
    """Follow hydra:next from the first page; gives one graph and the number of pages."""
    whole, pages = Graph(), 0
    while address:
        response = requests.get(address, timeout=60)
        response.raise_for_status()
        page = Graph().parse(data=response.content, format=syntax)
        whole += page
        pages += 1
        address = next((str(one) for one in page.objects(None, HYDRA.next)), None)
    return whole, pages


@pytest.mark.parametrize("ending", SYNTAXES)
def test_reader_finds_the_same_metadata(portal, catalogue, ckan_config, monkeypatch, ending):
    monkeypatch.setitem(ckan_config, "ckanext.lrtzc.standards.catalogue_page", 2)
    graph, pages = read_all(f"{portal}/catalog.{ending}", SYNTAXES[ending])
    assert pages == 2
    refs = set(graph.subjects(RDF.type, DCAT.Dataset))
    assert refs == {URIRef(f"{portal}/dataset/{one['id']}") for one in catalogue.values()}
    for dataset in catalogue.values():
        ref = URIRef(f"{portal}/dataset/{dataset['id']}")
        assert graph.value(ref, DCTERMS.title) == Literal(dataset["title"])
        assert graph.value(ref, DCTERMS.description) == Literal(dataset["notes"])
        assert graph.value(ref, DCTERMS.identifier) == Literal(dataset.get("identifier") or dataset["id"])
        assert {str(one) for one in graph.objects(ref, DCAT.keyword)} == {tag["name"] for tag in dataset["tags"]}
        publisher = graph.value(ref, DCTERMS.publisher)
        named = dataset.get("publisher") or [{"name": dataset["organization"]["title"]}]
        assert str(graph.value(publisher, FOAF.name)) == named[0]["name"]
        for person in dataset.get("contact") or []:
            contact = graph.value(ref, DCAT.contactPoint)
            assert str(graph.value(contact, VCARD.fn)) == person["name"]
            assert str(graph.value(contact, VCARD.hasEmail)) == "mailto:" + person["email"]
        for field, predicate in (("frequency", DCTERMS.accrualPeriodicity), ("access_rights", DCTERMS.accessRights)):
            if dataset.get(field):
                assert str(graph.value(ref, predicate)) == dataset[field]
        for code in dataset.get("communes") or []:
            assert (ref, DCTERMS.spatial, URIRef(f"http://id.insee.fr/geo/commune/{code}")) in graph
        for period in dataset.get("temporal_coverage") or []:
            found = graph.value(ref, DCTERMS.temporal)
            assert str(graph.value(found, DCAT.startDate)) == period["start"]
            assert str(graph.value(found, DCAT.endDate)) == period["end"]
        for resource in dataset["resources"]:
            file = URIRef(f"{ref}/resource/{resource['id']}")
            assert (ref, DCAT.distribution, file) in graph
            assert graph.value(file, DCTERMS.title) == Literal(resource["name"])
            assert str(graph.value(file, DCAT.accessURL)) == resource["url"]
            if resource.get("size"):
                assert int(graph.value(file, DCAT.byteSize)) == resource["size"]


def test_udata_finds_what_it_reads(portal, catalogue):
    """What data.gouv.fr's reader takes from DCAT, and where it looks for it (udata/core/dataset/rdf.py)."""
    graph, _pages = read_all(f"{portal}/catalog.xml", "xml")
    assert list(graph.subjects(RDF.type, HYDRA.PartialCollectionView))
    known = {"lov2": "etalab.gouv.fr", "odc-odbl": "opendatacommons.org/licenses/odbl", "cc-by": "creativecommons.org"}
    for dataset in catalogue.values():
        ref = URIRef(f"{portal}/dataset/{dataset['id']}")
        assert isinstance(graph.value(ref, DCTERMS.identifier), Literal)
        assert str(graph.value(ref, DCAT.landingPage)).endswith(f"/dataset/{dataset['name']}")
        for date in (DCTERMS.issued, DCTERMS.modified):
            assert hasattr(graph.value(ref, date).toPython(), "year")
        for file in graph.objects(ref, DCAT.distribution):
            assert known[dataset["license_id"]] in str(graph.value(file, DCTERMS.license))
            # With an access service, udata would take the file for an interface.
            assert not list(graph.objects(file, DCAT.accessService))
            assert str(graph.value(file, DCTERMS.identifier))
            checksum = graph.value(file, SPDX.checksum)
            if checksum is not None:
                assert graph.value(checksum, SPDX.algorithm) == SPDX.checksumAlgorithm_sha256
