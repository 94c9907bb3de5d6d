"""A rule warns before it destroys, for as long as it says, whatever day it is looked at."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from ckanext.lrtzc.retention.domain.due import Kind, State, Step, Terms, destroys_from, oldest_kept, step

DAY = dt.date(2026, 3, 1)


def day(number):
    return DAY + dt.timedelta(days=number)


def life(terms, looks):
    """Apply a rule on some days; give (day, step) of all that it did."""
    did = []
    for today in looks:
        what = step(terms, today)
        if what is Step.NOTHING:
            continue
        did.append((today, what))
        known = {name: getattr(terms, name) for name in Terms.__slots__}
        terms = Terms(**known | ({"warned": today} if what is Step.WARN else {"ran": today}))
    return did


def test_a_dataset_is_warned_of_and_goes_on_its_day():
    terms = Terms(Kind.DATASET, State.STANDING, DAY, 30, on_day=day(100))
    assert life(terms, map(day, range(102)))[:2] == [(day(70), Step.WARN), (day(100), Step.DESTROY)]
    by_age = Terms(Kind.DATASET, State.STANDING, DAY, 10, days=365)
    assert life(by_age, map(day, range(366))) == [(day(355), Step.WARN), (day(365), Step.DESTROY)]


def test_what_is_past_already_is_warned_of_all_the_same():
    terms = Terms(Kind.DATASET, State.STANDING, DAY, 30, on_day=DAY)
    assert destroys_from(terms, day(5)) == day(35)
    assert life(terms, map(day, range(5, 36))) == [(day(5), Step.WARN), (day(35), Step.DESTROY)]


def test_old_rows_go_each_day_once_their_warning_has_stood():
    terms = Terms(Kind.ROWS, State.STANDING, DAY, 2, days=30)
    looks = sorted([*map(day, range(5)), *map(day, range(5))])
    assert life(terms, looks) == [(day(0), Step.WARN), *((day(n), Step.DESTROY) for n in (2, 3, 4))]
    assert oldest_kept(30, day(30)) == DAY


def test_what_is_held_or_over_does_nothing():
    for state in (State.HELD, State.DONE):
        assert life(Terms(Kind.ROWS, state, DAY, 0, days=1, warned=DAY), map(day, range(9))) == []


@given(st.integers(0, 400), st.integers(0, 400), st.lists(st.integers(0, 900), min_size=1))
def test_nothing_goes_before_its_warning_has_stood(warn_days, days, looks):
    terms = Terms(Kind.DATASET, State.STANDING, DAY, warn_days, days=days)
    did = {what: today for today, what in reversed(life(terms, map(day, sorted(looks))))}
    if Step.DESTROY in did:
        assert did[Step.DESTROY] - did[Step.WARN] >= dt.timedelta(days=warn_days)
        assert did[Step.DESTROY] >= day(days)
