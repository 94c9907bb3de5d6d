"""The reference content: complete, honest about its sources, the same each time."""

import csv
import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import rdflib
from python_calamine import CalamineWorkbook
from rdflib.namespace import DCAT, RDF
from shapely.geometry import Point, shape

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "config" / "sample"
HYDRA = rdflib.Namespace("http://www.w3.org/ns/hydra/core#")


def run(script: str, *arguments: str) -> None:
    subprocess.run([sys.executable, "-B", str(SCRIPTS / script), *arguments], check=True, capture_output=True)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("content")
    run("make.py", str(folder), "--page", str(folder / "page.md"))
    return folder


@pytest.fixture(scope="module")
def content(made) -> dict:
    return json.loads((made / "content.json").read_text("utf-8"))


def rows(path: Path) -> list[dict]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=";"))


def number(text: str) -> float:
    return float(text.replace(",", "."))


class TestDescriptions:
    def test_seven_axes_and_enough_datasets(self, content):
        assert len(content["datasets"]) >= 30
        assert {axis for one in content["datasets"] for axis in one["axis"]} == {
            "carbon", "buildings", "energy", "mobility", "industry", "citizens", "data",
        }  # fmt: skip

    def test_every_dataset_is_described_in_full(self, content):
        for one in content["datasets"]:
            assert 10 <= len(one["title"]) <= 80, one["name"]
            assert 120 <= len(one["notes"]) <= 900, one["name"]
            assert 2 <= len(one["tags"]) <= 5, one["name"]
            for field in ("theme", "frequency", "temporal_coverage", "communes", "contact", "license_id", "owner_org"):
                assert one[field], f"{one['name']}: {field}"
            assert "\n\nSource" in one["provenance"]
            assert "\n\nMéthode. " in one["provenance"]

    def test_every_column_is_explained(self, content):
        for one in content["datasets"]:
            for file in one["resources"]:
                assert all(column["label"] for column in file["columns"]), file["file"]

    def test_organizations_say_that_they_are_examples(self, content):
        for one in content["organizations"]:
            assert "(exemple)" in one["title"]

    def test_the_page_of_the_documentation_is_up_to_date(self, made):
        assert (ROOT / "docs" / "sample-content.md").read_text("utf-8") == (made / "page.md").read_text("utf-8")


class TestFiles:
    def test_the_same_bytes_each_time(self, made, tmp_path):
        run("make.py", str(tmp_path))
        for path in sorted(tmp_path.iterdir()):
            digests = [hashlib.sha256((folder / path.name).read_bytes()).hexdigest() for folder in (made, tmp_path)]
            assert digests[0] == digests[1], path.name

    def test_formats_are_varied(self, made):
        assert {path.suffix for path in made.iterdir()} >= {
            ".csv", ".xlsx", ".ods", ".json", ".geojson", ".parquet", ".xml", ".zip",
        }  # fmt: skip

    def test_csv_is_as_french_spreadsheets_write_it(self, made):
        first = (made / "consommations-batiments-publics.csv").read_bytes().splitlines(keepends=True)[1]
        assert first.endswith(b"\r\n")
        building, month, use, cost = first.decode().strip().split(";")
        assert (building, month) == ("BP0001", "01/01/2020")
        assert "," in use
        assert "," in cost

    def test_populations_are_those_of_insee(self, made):
        table = rows(made / "population-communes.csv")
        assert len(table) == 28 * 6
        assert sum(int(row["population_municipale"]) for row in table if row["annee"] == "2023") == 182_435

    def test_published_totals_are_kept(self, made):
        lanes = json.loads((made / "amenagements-cyclables.geojson").read_text("utf-8"))["features"]
        assert sum(lane["properties"]["longueur_m"] for lane in lanes) == 545_000
        trips = rows(made / "frequentation-bus.csv")
        total = sum(int(row["voyages"]) for row in trips if row["mois"].endswith("2024"))
        assert total == pytest.approx(11_000_000, rel=0.02)

    def test_key_figure_of_the_home_page_is_that_of_the_inventory(self, made):
        from ckanext.lrtzc.territory import read_territory

        territory = read_territory(ROOT / "config" / "territory")
        figure = next(one for one in territory.key_figures if one.dataset == "emissions-ges-secteurs")
        head, *table = (
            CalamineWorkbook.from_path(made / "emissions-ges-secteurs.xlsx").get_sheet_by_index(0).to_python()
        )
        year, emissions = head.index("annee"), head.index("emissions_tco2e")
        total = sum(row[emissions] for row in table if row[year] == int(figure.date))
        assert round(total / territory.population, 1) == figure.value

    def test_key_figures_name_datasets_that_exist(self, content):
        from ckanext.lrtzc.territory import read_territory

        names = {one["name"] for one in content["datasets"]}
        assert {one.dataset for one in read_territory(ROOT / "config" / "territory").key_figures} <= names

    def test_points_are_in_their_commune(self, made):
        outlines = json.loads((made / "contours-communes.geojson").read_text("utf-8"))["features"]
        contours = {one["properties"]["code_insee"]: shape(one["geometry"]).buffer(1e-5) for one in outlines}
        for name in ("batiments-publics", "arrets-bus", "arbres-publics", "points-apport-volontaire"):
            for one in json.loads((made / f"{name}.geojson").read_text("utf-8"))["features"]:
                assert contours[one["properties"]["code_insee"]].contains(Point(one["geometry"]["coordinates"]))

    def test_zip_holds_one_table(self, made):
        with zipfile.ZipFile(made / "niveau-mer.zip") as archive:
            assert archive.namelist() == ["niveau-mer.csv"]


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")
class TestPartner:
    url = "http://localhost:5004"

    @pytest.fixture(scope="class")
    def portal(self, tmp_path_factory) -> Path:
        folder = tmp_path_factory.mktemp("partner")
        run("partner.py", self.url, str(folder))
        return folder

    def datasets(self, graph: rdflib.Graph) -> set[str]:
        return {str(one) for one in graph.subjects(RDF.type, DCAT.Dataset)}

    def test_all_serialisations_hold_the_same_datasets(self, portal):
        turtle = rdflib.Graph().parse(portal / "catalog.ttl")
        xml = rdflib.Graph().parse(portal / "catalog.rdf", format="xml")
        pages = rdflib.Graph()
        for number_of in (1, 2):
            pages.parse(portal / f"catalog-{number_of}.jsonld", format="json-ld")
        assert len(self.datasets(turtle)) == 15
        assert self.datasets(turtle) == self.datasets(xml) == self.datasets(pages)

    def test_pages_lead_to_the_next(self, portal):
        first = rdflib.Graph().parse(portal / "catalog-1.jsonld", format="json-ld")
        assert [str(one) for one in first.objects(None, HYDRA.next)] == [f"{self.url}/catalog-2.jsonld"]
        assert len(self.datasets(first)) == 8

    def test_files_are_there_and_weigh_what_the_catalogue_says(self, portal):
        graph = rdflib.Graph().parse(portal / "catalog.ttl")
        for distribution, address in graph.subject_objects(DCAT.downloadURL):
            path = portal / str(address).removeprefix(f"{self.url}/")
            assert path.stat().st_size == int(graph.value(distribution, DCAT.byteSize))
