"""Numbers and days as people read them; pictures that hold what they show."""

import math
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.lrtzc.explore.domain import pictures
from ckanext.lrtzc.explore.domain.basemaps import background
from ckanext.lrtzc.explore.domain.chart import Chart, Mark
from ckanext.lrtzc.explore.domain.distribution import distinct_estimate, round_classes
from ckanext.lrtzc.explore.domain.figures import Datum, Figures
from ckanext.lrtzc.explore.domain.vega import Words, spec
from ckanext.lrtzc.tabular.domain.columns import Column, Kind
from ckanext.lrtzc.tabular.domain.formats import format_for

FRENCH = format_for("fr")


class TestNumbers:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (2024, "2024"),
            (79851, "79\u202f851"),
            (Decimal("-1234567.50"), "\N{MINUS SIGN}1\u202f234\u202f567,50"),
            (0.1 + 0.2, "0,3"),
            (12.0, "12"),
            (0, "0"),
            (Decimal("NaN"), "NaN"),
            (1e20, "1e+20"),
        ],
    )
    def test_french(self, value, text):
        assert FRENCH.number(value) == text

    def test_english(self):
        assert format_for("en").number(1234567.5) == "1,234,567.5"
        assert format_for("nowhere").number(1.5) == "1.5"

    @given(st.floats())
    def test_any_number_is_written(self, value):
        assert FRENCH.number(value)
        assert FRENCH.rounded(value)

    def test_days(self):
        assert FRENCH.moment("2024-01-15") == "15 janv. 2024"
        assert FRENCH.moment("2024-01-15 08:30:00") == "15 janv. 2024 08:30"
        assert FRENCH.moment("12000-01-01") == "12000-01-01"
        assert FRENCH.seconds(1e15, with_time=False).startswith("31")
        assert FRENCH.step("2024-02-01 00:00:00", "month") == "févr. 2024"

    def test_names_of_time(self):
        names = FRENCH.time_names()
        assert names["days"][0] == "dimanche"
        assert names["shortMonths"][1] == "févr."
        assert [len(names[name]) for name in ("days", "shortDays", "months", "shortMonths")] == [7, 7, 12, 12]


class TestClasses:
    @given(
        st.floats(-1e100, 1e100, allow_nan=False),
        st.floats(1e-3, 1e100, allow_nan=False),
        st.sampled_from([5, 10, 20, 50]),
    )
    def test_they_hold_the_whole_range(self, low, width, wanted):
        high = low + width
        if high <= low:
            return
        classes = round_classes(low, high, wanted)
        assert 1 <= classes.count <= 3 * wanted + 2
        assert classes.start <= low + classes.step * 1e-6
        assert classes.start + classes.count * classes.step >= high - classes.step * 1e-6

    def test_bounds_are_round(self):
        assert round_classes(0.13, 0.97, 10).bounds(0) == (0.1, 0.2)
        assert round_classes(5, 5, 20).count == 1

    def test_distinct_values_of_a_sample(self):
        assert distinct_estimate(100, 100, 40, 10) == 40
        assert distinct_estimate(1_000_000, 10_000, 10_000, 10_000) == 1_000_000
        assert distinct_estimate(1_000_000, 10_000, 12, 0) == 12


class TestPictures:
    def test_they_are_well_formed_and_harmless(self):
        hostile = "<script>\"&'"
        bars = [pictures.Bar(hostile, 3.0, "3"), pictures.Bar("b", -1.0, "-1"), pictures.Bar("c", None, "")]
        for drawn in (
            pictures.distribution([1, 0, 5], hostile),
            pictures.bars(bars, hostile),
            pictures.line(bars, "0", "3", hostile),
        ):
            assert ElementTree.fromstring(drawn).get("aria-label") == hostile
            assert " style=" not in drawn

    def test_nothing_to_draw(self):
        assert pictures.distribution([], "x") == ""
        assert pictures.distribution([0, 0], "x") == ""

    @given(st.lists(st.one_of(st.none(), st.floats(-1e9, 1e9)), max_size=8))
    def test_any_values(self, values):
        bars = [pictures.Bar("x", value, "") for value in values]
        for drawn in (pictures.bars(bars, "t"), pictures.line(bars, "", "", "t")):
            ElementTree.fromstring(drawn)
            assert "nan" not in drawn
            assert math.isfinite(len(drawn))


class TestBackground:
    def test_known_and_own(self):
        assert background("") is None
        assert "geopf" in background("IGN").tiles
        assert background("https://x.test/{z}/{x}/{y}.png", "© X").credit == "© X"
        assert background("/tiles/{z}/{x}/{y}.png").tiles.startswith("/tiles")

    @pytest.mark.parametrize("setting", ["http://x.test/{z}/{x}/{y}", "https://x.test/", "//x.test/{z}{x}{y}", "other"])
    def test_what_is_no_background(self, setting):
        assert background(setting) is None


class TestYears:
    def figures(self):
        classes = round_classes(2010, 2013, 50, 1.0)
        year = Column("annee", Kind.INTEGER)
        chart = Chart(Mark.BAR, "annee", bins=50)
        return Figures(chart, year, None, None, (Datum(0, 4.0), Datum(3, 2.0)), 2, classes)

    def test_each_stands_alone_and_one_without_rows_keeps_its_place(self):
        words = Words("t", "Année", "Lignes", "", "–", "…", "oui", "non")
        made = spec(self.figures(), words, format_for("fr"))
        across = made["encoding"]["x"]
        assert across["scale"]["domain"] == ["2010", "2011", "2012", "2013"]
        assert [value["label"] for value in made["data"]["values"]] == ["2010", "2013"]
