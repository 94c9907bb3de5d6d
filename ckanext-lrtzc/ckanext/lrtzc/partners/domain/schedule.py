"""When a partner is harvested next."""

import datetime as dt
from enum import StrEnum


class Schedule(StrEnum):
    """How often a partner is harvested."""

    MANUAL = "manual"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


_STEPS = {
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
