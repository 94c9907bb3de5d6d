"""The pure rules: no database, no CKAN."""

import json
import re
from pathlib import Path

import pytest
import shapely
from babel.messages.pofile import read_po
from hypothesis import given, settings
from hypothesis import strategies as st

from ckanext.lrtzc.objects.domain import geometry, indexing, values
from ckanext.lrtzc.objects.domain.errors import BadValueError
from ckanext.lrtzc.objects.domain.kinds import STEP_FIELDS, Step
from ckanext.lrtzc.objects.domain.licences import TERMS, find_licence, licences
from ckanext.lrtzc.objects.domain.publication import advised, missing, status, step_of
from ckanext.lrtzc.objects.domain.slugs import free_slug
from ckanext.lrtzc.objects.domain.text import SLUG_LENGTH, clean_text, misshapen, scrub, slug
from ckanext.lrtzc.objects.domain.vocabulary import vocabularies

ROOM = Path(__file__).parents[1]
numbers = st.floats(allow_nan=True, allow_infinity=True) | st.integers(-400, 400)
anything = st.recursive(
    st.none() | st.booleans() | numbers | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


class TestDates:
    @pytest.mark.parametrize(
        ("written", "kept"),
        [
            ("31/12/2024", "2024-12-31"),
            ("1/2/2024", "2024-02-01"),
            ("01.02.2024", "2024-02-01"),
            ("12/2024", "2024-12"),
            ("2024", "2024"),
            ("2024-02", "2024-02"),
            (" 2024-02-29 ", "2024-02-29"),
            ("2024-02-29T10:00:00Z", "2024-02-29T10:00:00+00:00"),
            ("", ""),
        ],
    )
    def test_french_and_international_writings(self, written, kept):
        assert values.clean_date(written) == kept

    @pytest.mark.parametrize(
        "wrong", ["31/02/2024", "2024-13", "2023-02-29", "hier", "0000", "12/31/2024", "٢٠٢٤/01/01"]
    )
    def test_what_is_no_day_is_refused(self, wrong):
        with pytest.raises(BadValueError):
            values.clean_date(wrong)

    @given(st.dates())
    def test_any_day_comes_back(self, day):
        assert values.clean_date(day.strftime("%d/%m/") + f"{day.year:04d}") == day.isoformat()

    @given(st.text())
    def test_any_text_is_kept_or_refused(self, text):
        try:
            kept = values.clean_date(text)
        except BadValueError:
            return
        assert values.clean_date(kept) == kept

    @pytest.mark.parametrize(
        ("start", "end", "days"),
        [
            ("2024", "2024", ("2024-01-01", "2024-12-31")),
            ("2024-02", "2024-02", ("2024-02-01", "2024-02-29")),
            ("2023-12", "2023-12", ("2023-12-01", "2023-12-31")),
            ("2024-02-03", "", ("2024-02-03", None)),
            ("", "2024-02-03T10:00:00", (None, "2024-02-03")),
        ],
    )
    def test_the_days_of_a_period(self, start, end, days):
        assert values.period_bounds(start, end) == days


class TestAddresses:
    @pytest.mark.parametrize(
        "wrong",
        [
            "javascript:alert(1)",
            "data:text/html,x",
            "//example.org",
            "example.org",
            "http://",
            "https://user:secret@example.org",
            'https://example.org/"><script>',
            "https://example.org/a b",
            "http://[::1",
            "http://example.org:99999999",
            "ftp://example.org",
            "https://" + "a" * 2000,
        ],
    )
    def test_only_the_web(self, wrong):
        with pytest.raises(BadValueError):
            values.clean_url(wrong)

    @given(st.text(max_size=50))
    def test_any_text_is_an_address_or_refused(self, text):
        try:
            kept = values.clean_url(text)
        except BadValueError:
            return
        assert kept == "" or kept.lower().startswith(("http://", "https://"))

    @pytest.mark.parametrize("good", ["a@example.org", "mailto:a.b+c@sub.example.org"])
    def test_mail(self, good):
        assert "@" in values.clean_email(good)
        assert not values.clean_email(good).startswith("mailto:")

    @pytest.mark.parametrize(
        "wrong", ["a@b", "a b@example.org", "@example.org", "a@example.org\nBcc: x@y.zz", "<a@b.cc>"]
    )
    def test_no_mail(self, wrong):
        with pytest.raises(BadValueError):
            values.clean_email(wrong)


class TestCommunes:
    def test_corsica_and_beyond_the_sea(self):
        assert values.clean_communes(["2a004, 17300", "97411;98818", "01001"]) == [
            "2A004",
            "17300",
            "97411",
            "98818",
            "01001",
        ]

    @pytest.mark.parametrize("wrong", ["1730", "173000", "2C004", "96001", "99999", "١٧٣٠٠", "la rochelle"])
    def test_what_has_not_the_shape(self, wrong):
        with pytest.raises(BadValueError):
            values.clean_communes([wrong])


class TestSlugs:
    @pytest.mark.parametrize(
        ("title", "words"),
        [
            ("L'énergie des écoles", "energie-des-ecoles"),
            ("Œuvres d’art à l’aéroport", "oeuvres-art-a-aeroport"),
            ("  Émissions (t CO₂e) — 2023 ! ", "emissions-t-co2e-2023"),
            ("日本", ""),
        ],
    )
    def test_french_titles(self, title, words):
        assert slug(title) == words

    @given(st.text())
    def test_always_fit_for_an_address(self, title):
        name = free_slug(title, (), "ab12cd34")
        assert re.fullmatch(r"[a-z0-9][a-z0-9-]*", name)
        assert 2 <= len(name) <= SLUG_LENGTH + 9

    def test_a_taken_one_gets_a_number(self):
        assert free_slug("Vélo", {"velo", "velo-2"}, "x") == "velo-3"
        assert free_slug("New", (), "ab") == "new-ab"


class TestText:
    @given(anything)
    def test_nothing_unstorable_is_left(self, value):
        try:
            cleaned = json.dumps(scrub(value), ensure_ascii=False)
        except BadValueError:
            return
        cleaned.encode("utf-8")
        assert "\x00" not in cleaned

    def test_too_deep(self):
        deep = "x"
        for _ in range(50):
            deep = [deep]
        with pytest.raises(BadValueError):
            scrub(deep)

    def test_too_long(self):
        with pytest.raises(BadValueError, match="at most 3"):
            clean_text("abcd", 3)

    def test_records_are_told_from_the_rest(self):
        data = {"a": [{}], "b": "x", "c": [1], "d": None}
        assert misshapen(data, ("a", "b", "c", "d", "e")) == ["b", "c"]


class TestGeometry:
    def test_a_bow_tie_is_repaired(self):
        tie = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
        assert shapely.from_geojson(geometry.clean_geometry(tie)).is_valid

    def test_features_are_understood(self):
        point = {"type": "Point", "coordinates": [-1.15, 46.16, 12]}
        feature = {"type": "Feature", "geometry": point, "properties": None}
        expected = '{"type":"Point","coordinates":[-1.15,46.16]}'
        assert geometry.clean_geometry(json.dumps(feature)) == expected
        assert geometry.clean_geometry({"type": "FeatureCollection", "features": [feature]}) == expected

    @pytest.mark.parametrize(
        "wrong",
        [
            "not json",
            "[]",
            "null",
            "{}",
            '{"type": "Point"}',
            '{"type": "Point", "coordinates": []}',
            '{"type": "Point", "coordinates": [200, 0]}',
            '{"type": "Point", "coordinates": ["a", "b"]}',
            '{"type": "Point", "coordinates": [NaN, 0]}',
            '{"type": "Polygon", "coordinates": [[[0,0],[1,1]]]}',
            '{"type": "Nothing", "coordinates": [0,0]}',
            '{"type": "FeatureCollection"}',
            "[" * 100_000,
            " " * 5 + '{"a":' * 50_000,
            "x" * 1_000_001,
        ],
    )
    def test_what_is_none_is_refused(self, wrong):
        with pytest.raises(BadValueError):
            geometry.clean_geometry(wrong)

    @given(anything)
    @settings(max_examples=200)
    def test_anything_is_kept_or_refused(self, value):
        for form in (
            value,
            {"type": "Polygon", "coordinates": value},
            {"type": "GeometryCollection", "geometries": value},
        ):
            if not isinstance(form, str | dict):
                continue
            try:
                kept = geometry.clean_geometry(form)
            except BadValueError:
                continue
            assert kept == "" or shapely.from_geojson(kept).is_valid

    def test_a_coast_is_made_light(self):
        circle = shapely.Point(0, 0).buffer(10, quad_segs=4_000)
        kept = geometry.clean_geometry(shapely.to_geojson(circle))
        assert shapely.get_num_coordinates(shapely.from_geojson(kept)) <= geometry.MAX_VERTICES
        assert abs(shapely.from_geojson(kept).area / circle.area - 1) < 0.001

    def test_a_box_by_its_limits(self):
        assert geometry.bounds(geometry.box_geometry("−1,3", "46", "-1", "46.25")) == (-1.3, 46, -1, 46.25)

    @pytest.mark.parametrize(
        "limits", [("1", "0", "0", "1"), ("", "0", "1", "1"), ("nan", "0", "1", "1"), ("0", "0", "1", "91")]
    )
    def test_a_box_that_is_none(self, limits):
        with pytest.raises(BadValueError):
            geometry.box_geometry(*limits)


class TestVocabularies:
    @pytest.mark.parametrize(
        ("name", "written", "code"),
        [
            ("data_theme", "https://publications.europa.eu/resource/authority/data-theme/ENVI", "ENVI"),
            ("data_theme", "environnement", "ENVI"),
            ("frequency", "annual", "ANNUAL"),
            ("frequency", "http://purl.org/cld/freq/daily", "DAILY"),
            ("language", "fr", "FRA"),
            ("access_right", "PUBLIC", "PUBLIC"),
            ("hvd_category", "Mobilité", "c_b79e35eb"),
        ],
    )
    def test_terms_are_found_as_others_write_them(self, name, written, code):
        assert vocabularies()[name].clean(written) == vocabularies()[name].base + code

    def test_every_term_has_both_languages(self):
        for vocabulary in vocabularies().values():
            for term in vocabulary.terms:
                assert {"fr", "en"} <= set(term.labels), term.uri

    def test_sub_categories_of_high_value_data_are_accepted(self):
        assert vocabularies()["hvd_category"].clean("http://data.europa.eu/bna/c_12345678")


class TestLicences:
    @pytest.mark.parametrize(
        ("written", "found"),
        [
            ("Licence Ouverte / Open Licence version 2.0", "lov2"),
            ("http://www.etalab.gouv.fr/licence-ouverte-open-licence/", "lov2"),
            ("ODbL", "odc-odbl"),
            ("http://opendatacommons.org/licenses/odbl/1.0/", "odc-odbl"),
            ("https://creativecommons.org/licenses/by/4.0/deed.fr", "cc-by"),
            ("CC0-1.0", "cc-zero"),
        ],
    )
    def test_found_as_others_write_them(self, written, found):
        assert find_licence(written).id == found

    def test_terms_are_known_and_don_t_contradict(self):
        for licence in licences().values():
            assert set(licence.may) | set(licence.must) | set(licence.may_not) <= set(TERMS)
            assert not set(licence.may) & set(licence.may_not)


class TestPublication:
    def test_every_gap_has_a_step(self):
        gaps = [*missing({}), *advised({})]
        assert {gap.field for gap in missing({})} == {"title", "notes", "license_id", "resources"}
        assert {gap.step for gap in gaps} == {Step.DESCRIBE, Step.COVERAGE, Step.FILES}
        assert step_of("tags") is Step.DESCRIBE

    def test_a_field_stands_in_one_step(self):
        fields = [field for names in STEP_FIELDS.values() for field in names]
        assert len(fields) == len(set(fields))

    def test_an_unstated_licence_is_missing(self):
        assert "license_id" in {gap.field for gap in missing({"license_id": "notspecified"})}

    @pytest.mark.parametrize(
        ("state", "private", "word"),
        [
            ("draft", False, "draft"),
            ("active", True, "withheld"),
            ("active", False, "public"),
            ("deleted", True, "deleted"),
        ],
    )
    def test_states(self, state, private, word):
        assert status(state, private) == word


class TestIndex:
    @given(
        st.dictionaries(
            st.sampled_from(
                [*indexing.LISTS, *indexing.SUBFIELDS, *indexing.NOT_SEARCHED, "extras_theme", "extras_x", "x"]
            ),
            anything | st.sampled_from(['["a", 1]', '[{"geom": 5}]', '[{"start": 3}]']),
        )
    )
    def test_nothing_stops_it(self, document):
        indexed = indexing.index_document({"id": "1", "title": "t", **document})
        for value in indexed.values():
            assert not isinstance(value, dict)

    def test_periods_open_on_one_side(self):
        rows = '[{"start": "2020", "end": "2021"}, {"start": "2023", "end": ""}]'
        indexed = indexing.index_document({"temporal_coverage": rows})
        assert indexed["temporal_start_date"] == "2020-01-01T00:00:00Z"
        assert "temporal_end_date" not in indexed


def test_every_message_of_the_rules_has_its_french():
    with (ROOM / "i18n" / "fr.po").open("rb") as file:
        catalogue = read_po(file, locale="fr")
    messages = [*TERMS.values()]
    for path in (ROOM / "domain").glob("*.py"):
        messages += re.findall(r'BadValueError\(\s*"([^"]+)"', path.read_text())
        messages += re.findall(r'^_[A-Z_]+ = \(?\s*"([^"{]*[.{][^"]*)"', path.read_text(), flags=re.M)
    lacking = [text for text in messages if text and " " in text and not catalogue.get(text)]
    assert not lacking
