"""Addresses one step away from a search."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.lrtzc.theme.domain import query

ARGS = [("q", "bus & vélo"), ("vocab_axis", "energy"), ("vocab_axis", "data"), ("page", "3")]


def read(address: str) -> list[tuple[str, str]]:
    assert address.startswith("?")
    return parse_qsl(address[1:], keep_blank_values=True)


def test_adding_a_value_begins_again_at_the_first_page():
    assert read(query.adding(ARGS, "res_format", "CSV")) == [*ARGS[:3], ("res_format", "CSV")]


def test_a_value_is_taken_away_alone():
    assert read(query.without(ARGS, "vocab_axis", "data")) == ARGS[:2]
    assert read(query.without(ARGS, "vocab_axis")) == ARGS[:1]


def test_the_first_page_has_no_number():
    assert read(query.on_page(ARGS, 2)) == [*ARGS[:3], ("page", "2")]
    assert read(query.on_page(ARGS, 1)) == ARGS[:3]


texts = st.text(st.characters(codec="utf-8"), max_size=10)


@given(st.lists(st.tuples(texts, texts)), texts.filter(lambda name: name != "page"), texts)
def test_what_is_added_can_be_taken_away(args, name, value):
    kept = [(key, given) for key, given in args if key != "page" and (key, given) != (name, value)]
    added = read(query.adding(kept, name, value))
    assert read(query.without(added, name, value)) == kept


@pytest.mark.parametrize(
    ("current", "last", "expected"),
    [
        (1, 1, [1]),
        (1, 5, [1, 2, 0, 5]),
        (3, 5, [1, 2, 3, 4, 5]),
        (6, 20, [1, 0, 5, 6, 7, 0, 20]),
        (20, 20, [1, 0, 19, 20]),
        (99, 3, [1, 2, 3]),
    ],
)
def test_pages_worth_a_link_have_no_gap_of_one(current, last, expected):
    assert query.pages_around(current, last) == expected
