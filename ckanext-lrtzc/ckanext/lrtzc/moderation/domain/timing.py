"""When moderators are told, reminded, and until when they are waited for (MOD-2): pure dates."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class AtEnd(StrEnum):
    """What happens to a case that nobody decided by its deadline; `wait`: its moderators are reminded once more."""

    WAIT = "wait"
    ACCEPT = "accept"
    REJECT = "reject"
    PASS_ON = "pass_on"  # noqa: S105 - no password


LONGEST = 365
"""Days that a deadline or the time between reminders may last."""
A_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Timing:
    """How moderators are told of a case and waited for.

    :param days: until the deadline; None: there is none
    :param remind: days between reminders; None: there are none
    :param at_end: what happens at the deadline
    :param digest: moderators are told once a day of all that came, rather than at once of each
    """

    days: int | None = None
    remind: int | None = None
    at_end: AtEnd = AtEnd.WAIT
    digest: bool = False

    def __post_init__(self) -> None:
        """Refuse what is no number of days."""
        for days in (self.days, self.remind):
            if days is not None and not 1 <= days <= LONGEST:
                raise ValueError(f"{days} days")

    def deadline(self, opened: dt.datetime) -> dt.datetime | None:
        """Give until when a case opened then is waited for."""
        return None if self.days is None else opened + dt.timedelta(days=self.days)

    def reminder(self, told: dt.datetime) -> dt.datetime | None:
        """Give when those who were told of a case then, and haven't voted, are told again."""
        return None if self.remind is None else told + dt.timedelta(days=self.remind)
