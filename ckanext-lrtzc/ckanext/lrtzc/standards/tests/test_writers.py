"""schema.org, Croissant, Table Schema and ISO 19139 as their specifications want them."""

import json
import re
from importlib.util import find_spec
from pathlib import Path

import pytest
from lxml import etree
from owslib.iso import MD_Metadata

from ckanext.lrtzc.standards.domain import croissant, iso19139, schemaorg
from ckanext.lrtzc.standards.domain.record import record
from ckanext.lrtzc.standards.domain.tableschema import table_schema
from ckanext.lrtzc.standards.domain.xml import write
from ckanext.lrtzc.standards.tests.samples import FIELDS, HOSTILE, ODD, SITE, full_dataset

BARE = {"id": "bare"}


def hostile_datasets():
    for one in HOSTILE:
        yield full_dataset(title=one, notes=one, provenance=one, tags=[{"name": one}], publisher=[{"name": one}])
    for one in ODD:
        yield {"id": "odd", **{key: one for key in full_dataset() if key != "id"}}


class TestSchemaOrg:
    def test_dataset_carries_what_search_engines_read(self):
        found = schemaorg.dataset(record(full_dataset(), SITE), SITE)
        assert found["@type"] == "Dataset"
        assert found["license"].startswith("https://www.etalab.gouv.fr/")
        assert found["temporalCoverage"] == ["2020-01-01/2023-12-31"]
        assert found["distribution"][0]["sha256"] == "ab" * 32
        assert found["spatialCoverage"][-1]["geo"]["box"] == "46.1 -1.2 46.2 -1.1"
        assert found["includedInDataCatalog"]["name"] == SITE.title

    def test_nothing_in_a_script_can_close_it(self):
        for dataset in hostile_datasets():
            written = schemaorg.script_text(schemaorg.dataset(record(dataset, SITE), SITE))
            assert "<" not in written
            assert json.loads(written)["@type"] == "Dataset"

    def test_breadcrumb_counts_from_one(self):
        found = schemaorg.breadcrumb([("Accueil", "https://a.example"), ("Jeu", "https://a.example/d")])
        assert [step["position"] for step in found["itemListElement"]] == [1, 2]

    def test_catalogue(self):
        assert schemaorg.catalogue(SITE)["@type"] == "DataCatalog"


def assert_croissant(found):
    """What Croissant 1.0 §“Dataset-level information”, §“Resources” and §“RecordSet” demand."""
    assert found["@type"] == "sc:Dataset"
    assert found["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    assert found["@context"]["cr"] == "http://mlcommons.org/croissant/"
    for required in ("name", "description", "url", "creator", "datePublished", "license"):
        assert found.get(required), required
    files = {one["@id"]: one for one in found.get("distribution", [])}
    for one in files.values():
        assert one["@type"] == "cr:FileObject"
        assert one["contentUrl"].startswith("http")
        assert one["encodingFormat"]
        assert one.get("sha256") or one.get("md5") or found["isLiveDataset"] is True
    seen = set()
    for table in found.get("recordSet", []):
        assert table["@type"] == "cr:RecordSet"
        for field in table["field"]:
            assert field["@type"] == "cr:Field"
            assert field["@id"].startswith(table["@id"] + "/")
            assert field["@id"] not in seen
            seen.add(field["@id"])
            assert re.fullmatch(r"sc:(Text|Integer|Float|Boolean|Date|DateTime)", field["dataType"])
            assert field["source"]["fileObject"]["@id"] in files
            assert field["source"]["extract"]["column"]


class TestCroissant:
    def test_structure_is_the_specification_s(self):
        found = croissant.croissant(record(full_dataset(), SITE), {"r1": croissant.columns(FIELDS)}, SITE)
        assert_croissant(found)
        fields = found["recordSet"][0]["field"]
        assert [field["name"] for field in fields] == ["id_pdc", "puissance", "mise_en_service", "gratuit"]
        assert [field["dataType"] for field in fields] == ["sc:Text", "sc:Float", "sc:Date", "sc:Boolean"]
        assert fields[2]["equivalentProperty"] == "http://schema.org/startDate"
        assert found["version"] == "2.0.0"

    def test_hostile_datasets_are_written(self):
        for dataset in hostile_datasets():
            json.dumps(croissant.croissant(record(dataset, SITE), {}, SITE), allow_nan=False)

    def test_odd_columns_are_left_out(self):
        assert croissant.columns([{"id": None}, {"id": "\x00"}, {"id": "a", "info": "odd"}, {}]) == [
            croissant.Column("a", "text")
        ]

    @pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
    def test_mlcroissant_accepts_it(self, tmp_path):
        import mlcroissant

        found = croissant.croissant(record(full_dataset(), SITE), {"r1": croissant.columns(FIELDS)}, SITE)
        path = tmp_path / "croissant.json"
        path.write_text(json.dumps(found))
        assert mlcroissant.Dataset(jsonld=str(path)).metadata.name == found["name"]


def test_table_schema_keeps_the_dictionary():
    found = table_schema("r1", "Bornes", croissant.columns(FIELDS))
    assert [field["type"] for field in found["fields"]] == ["string", "number", "date", "boolean"]
    assert found["fields"][1] == {"name": "puissance", "type": "number", "title": "Puissance", "unit": "kW"}


def schema_of(path: str) -> etree.XMLSchema:
    """A schema of the OGC, from the development package that carries them; skips where it isn't installed."""
    found = find_spec("pycsw")
    if found is None or not found.submodule_search_locations:
        pytest.skip("pycsw, which carries the OGC's XML schemas, is not installed")
    return etree.XMLSchema(etree.parse(str(Path(found.submodule_search_locations[0]) / path)))


@pytest.fixture(scope="module")
def gmd():
    return schema_of("plugins/profiles/apiso/schemas/ogc/iso/19139/20060504/gmd/gmd.xsd")


class TestIso19139:
    def test_valid_against_the_schema(self, gmd):
        for dataset in (full_dataset(), BARE, full_dataset(communes=[], spatial="", contact=[], resources=[])):
            gmd.assertValid(etree.fromstring(write(iso19139.metadata(record(dataset, SITE), SITE))))

    def test_hostile_datasets_stay_valid(self, gmd):
        for dataset in hostile_datasets():
            gmd.assertValid(etree.fromstring(write(iso19139.metadata(record(dataset, SITE), SITE))))

    def test_owslib_reads_every_field_back(self):
        document = write(iso19139.metadata(record(full_dataset(), SITE), SITE))
        found = MD_Metadata(etree.fromstring(document))
        assert found.identifier == full_dataset()["id"]
        assert found.languagecode == "fre"
        assert found.hierarchy == "dataset"
        assert found.datestamp == "2024-06-07"
        assert found.contact[0].email == "energie@territory.example"
        assert found.referencesystem.code.endswith("4326")
        [identified] = found.identification
        assert identified.title == full_dataset()["title"]
        assert identified.abstract == full_dataset()["notes"]
        assert {one.type: one.date for one in identified.date} == {
            "creation": "2024-01-05",
            "publication": "2023-05-01",
            "revision": "2024-06-01",
        }
        assert identified.topiccategory == ["transportation"]
        assert identified.resourcelanguagecode == ["fre"]
        assert "mobilité" in [word.name for group in identified.keywords for word in group.keywords]
        assert "La Rochelle" in [word.name for group in identified.keywords for word in group.keywords]
        assert float(identified.bbox.minx) == -1.2
        assert float(identified.bbox.maxy) == 46.2
        assert identified.temporalextent_start == "2020-01-01"
        assert identified.temporalextent_end == "2023-12-31"
        assert "etalab" in " ".join(identified.otherconstraints)
        assert identified.distance == ["10"]
        assert [one.role for one in identified.contact] == ["pointOfContact", "publisher", "originator"]
        assert found.dataquality.lineage == full_dataset()["provenance"]
        links = [one.url for one in found.distribution.online]
        assert "https://geo.territory.example/bornes.geojson" in links
