"""The form of place and period: what is typed becomes the search, or is refused by field."""

import pytest

from ckanext.lrtzc.search.domain import narrowing

BOX = [("west", "-1,2"), ("south", "46.1"), ("east", "-1.1"), ("north", "46.2")]


def year(text):
    if text and not text.isdecimal():
        raise ValueError(text)
    return text


def asked(*typed):
    return narrowing.search_of(narrowing.asked_by(typed), year)


def test_place_and_period_join_what_was_searched_for():
    found, errors = asked(("q", "eau"), *BOX, ("start", "2020"), ("end", "2021"), ("commune", "17300"), ("page", "3"))
    assert not errors
    assert found == [
        ("q", "eau"),
        ("vocab_communes", "17300"),
        ("ext_bbox", "-1.20000,46.10000,-1.10000,46.20000"),
        ("ext_start", "2020"),
        ("ext_end", "2021"),
    ]


def test_the_form_shows_what_the_search_is_narrowed_by_and_can_take_it_away():
    found, _ = asked(*BOX, ("start", "2020"))
    shown = narrowing.asked_by([*found, ("vocab_axis", "energy")])
    assert (float(shown.west), shown.start, shown.kept) == (-1.2, "2020", [("vocab_axis", "energy")])
    shown.west = shown.south = shown.east = shown.north = shown.start = ""
    assert narrowing.search_of(shown, year) == ([("vocab_axis", "energy")], {})


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        (BOX[:3], "north"),
        ([("west", "nan"), *BOX[1:]], "west"),
        ([("west", "-181"), *BOX[1:]], "west"),
        ([("west", "ici"), *BOX[1:]], "west"),
        ([BOX[0], BOX[1], ("east", "-1.3"), BOX[3]], "east"),
        ([*BOX[:3], ("north", "46")], "north"),
        ([("start", "hier")], "start"),
        ([("start", "2021"), ("end", "2020")], "end"),
    ],
)
def test_what_is_no_place_or_period_is_refused_by_field(typed, field):
    assert field in asked(*typed)[1]
