"""The addresses for machines, asked as clients ask them."""

import json

import pyoxigraph as ox
import pytest
from ckan.tests import factories, helpers
from ckan.tests.helpers import call_action
from lxml import etree
from rdflib import Graph
from rdflib.namespace import DCTERMS, RDF

from ckanext.lrtzc.standards.domain.dcat import DCAT, HYDRA
from ckanext.lrtzc.standards.tests.samples import HOSTILE

pytestmark = [
    pytest.mark.usefixtures("rooms_db", "clean_index"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture
def organization(rooms_db):
    return factories.Organization(title="Agglomération")


@pytest.fixture
def dataset(organization, clean_index):
    return a_dataset(organization)


def a_dataset(organization, **fields):
    filled = {
        "title": "Pistes cyclables",
        "notes": "Les pistes, commune par commune.",
        "owner_org": organization["id"],
        "license_id": "lov2",
        "resources": [{"url": "https://geo.example.org/pistes.geojson", "format": "GeoJSON", "name": "Carte"}],
    }
    return factories.Dataset(**{**filled, **fields})


def graph(response, form="turtle"):
    return Graph().parse(data=response.body, format=form)


class TestCatalogue:
    def test_each_syntax_holds_the_dataset(self, app, dataset):
        for ending, content_type, syntax in (
            ("ttl", "text/turtle; charset=utf-8", "turtle"),
            ("xml", "application/rdf+xml; charset=utf-8", "xml"),
            ("rdf", "application/rdf+xml; charset=utf-8", "xml"),
            ("jsonld", "application/ld+json", "json-ld"),
        ):
            response = app.get(f"/catalog.{ending}")
            assert response.content_type == content_type
            found = graph(response, syntax)
            [ref] = found.subjects(RDF.type, DCAT.Dataset)
            assert str(found.value(ref, DCTERMS.title)) == "Pistes cyclables"

    def test_pages_follow_each_other_and_miss_nothing(self, app, organization, ckan_config, monkeypatch):
        monkeypatch.setitem(ckan_config, "ckanext.lrtzc.standards.catalogue_page", 2)
        for _number in range(5):
            a_dataset(organization)
        seen, address, pages = set(), "/catalog.ttl", 0
        while address:
            found = graph(app.get(address))
            seen |= {str(title) for title in found.subjects(RDF.type, DCAT.Dataset)}
            [view] = found.subjects(RDF.type, HYDRA.PartialCollectionView)
            assert int(found.value(view, HYDRA.totalItems)) == 5
            following = found.value(view, HYDRA.next)
            address = "/" + str(following).split("/", 3)[3] if following else None
            pages += 1
        assert (len(seen), pages) == (5, 3)

    def test_page_beyond_the_last_is_empty_and_points_back(self, app, dataset):
        found = graph(app.get("/catalog.ttl?page=40"))
        [view] = found.subjects(RDF.type, HYDRA.PartialCollectionView)
        assert str(found.value(view, HYDRA.previous)).endswith("page=1")
        assert not list(found.subjects(RDF.type, DCAT.Dataset))

    def test_bad_parameters_are_answered_plainly(self, app, dataset):
        for query in (
            "page=0",
            "page=-1",
            "page=x",
            "page=99999999999",
            "page=9999999",
            "modified_since=hier",
            "fq={!join}x",
        ):
            response = app.get(f"/catalog.ttl?{query}", status=400)
            assert response.content_type.startswith(("text/plain", "application/problem+json")), query
        # signs in words that are searched mean nothing: they are words
        app.get("/catalog.ttl?q=a:b:c(", status=200)

    def test_filters(self, app, organization):
        a_dataset(organization, title="Qualité de l'eau", tags=[{"name": "eau"}])
        a_dataset(organization, title="Qualité de l'air")
        assert len(list(graph(app.get("/catalog.ttl?fq=tags:eau")).subjects(RDF.type, DCAT.Dataset))) == 1
        assert len(list(graph(app.get("/catalog.ttl?q=air")).subjects(RDF.type, DCAT.Dataset))) == 1
        assert len(list(graph(app.get("/catalog.ttl?modified_since=2999")).subjects(RDF.type, DCAT.Dataset))) == 0
        assert len(list(graph(app.get("/catalog.ttl?modified_since=2020-01")).subjects(RDF.type, DCAT.Dataset))) == 2

    def test_private_datasets_are_not_for_strangers(self, app, organization):
        address = f"/dataset/{a_dataset(organization, private=True)['name']}"
        assert not list(graph(app.get("/catalog.ttl")).subjects(RDF.type, DCAT.Dataset))
        app.get(f"{address}.ttl", status=404)
        app.get(f"{address}/croissant.jsonld", status=404)
        app.get(address, headers={"Accept": "text/turtle"}, status=404)

    def test_a_page_costs_the_same_queries_however_long(self, app, organization):
        from ckan.model import meta
        from sqlalchemy import event

        counted = []
        event.listen(meta.engine, "before_cursor_execute", lambda *_: counted.append(1))
        costs = []
        for number in (1, 5):
            while call_action("package_search", rows=0)["count"] < number:
                a_dataset(organization)
            app.get("/catalog.ttl")
            counted.clear()
            app.get(f"/catalog.ttl?page=1&q=*:*&fq=%2Bstate:active&n={number}")
            costs.append(len(counted))
        assert len(set(costs)) == 1, costs

    def test_hostile_metadata_never_ends_in_an_error(self, app, organization):
        texts = [text.replace("\x00", "").encode("utf-8", "ignore").decode() for text in HOSTILE]
        for number in range(3):
            title, notes = " ".join(texts[number::3])[:250], " ".join(texts[number::3])
            a_dataset(organization, name=f"h-{number}", title=title, notes=notes, provenance=notes, version="<&>")
        for ending, syntax in (
            ("ttl", ox.RdfFormat.TURTLE),
            ("xml", ox.RdfFormat.RDF_XML),
            ("jsonld", ox.RdfFormat.JSON_LD),
        ):
            triples = list(ox.parse(app.get(f"/catalog.{ending}").body.encode(), format=syntax))
            assert sum(t.object == ox.NamedNode(str(DCAT.Dataset)) for t in triples) == 3
        for number in range(3):
            for ending in (".ttl", ".xml", "/schema.org.jsonld", "/croissant.jsonld", "/iso19139.xml"):
                app.get(f"/dataset/h-{number}{ending}", status=200)


class TestNegotiation:
    def test_dataset_page_answers_in_the_form_asked(self, app, dataset):
        for accept, content_type in (
            ("text/turtle", "text/turtle"),
            ("application/ld+json", "application/ld+json"),
            ("text/html;q=0.2, application/rdf+xml;q=0.9", "application/rdf+xml"),
            (BROWSER, "text/html"),
        ):
            for address in (f"/dataset/{dataset['name']}", "/"):
                response = app.get(address, headers={"Accept": accept})
                assert response.content_type.startswith(content_type)
                assert "Accept" in response.headers["Vary"]

    def test_nothing_acceptable_is_406_and_says_what_is(self, app, dataset):
        response = app.get(f"/dataset/{dataset['name']}", headers={"Accept": "image/png"}, status=406)
        assert "Turtle" in response.body
        assert "Accept" in response.headers["Vary"]

    def test_content_location_names_the_form(self, app, dataset):
        response = app.get(f"/dataset/{dataset['id']}", headers={"Accept": "text/turtle"})
        assert response.headers["Content-Location"].endswith(f"/dataset/{dataset['name']}.ttl")

    def test_catalogue_sends_people_to_its_page(self, app):
        assert app.get("/catalog", headers={"Accept": BROWSER}, follow_redirects=False).status_code == 303
        assert app.get("/catalog", headers={"Accept": "text/turtle"}).content_type.startswith("text/turtle")

    def test_unknown_dataset_is_404_in_every_form(self, app, rooms_db):
        for ending in (".ttl", ".jsonld", "/schema.org.jsonld", "/iso19139.xml"):
            app.get(f"/dataset/nothing{ending}", status=404)
        for accept in ("text/turtle", "application/json"):
            app.get("/dataset/nothing", headers={"Accept": accept}, status=404)


class TestOtherFormats:
    def test_dataset_in_each_form(self, app, dataset):
        base = f"/dataset/{dataset['name']}"
        assert json.loads(app.get(f"{base}/schema.org.jsonld").body)["name"] == "Pistes cyclables"
        assert json.loads(app.get(f"{base}/croissant.jsonld").body)["@type"] == "sc:Dataset"
        assert etree.fromstring(app.get(f"{base}/iso19139.xml").body.encode()).tag.endswith("MD_Metadata")

    def test_tables_are_not_geographic(self, app, organization):
        table = a_dataset(organization, resources=[{"url": "https://a.example.org/a.csv", "format": "CSV"}])
        app.get(f"/dataset/{table['name']}/iso19139.xml", status=404)

    def test_dictionary_of_a_table_as_table_schema_and_croissant(self, app, organization):
        table = a_dataset(organization, resources=[{"url": "https://a.example.org/a.csv", "format": "CSV"}])
        resource = table["resources"][0]["id"]
        call_action(
            "datastore_create",
            {"user": factories.Sysadmin()["name"]},
            resource_id=resource,
            force=True,
            fields=[
                {"id": "code", "type": "text", "info": {"label": "Code INSEE"}},
                {"id": "part", "type": "numeric", "info": {"unit": "%"}},
            ],
            records=[{"code": "17300", "part": 12.5}],
        )
        schema = json.loads(app.get(f"/dataset/{table['id']}/resource/{resource}/table-schema.json").body)
        assert [(field["name"], field["type"]) for field in schema["fields"]] == [
            ("code", "string"),
            ("part", "number"),
        ]
        described = json.loads(app.get(f"/dataset/{table['name']}/croissant.jsonld").body)
        assert [field["name"] for field in described["recordSet"][0]["field"]] == ["code", "part"]
        found = graph(app.get(f"/dataset/{table['name']}.ttl"))
        assert len(list(found.subjects(DCAT.servesDataset))) == 1
        app.get(f"/dataset/{table['id']}/resource/other/table-schema.json", status=404)

    def test_links_are_offered_for_templates(self, app, dataset):
        from ckanext.lrtzc.standards.helpers import lrtzc_standard_links, lrtzc_structured_data

        with app.flask_app.test_request_context("/"):
            names = [link.name for link in lrtzc_standard_links(dataset)]
            assert "ISO 19139" in names
            for link in lrtzc_standard_links(dataset)[:-1]:
                assert app.get(link.url).content_type.startswith(link.media_type)
            assert [link.name for link in lrtzc_standard_links()][-1] == "CSW 2.0.2"
            described = json.loads(lrtzc_structured_data(dataset))
            assert [one["@type"] for one in described] == ["Dataset", "BreadcrumbList"]
            assert json.loads(lrtzc_structured_data())["@type"] == "DataCatalog"


class TestActions:
    def test_ckanext_dcat_s_actions_are_answered_here(self, app, dataset):
        written = call_action("dcat_dataset_show", id=dataset["id"], format="ttl")
        found = Graph().parse(data=written, format="turtle")
        assert (None, DCAT.landingPage, None) in found
        catalogue = call_action("dcat_catalog_show", format="jsonld")
        assert json.loads(catalogue)["@context"]["dcat"] == str(DCAT)

    def test_unknown_format_is_refused(self, dataset):
        import ckan.plugins.toolkit as tk

        with pytest.raises(tk.ValidationError):
            call_action("dcat_dataset_show", id=dataset["id"], format="docx")

    def test_rights_hold(self, organization):
        import ckan.plugins.toolkit as tk

        hidden = a_dataset(organization, private=True)
        with pytest.raises(tk.NotAuthorized):
            helpers.call_action("dcat_dataset_show", {"user": "", "ignore_auth": False}, id=hidden["id"], format="ttl")
