"""When batches go in: at hours of a clock that changes twice a year, or when enough wait."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.lrtzc.batches.domain.timing import Way, When
from ckanext.lrtzc.schedule import Timetable

PARIS = ZoneInfo("Europe/Paris")
EVERY_DAY = frozenset(range(1, 8))


def utc(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def table(*hours, days=EVERY_DAY, zone=PARIS):
    return Timetable(tuple(dt.time.fromisoformat(hour) for hour in hours), frozenset(days), zone)


class TestTimetable:
    @pytest.mark.parametrize(
        ("after", "expected"),
        [
            ("2026-01-14T00:59", "2026-01-14T01:00"),
            ("2026-01-14T01:00", "2026-01-14T13:00"),
            ("2026-01-14T13:00", "2026-01-15T01:00"),
            # in summer the same clock is two hours ahead
            ("2026-07-14T00:00", "2026-07-14T12:00"),
            ("2026-12-31T23:30", "2027-01-01T01:00"),
        ],
    )
    def test_hours_are_those_of_the_clock_in_winter_and_in_summer(self, after, expected):
        assert table("02:00", "14:00").next_after(utc(after)) == utc(expected)

    def test_on_chosen_days_only(self):
        # 2026-11-23 is a Monday
        weekly = table("09:00", days={3, 5})
        assert weekly.next_after(utc("2026-11-23T12:00")) == utc("2026-11-25T08:00")
        assert weekly.next_after(utc("2026-11-25T08:00")) == utc("2026-11-27T08:00")
        assert weekly.next_after(utc("2026-11-27T08:00")) == utc("2026-12-02T08:00")
        assert weekly.last_until(utc("2026-11-25T07:59")) == utc("2026-11-20T08:00")

    def test_an_hour_that_clocks_jump_over_is_made_up_for_on_that_day(self):
        # on 29 March 2026, 02:00 in Paris is followed by 03:00
        assert table("02:30").next_after(utc("2026-03-28T12:00")) == utc("2026-03-29T01:30")
        assert table("02:30").next_after(utc("2026-03-29T01:30")) == utc("2026-03-30T00:30")

    def test_an_hour_that_comes_twice_is_taken_once(self):
        # on 25 October 2026, 03:00 in Paris is followed by 02:00
        assert table("02:30").next_after(utc("2026-10-24T12:00")) == utc("2026-10-25T00:30")
        assert table("02:30").next_after(utc("2026-10-25T00:30")) == utc("2026-10-26T01:30")

    @given(
        st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2040, 1, 1), timezones=st.just(dt.UTC)),
        st.lists(st.times(), min_size=1, max_size=4),
        st.sets(st.integers(1, 7), min_size=1),
        st.sampled_from(["Europe/Paris", "Pacific/Apia", "America/Noronha", "Australia/Lord_Howe"]),
    )
    def test_the_last_hour_and_the_next_one_are_neighbours(self, moment, times, days, zone):
        clock = Timetable(tuple(times), frozenset(days), ZoneInfo(zone))
        last, following = clock.last_until(moment), clock.next_after(moment)
        assert last <= moment < following <= moment + dt.timedelta(days=9)
        assert clock.next_after(last) == following
        assert clock.last_until(following) == following


class TestWhen:
    DAILY = When(Way.HOURS, utc("2026-11-01T00:00"), table("02:00", "14:00"))

    def test_on_arrival_all_goes(self):
        moment = utc("2026-11-23T12:00")
        assert When().gone_by(1, moment, moment) > moment

    def test_at_hours_goes_what_has_waited_since_before_the_last_one(self):
        first = utc("2026-11-23T00:30")
        assert self.DAILY.goes_at(first) == utc("2026-11-23T01:00")
        assert self.DAILY.gone_by(1, first, utc("2026-11-23T00:59")) is None
        assert self.DAILY.gone_by(1, first, utc("2026-11-23T01:00")) == utc("2026-11-23T01:00")

    def test_an_hour_that_nobody_was_there_for_is_made_up_for(self):
        assert self.DAILY.gone_by(1, utc("2026-11-22T00:30"), utc("2026-11-23T05:00")) == utc("2026-11-23T01:00")

    def test_an_hour_before_the_setting_was_made_is_none_of_its_hours(self):
        said = When(Way.HOURS, utc("2026-11-23T15:00"), table("14:00"))
        first = utc("2026-11-23T09:00")
        assert said.gone_by(1, first, utc("2026-11-23T15:01")) is None
        assert said.goes_at(first) == utc("2026-11-24T13:00")

    def test_a_number_of_others_is_waited_for_but_not_for_longer_than_was_said(self):
        said, first = When(Way.NUMBER, number=3, hours=6), utc("2026-11-23T09:00")
        assert said.gone_by(2, first, utc("2026-11-23T14:59")) is None
        assert said.gone_by(3, first, utc("2026-11-23T09:01")) > utc("2026-11-23T09:01")
        assert said.gone_by(1, first, utc("2026-11-23T15:00")) > first
        assert said.goes_at(first) == utc("2026-11-23T15:00")
        assert When(Way.NUMBER, number=3).goes_at(first) is None
        assert When(Way.NUMBER, number=3).gone_by(2, first, utc("2036-11-23T09:00")) is None
