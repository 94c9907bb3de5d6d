"""When what is done by the clock is done next: harvests of partners, runs of sources, batches that go in at hours."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from ckanext.lrtzc.translation import mark


class Schedule(StrEnum):
    """How often it is done."""

    MANUAL = "manual"
    QUARTER_HOUR = "quarter_hour"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


WORDS: dict[Schedule, str] = {
    Schedule.MANUAL: mark("Only when asked"),
    Schedule.QUARTER_HOUR: mark("Every 15 minutes"),
    Schedule.HOURLY: mark("Every hour"),
    Schedule.DAILY: mark("Every day"),
    Schedule.WEEKLY: mark("Every week"),
    Schedule.MONTHLY: mark("Every month"),
}
HARVESTS = tuple(each for each in Schedule if each is not Schedule.QUARTER_HOUR)
"""How often whole portals are harvested: they are asked for much more than a source is."""
_STEPS = {
    Schedule.QUARTER_HOUR: dt.timedelta(minutes=15),
    Schedule.HOURLY: dt.timedelta(hours=1),
    Schedule.DAILY: dt.timedelta(days=1),
    Schedule.WEEKLY: dt.timedelta(weeks=1),
}


def next_run(schedule: Schedule, after: dt.datetime) -> dt.datetime | None:
    """Give the moment of the run that follows `after`, or nothing for a manual schedule.

    A month later is the same day of the next month, or its last day where there is none.
    """
    if schedule is Schedule.MANUAL:
        return None
    if schedule is Schedule.MONTHLY:
        year, month = after.year + after.month // 12, after.month % 12 + 1
        first_after = dt.date(year + month // 12, month % 12 + 1, 1)
        last_day = (first_after - dt.timedelta(days=1)).day
        return after.replace(year=year, month=month, day=min(after.day, last_day))
    return after + _STEPS[schedule]


DAYS: dict[int, str] = {
    1: mark("Monday"),
    2: mark("Tuesday"),
    3: mark("Wednesday"),
    4: mark("Thursday"),
    5: mark("Friday"),
    6: mark("Saturday"),
    7: mark("Sunday"),
}
"""Days of the week, as ISO 8601 numbers them."""


@dataclass(frozen=True)
class Timetable:
    """Given hours of given days of the week (see `DAYS`; one of each at least), on the clocks of a zone.

    An hour that clocks jump over when they go forward is taken as many minutes after it as they jump; one that they
    show twice is taken once, the first time (PEP 495, `fold=0`).
    """

    times: tuple[dt.time, ...]
    days: frozenset[int]
    zone: ZoneInfo

    def _around(self, moment: dt.datetime) -> Iterator[dt.datetime]:
        """Give the hours from a week before to a week after a moment, in UTC."""
        day = moment.astimezone(self.zone).date()
        for offset in range(-8, 9):
            there = day + dt.timedelta(days=offset)
            if there.isoweekday() in self.days:
                for time in self.times:
                    yield dt.datetime.combine(there, time, self.zone).astimezone(dt.UTC)

    def next_after(self, moment: dt.datetime) -> dt.datetime:
        """Give the first of the hours after a moment, in UTC."""
        return min(each for each in self._around(moment) if each > moment)

    def last_until(self, moment: dt.datetime) -> dt.datetime:
        """Give the last of the hours that a moment has reached, in UTC."""
        return max(each for each in self._around(moment) if each <= moment)
