"""When the batches of a resource go in: on arrival, at hours, or when enough of them wait."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from ckanext.lrtzc.schedule import Timetable

LEAST, MOST = 2, 10_000
"""Bounds of the number of batches that are waited for."""
LONGEST = 24 * 366
"""Hours, at most, that the first of them waits for the others."""
MOST_TIMES = 24
"""Hours of a day, at most, that may be given."""


_EVER = dt.datetime.min.replace(tzinfo=dt.UTC)


class Way(StrEnum):
    """What batches that passed their checks wait for."""

    ARRIVAL = "arrival"
    HOURS = "hours"
    NUMBER = "number"


@dataclass(frozen=True)
class When:
    """When the batches of a resource go in, as somebody said at `since`.

    `timetable`: the hours (of `HOURS`); `number`: how many are waited for, and `hours` after how many the first of them
    waits no more, 0 for never (of `NUMBER`).
    """

    way: Way = Way.ARRIVAL
    since: dt.datetime = _EVER
    timetable: Timetable | None = None
    number: int = 0
    hours: int = 0

    def gone_by(self, count: int, first: dt.datetime, now: dt.datetime) -> dt.datetime | None:
        """Give the moment such that what has waited since before it goes in now; None where nothing does.

        :param count: how many wait
        :param first: since when the first of them does
        """
        if self.way is Way.HOURS and self.timetable is not None:
            # an hour that had passed when the setting was made isn't one of its hours
            hour = self.timetable.last_until(now)
            return hour if hour > max(first, self.since) else None
        if self.way is Way.NUMBER and count < self.number:
            over = self.hours > 0 and now >= first + dt.timedelta(hours=self.hours)
            return now + dt.timedelta(microseconds=1) if over else None
        return now + dt.timedelta(microseconds=1)

    def goes_at(self, first: dt.datetime) -> dt.datetime | None:
        """Give when what waits since `first` goes in; None where that depends on what comes."""
        if self.way is Way.HOURS and self.timetable is not None:
            return self.timetable.next_after(max(first, self.since))
        if self.way is Way.NUMBER:
            return first + dt.timedelta(hours=self.hours) if self.hours else None
        return first
