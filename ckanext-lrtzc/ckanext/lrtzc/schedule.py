"""When what is done by the clock is done next: harvests of partners, runs of sources."""

import datetime as dt
from enum import StrEnum

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
