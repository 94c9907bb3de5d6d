"""DCAT-AP of single datasets: valid by the official shapes, complete, and never an error on odd metadata."""

import json

import pyoxigraph as ox
import pytest
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, RDF, RDFS, SKOS

from ckanext.lrtzc.standards.domain import vocabulary as v
from ckanext.lrtzc.standards.domain.dcat import (
    DCAT,
    DCATAP,
    GSP,
    HYDRA,
    SPDX,
    add_catalogue,
    add_data_service,
    add_paging,
    name_concepts,
)
from ckanext.lrtzc.standards.domain.rdf import write
from ckanext.lrtzc.standards.tests.samples import HOSTILE, ODD, SITE, full_dataset

# rdflib's own readers and pyshacl use what rdflib calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

REF = URIRef(SITE.dataset_url(full_dataset()["id"]))
FILE = URIRef(SITE.resource_url(full_dataset()["id"], "r1"))
FORMATS = {"ttl": "turtle", "xml": "xml", "jsonld": "json-ld", "n3": "n3"}


def graph_of(*datasets):
    from ckanext.lrtzc.standards.profile import GraphWriter

    writer = GraphWriter(SITE)
    catalogue = add_catalogue(writer.graph, SITE, "2024-06-07T09:10:11+00:00")
    for dataset in datasets:
        ref = writer.add(dataset)
        writer.graph.add((catalogue, DCAT.dataset, ref))
    add_data_service(writer.graph, catalogue, writer.served, SITE)
    address = f"{SITE.url}/catalog.ttl?page="
    pages = {"current": address + "1", "first": address + "1", "last": address + "2", "next": address + "2"}
    add_paging(writer.graph, catalogue, pages, 2 * len(datasets), len(datasets))
    name_concepts(writer.graph)
    return writer.graph


def read_back(graph, form="ttl"):
    return Graph().parse(data=write(graph, form), format=FORMATS[form])


@pytest.fixture(scope="module")
def whole():
    return read_back(graph_of(full_dataset()))


def one(graph, subject, predicate):
    [found] = graph.objects(subject, predicate)
    return found


class TestDataset:
    def test_what_dcat_ap_makes_mandatory_is_there(self, whole):
        """Without the shapes: DCAT-AP 3.0.1 §7, mandatory properties and classes of their values."""
        catalogue = URIRef(SITE.url)
        for subject, kind, mandatory in (
            (catalogue, DCAT.Catalog, (DCTERMS.title, DCTERMS.description, DCTERMS.publisher)),
            (REF, DCAT.Dataset, (DCTERMS.title, DCTERMS.description)),
            (FILE, DCAT.Distribution, (DCAT.accessURL,)),
        ):
            assert (subject, RDF.type, kind) in whole
            for predicate in mandatory:
                assert list(whole.objects(subject, predicate)), predicate
        for predicate, kind in (
            (DCTERMS.publisher, URIRef("http://xmlns.com/foaf/0.1/Agent")),
            (DCAT.contactPoint, URIRef("http://www.w3.org/2006/vcard/ns#Kind")),
            (DCAT.theme, SKOS.Concept),
            (DCTERMS.language, DCTERMS.LinguisticSystem),
            (DCTERMS.accrualPeriodicity, DCTERMS.Frequency),
            (DCTERMS.accessRights, DCTERMS.RightsStatement),
            (DCTERMS.license, DCTERMS.LicenseDocument),
            (DCTERMS["format"], DCTERMS.MediaTypeOrExtent),
            (DCAT.mediaType, DCTERMS.MediaType),
            (DCTERMS.spatial, DCTERMS.Location),
            (DCTERMS.temporal, DCTERMS.PeriodOfTime),
            (DCTERMS.conformsTo, DCTERMS.Standard),
            (DCTERMS.provenance, DCTERMS.ProvenanceStatement),
            (SPDX.checksum, SPDX.Checksum),
            (DCATAP.hvdCategory, SKOS.Concept),
        ):
            values = list(whole.objects(None, predicate))
            assert values, predicate
            for value in values:
                assert (value, RDF.type, kind) in whole, (predicate, value)

    def test_words_of_the_european_catalogue(self, whole):
        assert one(whole, REF, DCTERMS.identifier) == Literal("bornes-17")
        assert one(whole, REF, DCTERMS.accrualPeriodicity) == URIRef(v.authority("frequency", "MONTHLY"))
        assert one(whole, FILE, DCTERMS["format"]) == URIRef(v.authority("file-type", "CSV"))
        assert one(whole, FILE, DCAT.mediaType) == URIRef(v.IANA + "text/csv")
        assert one(whole, FILE, DCTERMS.license) == URIRef("https://www.etalab.gouv.fr/licence-ouverte-open-licence")
        assert int(one(whole, FILE, DCAT.byteSize)) == 123456
        checksum = one(whole, FILE, SPDX.checksum)
        assert one(whole, checksum, SPDX.algorithm) == SPDX.checksumAlgorithm_sha256

    @pytest.mark.parametrize(("said", "code"), [("", "RESTRICTED"), ("non_public", "NON_PUBLIC")])
    def test_files_that_are_held_back_are_restricted_and_have_no_address(self, said, code):
        dataset = full_dataset(access_rights=said)
        for resource in dataset["resources"]:
            resource["held_back"] = True
        graph = read_back(graph_of(dataset))
        assert one(graph, REF, DCTERMS.accessRights) == URIRef(v.authority("access-right", code))
        assert one(graph, FILE, DCAT.accessURL) == FILE
        assert not list(graph.objects(FILE, DCAT.downloadURL))

    def test_communes_are_named_by_the_official_code(self, whole):
        commune = URIRef("http://id.insee.fr/geo/commune/17300")
        assert (REF, DCTERMS.spatial, commune) in whole
        assert one(whole, commune, SKOS.prefLabel) == Literal("La Rochelle", lang="fr")

    def test_outline_and_axes(self, whole):
        assert any(str(text).startswith("POLYGON") for text in whole.objects(None, GSP.asWKT))
        axis = URIRef(f"{SITE.url}/axes#carbon")
        assert (REF, DCAT.theme, axis) in whole
        assert one(whole, axis, SKOS.prefLabel) == Literal("Carbone", lang="fr")

    def test_rows_are_served_beside_the_file(self, whole):
        [service] = whole.subjects(DCAT.servesDataset, REF)
        assert (URIRef(SITE.url), DCAT.service, service) in whole
        assert not list(whole.objects(FILE, DCAT.accessService))
        assert URIRef(f"{FILE}/table-schema.json") in set(whole.objects(FILE, DCTERMS.conformsTo))

    def test_one_publisher_as_dcat_ap_wants(self):
        two = read_back(graph_of(full_dataset(publisher=[{"name": "A", "uri": "https://a.example/"}, {"name": "B"}])))
        assert one(two, REF, DCTERMS.publisher) == URIRef("https://a.example/")

    def test_pages_are_linked_in_old_and_new_words(self, whole):
        [view] = whole.objects(URIRef(SITE.url), HYDRA.view)
        assert (view, RDF.type, HYDRA.PartialCollectionView) in whole
        assert one(whole, view, HYDRA.next) == one(whole, view, HYDRA.nextPage)

    @pytest.mark.parametrize("form", FORMATS)
    def test_every_syntax_says_the_same(self, form, whole):
        assert len(read_back(graph_of(full_dataset()), form)) == len(whole)

    def test_context_of_json_ld_stands_in_the_document(self):
        document = json.loads(write(graph_of(full_dataset()), "jsonld"))
        assert isinstance(document["@context"], dict)
        assert "dct:title" in next(node for node in document["@graph"] if node["@id"] == str(REF))


@pytest.fixture(scope="module")
def shapes(shared_data):
    graph = Graph().parse(shared_data / "dcat" / "dcat-ap-3.0.1-SHACL.ttl")
    sh = Namespace("http://www.w3.org/ns/shacl#")
    for shape, part in list(graph.subject_objects(sh.property)):
        # Some of the official property shapes say nothing but a note: no path, so nothing to check.
        if (part, sh.path, None) not in graph:
            graph.remove((shape, sh.property, part))
    return graph


def assert_valid(graph, shapes):
    pyshacl = pytest.importorskip("pyshacl")
    valid, _report, words = pyshacl.validate(graph, shacl_graph=shapes, advanced=False, meta_shacl=False)
    assert valid, words


class TestShapes:
    def test_whole_dataset_is_valid(self, shapes, whole):
        assert_valid(whole, shapes)

    @pytest.mark.parametrize(
        "changes",
        [
            {"publisher": [], "contact": [], "creator": []},
            {"license_id": "", "license_url": "", "resources": []},
            {"license_id": "other-closed", "license_url": None, "license_title": "Autre"},
            {"theme": ["https://theme.example/x"], "language": ["fr", "en"], "frequency": "annual"},
            {"access_rights": "Sur demande", "communes": [], "spatial": ""},
            {"temporal_coverage": [{"start": "2020"}, {"end": "2021-05"}]},
            {"uri": "https://elsewhere.example/1", "identifier": "https://elsewhere.example/1"},
        ],
        ids=lambda changes: next(iter(changes)),
    )
    def test_partly_filled_datasets_are_valid(self, shapes, changes):
        assert_valid(read_back(graph_of(full_dataset(**changes))), shapes)

    def test_bare_and_hostile_datasets_are_valid(self, shapes):
        datasets = [{"id": "bare", "resources": [{"id": "r"}]}]
        for number, text in enumerate(HOSTILE):
            changes = dict.fromkeys((key for key in full_dataset() if key not in {"id", "resources"}), text)
            datasets.append({**full_dataset(**changes), "id": f"h{number}"})
        assert_valid(read_back(graph_of(*datasets)), shapes)


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:40])
def test_odd_values_never_stop_the_catalogue(odd):
    fields = [key for key in full_dataset() if key not in {"id"}]
    datasets = [full_dataset(**{field: odd}, id=f"d{number}") for number, field in enumerate(fields)]
    for field in full_dataset()["resources"][0]:
        dataset = full_dataset(id=f"r-{field}")
        dataset["resources"][0][field] = odd
        datasets.append(dataset)
    graph = graph_of(*datasets)
    for form, syntax in {
        "ttl": ox.RdfFormat.TURTLE,
        "xml": ox.RdfFormat.RDF_XML,
        "jsonld": ox.RdfFormat.JSON_LD,
    }.items():
        triples = ox.parse(write(graph, form), format=syntax)
        assert sum(triple.object == ox.NamedNode(str(DCAT.Dataset)) for triple in triples) == len(datasets)


def test_field_that_the_profile_can_not_write_is_left_out_alone(monkeypatch):
    from ckanext.lrtzc.standards import profile

    original = profile._EuropeanProfile.graph_from_dataset

    def fragile(self, dataset, ref):
        if "provenance" in dataset or any("size" in one for one in dataset["resources"]):
            raise ValueError("no")
        original(self, dataset, ref)

    monkeypatch.setattr(profile._EuropeanProfile, "graph_from_dataset", fragile)
    found = read_back(graph_of(full_dataset()))
    assert one(found, REF, DCTERMS.title)
    assert one(found, REF, DCTERMS.accrualPeriodicity)
    assert not list(found.objects(REF, DCTERMS.provenance))
    assert len(list(found.objects(REF, DCAT.distribution))) == 2
    assert one(found, FILE, DCTERMS.title) == Literal("Bornes (tableau)")


def test_labels_are_words_for_readers_that_keep_labels(whole):
    assert one(whole, one(whole, FILE, DCTERMS["format"]), RDFS.label) == Literal("CSV")
    assert one(whole, one(whole, FILE, DCAT.mediaType), RDFS.label) == Literal("text/csv")
