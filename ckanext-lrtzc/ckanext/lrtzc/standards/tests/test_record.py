"""Cleaning: what is well-formed stays, what isn't is left out, and nothing raises."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import wkt as shapely_wkt

from ckanext.lrtzc.standards.domain import vocabulary as v
from ckanext.lrtzc.standards.domain.clean import clean_dataset
from ckanext.lrtzc.standards.domain.geometry import geometry, wkt
from ckanext.lrtzc.standards.domain.record import record
from ckanext.lrtzc.standards.domain.values import checksum, email, moment, uri, whole
from ckanext.lrtzc.standards.tests.samples import ODD, SITE, full_dataset


def test_whole_dataset_is_read():
    found = record(full_dataset(), SITE)
    assert found.title.startswith("Bornes")
    assert found.geographic
    assert found.box == (-1.2, 46.1, -1.1, 46.2)
    assert [one.code for one in found.communes] == ["17300", "17010"]
    assert found.licence
    assert found.licence.uri == "https://www.etalab.gouv.fr/licence-ouverte-open-licence"
    assert found.distributions[0].checksum == ("sha256", "ab" * 32)
    assert found.metadata_modified == "2024-06-07T09:10:11.654321+00:00"


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:40])
def test_odd_value_in_any_field_is_left_out_and_the_rest_stays(odd):
    for field in full_dataset():
        if field == "id":
            continue
        found = record(full_dataset(**{field: odd}), SITE)
        assert found.id
        assert found.title
    for field in full_dataset()["resources"][0]:
        dataset = copy.deepcopy(full_dataset())
        dataset["resources"][0][field] = odd
        found = record(dataset, SITE)
        assert found.title.startswith("Bornes")


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda s: st.lists(s) | st.dictionaries(st.text(), s)
    )
)
def test_any_value_can_be_cleaned(value):
    names = [name for name in full_dataset() if name != "id"]
    clean_dataset({"id": "a", **dict.fromkeys(names, value)}, SITE)


def test_organization_publishes_when_no_publisher_is_named():
    found = record(full_dataset(publisher=[]), SITE)
    assert found.publisher.name == "Agglomération"
    assert found.publisher.url == "https://data.territory.example/organization/org-1"


def test_portal_publishes_when_nobody_is_named():
    assert record({"id": "a"}, SITE).publisher.name == "Agglomération"


def test_dataset_can_not_take_the_address_of_another_one_of_the_portal():
    found = clean_dataset(full_dataset(uri="https://data.territory.example/dataset/other"), SITE)
    assert "uri" not in found
    elsewhere = clean_dataset(full_dataset(uri="https://elsewhere.example/dataset/1"), SITE)
    assert elsewhere["uri"] == "https://elsewhere.example/dataset/1"


def test_fields_of_harvested_datasets_are_found_in_extras():
    dataset = full_dataset(provenance="", extras=[{"key": "provenance", "value": "Portail voisin"}, "odd", {"key": 3}])
    assert record(dataset, SITE).provenance == "Portail voisin"


def test_high_value_dataset_names_its_regulation():
    found = clean_dataset(full_dataset(applicable_legislation=[]), SITE)
    assert found["applicable_legislation"] == [v.HVD_LEGISLATION]
    assert v.HVD_LEGISLATION in found["resources"][0]["applicable_legislation"]


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ('https://a.example/x y?q="é"', "https://a.example/x%20y?q=%22é%22"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("http://", None),
        ("www.a.example", None),
        ("urn:uuid:1", "urn:uuid:1"),
        ("http://[::1", None),
        ("http://a.example:port/", None),
        (" https://a.example/ ", "https://a.example/"),
    ],
)
def test_addresses(given_, expected):
    assert uri(given_) == expected


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ("2024", "2024"),
        ("2024-02", "2024-02"),
        ("2024-13", None),
        ("2024-02-30", None),
        ("2024-02-29", "2024-02-29"),
        ("2024-02-29T10:00:00", "2024-02-29T10:00:00+00:00"),
        ("2024-02-29T10:00:00Z", "2024-02-29T10:00:00+00:00"),
        ("hier", None),
    ],
)
def test_dates(given_, expected):
    assert moment(given_) == expected


def test_numbers_and_digests():
    assert whole("12.0") == 12
    assert whole(-3) is None
    assert whole("1e999") is None
    assert checksum("d41d8cd98f00b204e9800998ecf8427e") == ("md5", "d41d8cd98f00b204e9800998ecf8427e")
    assert checksum("crc:12") is None
    assert email("mailto:a@b.example") == "a@b.example"
    assert email("a@b.example\nBcc: c@d.example") is None


def test_geometry_outside_the_globe_or_open_is_refused():
    assert geometry({"type": "Point", "coordinates": [200, 0]}) is None
    assert geometry({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]}) is None
    assert geometry('{"type": "Point", "coordinates": [-1.15, 46.16]}') == {
        "type": "Point",
        "coordinates": [-1.15, 46.16],
    }


def test_geometry_too_large_for_a_page_becomes_its_box():
    line = {"type": "LineString", "coordinates": [[n / 1000, n / 2000] for n in range(3000)]}
    assert geometry(line)["type"] == "Polygon"


@settings(deadline=None)
@given(st.floats(-180, 180), st.floats(-90, 90))
def test_well_known_text_keeps_the_place(longitude, latitude):
    found = geometry({"type": "Point", "coordinates": [longitude, latitude]})
    point = shapely_wkt.loads(wkt(found))
    assert abs(point.x - longitude) < 2e-6
    assert abs(point.y - latitude) < 2e-6


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("CSV", "csv"),
        (".geojson", "geojson"),
        ("text/csv", "csv"),
        ("Shapefile", "shp"),
        ("inconnu", None),
        (None, None),
    ],
)
def test_formats_are_recognised_however_written(written, key):
    assert v.format_key(written) == key


def test_vocabularies_meet():
    assert v.language_code("fr_FR") == "fr"
    assert v.language_code(v.authority("language", "ENG")) == "en"
    assert v.frequency_uri("http://purl.org/cld/freq/annual") == v.authority("frequency", "ANNUAL")
    assert v.frequency_uri("de temps en temps") is None
    assert v.theme_code("envi") == "ENVI"
