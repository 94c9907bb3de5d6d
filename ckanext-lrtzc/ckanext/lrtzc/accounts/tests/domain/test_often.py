"""When it is time to tell a person."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from ckanext.lrtzc.accounts.domain.often import Often

PARIS = ZoneInfo("Europe/Paris")


def at(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-22T06:59", "2026-11-21T07:00"),
        ("2026-11-22T07:00", "2026-11-22T07:00"),
        ("2026-11-22T23:59", "2026-11-22T07:00"),
        # the clock goes back at 3:00
        ("2026-10-25T07:30", "2026-10-25T07:00"),
        ("2026-03-29T06:30", "2026-03-28T07:00"),
    ],
)
def test_the_letter_of_a_day_goes_at_its_hour(now, until):
    assert Often.DAILY.told_until(at(now), PARIS, 7) == at(until)


def test_the_others():
    now = at("2026-11-22T12:00")
    assert Often.AT_ONCE.told_until(now, PARIS, 7) == now
    assert Often.NEVER.told_until(now, PARIS, 7) is None


@pytest.mark.parametrize("kept", [None, "", "x", True, 3, [], {}])
def test_who_chose_nothing_is_told_once_a_day(kept):
    assert Often.of(kept) is Often.DAILY
    assert Often.of("never") is Often.NEVER
