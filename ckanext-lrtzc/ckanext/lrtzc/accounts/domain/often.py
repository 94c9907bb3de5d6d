"""How often a person is told of what they follow, and when it is time."""

import datetime as dt
from enum import StrEnum


class Often(StrEnum):
    """A choice of the profile; who chose nothing is told once a day."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    NEVER = "never"

    @classmethod
    def of(cls, kept: object) -> "Often":
        """Give the choice that was kept, the usual one where none is."""
        return cls(kept) if kept in list(cls) else cls.DAILY

    def told_until(self, now: dt.datetime, zone: dt.tzinfo, hour: int) -> dt.datetime | None:
        """Give the moment up to which what happened is to be told now; None where nothing ever is.

        :param now: an aware time
        :param zone: the territory's, in which days begin
        :param hour: hour of the day, 0 to 23, at which the letter of a day goes out
        """
        match self:
            case Often.AT_ONCE:
                return now
            case Often.NEVER:
                return None
            case Often.DAILY:
                local = now.astimezone(zone)
                day = local.date() if local.hour >= hour else local.date() - dt.timedelta(days=1)
                return dt.datetime.combine(day, dt.time(hour), zone).astimezone(dt.UTC)
