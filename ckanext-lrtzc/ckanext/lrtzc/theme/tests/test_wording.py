"""Dates, numbers and sizes as people read them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.lrtzc.theme.domain import wording

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("value", "language", "expected"),
    [
        (182435, "fr", f"182{NBSP}435"),
        (182435, "en", "182,435"),
        (4.5, "fr", "4,5"),
        (-50, "fr", "\u221250"),
        (0, "fr", "0"),
        (1234567.8912, "en", "1,234,567.891"),
    ],
)
def test_a_number_follows_the_habits_of_its_language(value, language, expected):
    assert wording.number(value, language) == expected


@pytest.mark.parametrize(
    ("unit", "language", "expected"),
    [
        ("%", "fr", f"\u221250{NBSP}%"),
        ("%", "en", "\u221250%"),
        ("t CO₂e", "en", f"\u221250{NBSP}t{NBSP}CO₂e"),
        ("", "fr", "\u221250"),
    ],
)
def test_a_quantity_stays_on_the_line_of_its_unit(unit, language, expected):
    assert wording.quantity(-50, unit, language) == expected


@pytest.mark.parametrize(
    ("size", "language", "expected"),
    [
        (0, "fr", f"0{NBSP}octets"),
        (999, "en", f"999{NBSP}bytes"),
        (1000, "fr", f"1{NBSP}ko"),
        (2_400_000, "fr", f"2,4{NBSP}Mo"),
        (999_960, "en", f"1{NBSP}MB"),
        (15_600_000_000, "en", f"16{NBSP}GB"),
        (7_000_000_000_000_000, "fr", f"7{NBSP}000{NBSP}To"),
    ],
)
def test_a_size_has_two_digits_that_matter(size, language, expected):
    assert wording.file_size(size, language) == expected


@pytest.mark.parametrize(
    ("value", "language", "expected"),
    [
        ("2026-05-12", "fr", f"12{NBSP}mai 2026"),
        ("2026-05-01", "fr", f"1er{NBSP}mai 2026"),
        ("2026-05-01", "en", f"1{NBSP}May 2026"),
        ("2026-05", "fr", "mai 2026"),
        ("2026", "en", "2026"),
        ("2026-05-12T23:30:00", "fr", f"13{NBSP}mai 2026"),
        ("2026-05-12T10:00:00Z", "en", f"12{NBSP}May 2026"),
        (date(2026, 12, 31), "fr", f"31{NBSP}décembre 2026"),
        ("tous les ans", "fr", "tous les ans"),
        ("2026-13-45", "fr", "2026-13-45"),
        ("2026-13", "fr", "2026-13"),
        ("0000", "fr", "0000"),
    ],
)
def test_a_date_is_in_full_as_far_as_it_is_known(value, language, expected):
    assert wording.full_date(value, language, "Europe/Paris") == expected


@given(st.text(max_size=40), st.sampled_from(["fr", "en", "de", "xx"]))
def test_any_text_can_be_given_as_a_date(text, language):
    assert isinstance(wording.full_date(text, language, "Europe/Paris"), str)


def test_how_long_ago_is_said_in_words():
    now = datetime(2026, 5, 12, tzinfo=UTC)
    assert wording.age(now - timedelta(days=3), now, "fr") == "il y a 3 jours"
    assert wording.age("2026-05-09T00:00:00", now, "en") == "3 days ago"
    assert wording.age("hier", now, "fr") == ""


def test_french_punctuation_stays_with_its_word():
    assert wording.keep_together("Quoi ? « Ici » : 28 communes", "fr") == (
        f"Quoi{NBSP}? «{NBSP}Ici{NBSP}»{NBSP}: 28{NBSP}communes"
    )
    assert wording.keep_together("What? 28 communes", "en") == "What? 28 communes"


@pytest.mark.parametrize(
    ("value", "language", "expected"),
    [
        ("2026-11-22T08:09:30+00:00", "fr", "22\N{NO-BREAK SPACE}novembre 2026, 09:09"),
        ("2026-11-22T08:09:30", "en", "22\N{NO-BREAK SPACE}November 2026, 09:09"),
        ("2026-11-22", "fr", "22\N{NO-BREAK SPACE}novembre 2026"),
        ("bientôt", "fr", "bientôt"),
    ],
)
def test_a_moment_is_told_in_the_territorys_time(value, language, expected):
    assert wording.full_moment(value, language, "Europe/Paris") == expected
