"""Deadlines and reminders are days after what they count from."""

import datetime as dt

import pytest

from ckanext.lrtzc.moderation.domain.timing import Timing

OPENED = dt.datetime(2024, 2, 28, 23, 30, tzinfo=dt.UTC)


def test_a_deadline_and_a_reminder_are_so_many_days_later():
    timing = Timing(days=2, remind=1)
    assert timing.deadline(OPENED) == dt.datetime(2024, 3, 1, 23, 30, tzinfo=dt.UTC)
    assert timing.reminder(OPENED) == dt.datetime(2024, 2, 29, 23, 30, tzinfo=dt.UTC)
    assert Timing().deadline(OPENED) is Timing().reminder(OPENED) is None


@pytest.mark.parametrize("wrong", [{"days": 0}, {"days": -3}, {"remind": 366}])
def test_what_is_no_number_of_days_is_refused(wrong):
    with pytest.raises(ValueError, match="days"):
        Timing(**wrong)
