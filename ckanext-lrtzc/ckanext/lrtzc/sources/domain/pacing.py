"""When a source is run next, after a success or a failure, and when its silence is worth a word."""

import datetime as dt

from ckanext.lrtzc.schedule import Schedule, next_run

FIRST_WAIT = dt.timedelta(minutes=5)
SOON_TRIES = 6
"""How often a failure that may pass is tried again before the hour of the schedule: after 5, 10, 20… 160 minutes."""


def wait_after(failures: int) -> dt.timedelta | None:
    """Give how long to wait after so many failures in a row, each wait twice the one before; None: no longer soon."""
    return FIRST_WAIT * 2 ** (failures - 1) if 0 < failures <= SOON_TRIES else None


def next_after(schedule: Schedule, moment: dt.datetime, failures: int, *, passing: bool = False) -> dt.datetime | None:
    """Give when a source is run next, that was run at `moment`.

    :param failures: how many runs in a row failed, this one included
    :param passing: whether the failure may pass by itself: what a person must mend waits for the schedule's hour
    :returns: nothing for a source that is only run when asked
    """
    regular = next_run(schedule, moment)
    wait = wait_after(failures) if passing else None
    return regular if regular is None or wait is None else min(regular, moment + wait)


def is_silent(days: int, last_new: dt.datetime, told: dt.datetime | None, now: dt.datetime) -> bool:
    """Say whether nothing new came for longer than the `days` bargained for (0: no bound), and nobody was told yet."""
    return days > 0 and now - last_new > dt.timedelta(days=days) and (told is None or told < last_new)
