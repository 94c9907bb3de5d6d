"""For how long details are kept: nothing is erased a day too early, and nothing by mistake."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.lrtzc.ledger.domain import retention


@pytest.mark.parametrize(
    ("moment", "months", "expected"),
    [
        ("2026-07-15", 6, "2026-01-15"),
        ("2026-03-31", 1, "2026-02-28"),
        ("2024-03-31", 1, "2024-02-29"),
        ("2026-01-31", 12, "2025-01-31"),
        ("2026-01-31", 1, "2025-12-31"),
        ("2026-12-31", 1, "2026-11-30"),
    ],
)
def test_months_are_those_of_the_calendar(moment, months, expected):
    found = retention.before(datetime.fromisoformat(moment).replace(tzinfo=UTC), months)
    assert found == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@given(st.datetimes(datetime(1200, 1, 1), timezones=st.just(UTC)), st.integers(1, retention.LONGEST))
def test_it_is_always_earlier_and_never_by_more_than_a_month_more(moment, months):
    found = retention.before(moment, months)
    assert 28 * months <= (moment - found).days <= 31 * months


@pytest.mark.parametrize("part", ["", "access", "access=", "access=0", "access=-1", "access=1e3", "access=²", "no=6"])
def test_what_cannot_be_read_erases_nothing(part):
    assert retention.read([part]) == {}


def test_what_is_written_is_read_back():
    months = {"access": 12, "download": 6}
    assert retention.read(retention.write({**months, "vote": 0}).split()) == months
