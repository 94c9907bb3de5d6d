import json
import re
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from ckanext.lrtzc.territory import TerritoryError, Words, read_territory
from ckanext.lrtzc.territory.tests.territories import COMMUNES, YAML, square, write_territory

PACKAGE = Path(__file__).parents[2]
REFERENCE = PACKAGE.parents[2] / "config" / "territory"


@pytest.fixture
def folder(tmp_path):
    return write_territory(tmp_path / "ajaccio")


class TestWords:
    words = Words({"fr": "eau", "en": "water"})

    @pytest.mark.parametrize(
        ("language", "text"),
        [("fr", "eau"), ("en", "water"), ("en_GB", "water"), ("en-GB", "water"), ("de", "eau"), (None, "eau")],
    )
    def test_said_in_the_readers_language_or_the_first(self, language, text):
        assert self.words.say(language) == text

    def test_as_text_is_the_first_language(self):
        assert f"{self.words}" == "eau"


class TestReadTerritory:
    def test_another_territory_is_read_whole(self, folder):
        territory = read_territory(folder)
        assert territory.name.say("co") == "Paese d'Aiacciu"
        assert territory.short_name.say("en") == "Ajaccio"
        assert [axis.code for axis in territory.axes] == ["water"]
        assert territory.axes_by_code["water"].label.say("co") == "Acqua"
        assert territory.population == 74000
        assert territory.logo == folder / "logo.svg"
        assert territory.key_figures[0].date == "2021"

    def test_communes_are_found_by_code(self, folder):
        territory = read_territory(folder)
        assert territory.communes_by_code["2A004"].name == "Ajaccio"

    def test_boxes_and_geometries(self, folder):
        territory = read_territory(folder)
        assert territory.bbox == pytest.approx((8.6, 41.9, 8.8, 42.0))
        assert territory.extent(["2A017"]) == pytest.approx((8.7, 41.9, 8.8, 42.0))
        assert territory.geometry(["2A004", "2A017"])["type"] == "Polygon"
        assert json.loads(json.dumps(territory.contours["features"]))[1]["properties"]["name"] == "Appietto"

    def test_an_unknown_commune_has_no_geometry(self, folder):
        with pytest.raises(KeyError):
            read_territory(folder).geometry(["75056"])

    def test_no_commune_has_no_extent(self, folder):
        with pytest.raises(KeyError):
            read_territory(folder).extent([])

    def test_cannot_be_changed(self, folder):
        territory = read_territory(folder)
        with pytest.raises(FrozenInstanceError):
            territory.epsg = 3857
        with pytest.raises(TypeError):
            territory.axes_by_code["water"] = None


class TestErrors:
    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("epsg: 2154", "epsg: 4326", r"line 3, epsg: the EPSG number of a projection in metres"),
            ("epsg: 2154", "epsg: true", r"line 3, epsg: .* is expected"),
            ("timezone: Europe/Paris", "timezone: Paris", r"line 2, timezone: a time zone like"),
            ("    colour: axis-water", "    colour: '#0af'", r"line 14, axes\[0\]\.colour: the name of a design token"),
            ("label: { fr: Eau, co: Acqua }", "label: { co: Acqua }", r"line 16, axes\[0\]\.label: .* in fr"),
            ("logo: logo.svg", "logo: ../logo.svg", r"line 8, logo: the name of a file of this folder"),
            ("value: 74000", "value: many", r"key_figures\[0\]\.value: a number is expected"),
            ("date: 2021", "date: last year", r"key_figures\[0\]\.date: a date like"),
            ("to: find", "to: dance", r"can_do\[0\]\.to: one of find, contribute"),
            ("email: data@example.org", "email: nobody", r"contact\.email: an e-mail address"),
            ("sentence: Deux communes, leurs données.", "", r"sentence: missing"),
            ("short_name: Ajaccio", "short_name: ''", r"short_name"),
            ("languages: [fr, co]", "languages: []", r"line 1, languages: at least one item"),
            ("languages: [fr, co]", "languages: [fr, co", r"not valid YAML"),
        ],
    )
    def test_name_the_line_and_the_key(self, tmp_path, old, new, said):
        assert old in YAML
        folder = write_territory(tmp_path, YAML.replace(old, new))
        with pytest.raises(TerritoryError, match=said) as caught:
            read_territory(folder)
        assert str(folder / "territory.yaml") in str(caught.value)

    def test_two_axes_of_one_code(self, tmp_path):
        axis = re.search(r"  - code: water.*?réseaux\.\n", YAML, re.S).group()
        folder = write_territory(tmp_path, YAML.replace(axis, axis * 2))
        with pytest.raises(TerritoryError, match=r"axes\[1\]\.code: water is already there"):
            read_territory(folder)

    def test_no_file(self, tmp_path):
        with pytest.raises(TerritoryError, match="cannot be read"):
            read_territory(tmp_path / "nowhere")

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"code": 17300}, "item 1, code: an INSEE code"),
            ({"name": " "}, r"item 1 \(2A004\), name"),
            ({"population": -1}, r"item 1 \(2A004\), population"),
            ({"code": "2A017"}, "2A017 is there twice"),
            ({"code": "2A999"}, "has no contour"),
        ],
    )
    def test_bad_communes(self, folder, change, said):
        (folder / "communes.json").write_text(json.dumps([COMMUNES[0] | change, COMMUNES[1]]), "utf-8")
        with pytest.raises(TerritoryError, match=said):
            read_territory(folder)

    @pytest.mark.parametrize("text", ["[]", '{"features": [{}]}', '{"features": 3}'])
    def test_contours_that_are_none(self, folder, text):
        (folder / "communes.geojson").write_text(text, "utf-8")
        with pytest.raises(TerritoryError, match="a GeoJSON FeatureCollection is expected"):
            read_territory(folder)

    def test_broken_contour(self, folder):
        crossed = square(8, 41)
        ring = crossed["coordinates"][0]
        ring[1], ring[2] = ring[2], ring[1]
        for geometry in (crossed, {"type": "Point", "coordinates": [8, 41]}, {"type": "Polygon"}, None, []):
            features = [
                {"properties": {"code": "2A004"}, "geometry": geometry},
                {"properties": {"code": "2A017"}, "geometry": square(8, 41)},
            ]
            (folder / "communes.geojson").write_text(json.dumps({"features": features}), "utf-8")
            with pytest.raises(TerritoryError, match="contour of 2A004 Ajaccio is not a valid polygon"):
                read_territory(folder)


class TestReference:
    territory = read_territory(REFERENCE)

    def test_has_28_communes_with_their_articles(self):
        names = [commune.name for commune in self.territory.communes]
        assert len(names) == 28
        assert {"La Rochelle", "L'Houmeau", "La Jarne", "La Jarrie"} <= set(names)

    def test_is_complete_in_both_languages(self):
        def words(value):
            if isinstance(value, Words):
                yield value
            elif isinstance(value, tuple):
                for one in value:
                    yield from words(one)
            elif hasattr(value, "__dataclass_fields__"):
                for name in value.__dataclass_fields__:
                    yield from words(getattr(value, name))

        incomplete = [str(one) for one in words(self.territory) if set(one.by_language) != {"fr", "en"}]
        assert incomplete == []

    def test_home_page_has_seven_axes_and_three_figures(self):
        assert len(self.territory.axes) == 7
        assert len(self.territory.key_figures) == 3

    def test_population_figure_is_that_of_the_communes(self):
        figure = next(one for one in self.territory.key_figures if one.dataset == "population-communes")
        assert figure.value == self.territory.population

    def test_contours_weigh_little_and_leave_no_gap(self):
        assert (REFERENCE / "communes.geojson").stat().st_size < 60_000
        whole = self.territory.geometry(self.territory.communes_by_code)
        assert sum(len(polygon) - 1 for polygon in polygons(whole)) == 0


def polygons(geometry):
    return [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]


def test_core_code_knows_nothing_of_the_reference_territory():
    territory = read_territory(REFERENCE)
    local = {one.name for one in territory.communes} | set(territory.communes_by_code) | {"Rochelle", "rochelais"}
    pattern = re.compile(rf"(?<![\w.#-])(?:{'|'.join(map(re.escape, sorted(local)))})(?![\w.])")
    kinds = {".py", ".html", ".js", ".css", ".yaml", ".po", ".json", ".txt", ".svg", ".xml"}
    found = [
        f"{path.relative_to(PACKAGE)}: {hit.group()}"
        for path in PACKAGE.rglob("*")
        if path.suffix in kinds and not {"tests", "vendor", "node_modules"} & set(path.relative_to(PACKAGE).parts)
        for hit in pattern.finditer(path.read_text("utf-8"))
    ]
    assert found == []
