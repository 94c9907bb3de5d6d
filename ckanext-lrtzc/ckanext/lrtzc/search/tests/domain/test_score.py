"""The rules of the score: what counts, what it weighs, which day data become late."""

import datetime as dt

import pytest

from ckanext.lrtzc.search.domain.answers import Outcome, failures, outcome
from ckanext.lrtzc.search.domain.score import (
    DAYS,
    Criterion,
    Freshness,
    Record,
    band,
    due_day,
    freshness,
    judge,
)

DAY = dt.date(2026, 3, 1)
WHOLE = Record(
    asked=frozenset(Criterion),
    licence=True,
    description="d" * 100,
    formats=("PDF", "GeoJSON"),
    files=2,
    columns=3,
    documented=3,
    frequency="MONTHLY",
    changed=DAY,
    period=True,
    extent=True,
)


def changed(**fields):
    return Record(**{**{name: getattr(WHOLE, name) for name in WHOLE.__slots__}, **fields})


def test_an_object_that_meets_all_has_the_whole_score():
    found = judge(WHOLE, DAY)
    assert found.value == 100
    assert set(found.met) == set(Criterion)


@pytest.mark.parametrize(
    ("fields", "criterion"),
    [
        ({"licence": False}, Criterion.LICENCE),
        ({"description": "d" * 99 + "  "}, Criterion.DESCRIPTION),
        ({"formats": ("PDF", "XLSX")}, Criterion.OPEN_FORMAT),
        ({"broken": 1}, Criterion.REACHABLE),
        ({"files": 0}, Criterion.REACHABLE),
        ({"documented": 2}, Criterion.COLUMNS),
        ({"changed": DAY - dt.timedelta(days=90)}, Criterion.KEPT),
        ({"period": False}, Criterion.PERIOD),
        ({"extent": False}, Criterion.EXTENT),
    ],
)
def test_each_fault_lowers_the_score_and_is_named(fields, criterion):
    found = judge(changed(**fields), DAY)
    assert [one for one, met in found.met.items() if not met] == [criterion]
    assert found.value < 100


def test_what_a_kind_cannot_have_does_not_count_against_it():
    few = frozenset({Criterion.LICENCE, Criterion.DESCRIPTION})
    found = judge(Record(asked=few, licence=True, description="d" * 100), DAY)
    assert (found.value, set(found.met)) == (100, few)
    assert Criterion.COLUMNS not in judge(changed(columns=0, documented=0), DAY).met


def test_to_declare_a_rhythm_and_fail_it_is_never_worse_than_to_hide_it():
    late = judge(changed(changed=DAY - dt.timedelta(days=400)), DAY)
    assert judge(changed(frequency=""), DAY).value <= late.value


@pytest.mark.parametrize(
    ("frequency", "days", "state"),
    [
        ("DAILY", 2, Freshness.KEPT),
        ("DAILY", 3, Freshness.LATE),
        ("ANNUAL", 458, Freshness.KEPT),
        ("ANNUAL", 459, Freshness.LATE),
        ("IRREG", 9_000, Freshness.FREE),
        ("NEVER", 9_000, Freshness.FIXED),
        ("UNKNOWN", 1, Freshness.UNDECLARED),
        ("", 1, Freshness.UNDECLARED),
    ],
)
def test_data_are_late_after_their_rhythm_and_a_quarter(frequency, days, state):
    assert freshness(frequency, DAY - dt.timedelta(days=days), DAY) is state


def test_every_rhythm_has_a_last_day_and_dates_without_end_do_no_harm():
    assert all(due_day(code, DAY) for code in DAYS)
    assert due_day("DECENNIAL", dt.date.max) is None
    assert freshness("DECENNIAL", dt.date.max, DAY) is Freshness.FREE
    assert freshness("DAILY", None, DAY) is Freshness.FREE


def test_every_value_has_its_band():
    assert {band(value) for value in range(101)} == {"80-100", "60-79", "40-59", "0-39"}


@pytest.mark.parametrize(
    ("status", "said"),
    [(200, Outcome.ANSWERS), (304, Outcome.ANSWERS), (404, Outcome.FAILS), (500, Outcome.FAILS), (403, Outcome.UNSURE)],
)
def test_a_status_tells_whether_a_link_answers(status, said):
    assert outcome(status) is said
    assert failures(1, said) == {Outcome.ANSWERS: 0, Outcome.FAILS: 2, Outcome.UNSURE: 1}[said]
