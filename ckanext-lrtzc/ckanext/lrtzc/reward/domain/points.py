"""How many points deeds give: a pure count, under caps (PLY-1, PLY-3).

The points of a month are a function of the deeds that stand in it, and of nothing that happened to them before: what
is withdrawn leaves room under the caps to what stands, and what comes back gives what it gave.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

MOST = 1_000
"""Points that one deed may give."""
MOST_MONTHLY = 100_000
"""The highest cap."""


class Because(StrEnum):
    """Why a deed gives what it gives."""

    WHOLE = "whole"
    DAY = "day"
    MONTH = "month"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Weight:
    """Points that a kind of deed gives, and gives at most in a day of the territory."""

    points: int
    daily: int

    def __post_init__(self) -> None:
        """Refuse what is no number of points."""
        if not (0 <= self.points <= MOST and 0 <= self.daily <= MOST_MONTHLY):
            raise ValueError(f"{self.points} points, {self.daily} a day")


@dataclass(frozen=True, slots=True)
class Rules:
    """What each kind of deed gives, and what all of them give at most in a month; in force from `since` on."""

    since: dt.datetime
    weights: Mapping[str, Weight]
    monthly: int

    def __post_init__(self) -> None:
        """Refuse what is no number of points."""
        if not 0 <= self.monthly <= MOST_MONTHLY:
            raise ValueError(f"{self.monthly} points a month")


@dataclass(frozen=True, slots=True)
class Done:
    """A deed that stands: its kind, which, and since when (aware)."""

    deed: str
    subject: str
    moment: dt.datetime


Given = tuple[int, Because]
"""Points, and why."""


def counted(done: Iterable[Done], rules_at: Callable[[dt.datetime], Rules], zone: dt.tzinfo) -> dict[Done, Given]:
    """Give the points of each of one person's deeds; those of a month are counted together.

    :param done: all that stands in some months, in any order
    :param rules_at: gives the rules that were in force at a moment
    :param zone: where days and months begin
    """
    by_day: defaultdict[tuple[dt.date, str], int] = defaultdict(int)
    by_month: defaultdict[tuple[int, int], int] = defaultdict(int)
    found: dict[Done, Given] = {}
    for each in sorted(set(done), key=lambda one: (one.moment, one.deed, one.subject)):
        rules, day = rules_at(each.moment), each.moment.astimezone(zone).date()
        weight = rules.weights.get(each.deed)
        if weight is None or not weight.points:
            found[each] = 0, Because.NOTHING
            continue
        in_day, in_month = (day, each.deed), (day.year, day.month)
        left_today = max(0, weight.daily - by_day[in_day])
        left_this_month = max(0, rules.monthly - by_month[in_month])
        points = min(weight.points, left_today, left_this_month)
        if points == weight.points:
            found[each] = points, Because.WHOLE
        else:
            found[each] = points, Because.DAY if left_today <= left_this_month else Because.MONTH
        by_day[in_day] += points
        by_month[in_month] += points
    return found


def month_of(moment: dt.datetime, zone: dt.tzinfo) -> tuple[dt.datetime, dt.datetime]:
    """Give when the month of a moment begins and ends in a zone."""
    day = moment.astimezone(zone).date().replace(day=1)
    following = (day + dt.timedelta(days=32)).replace(day=1)
    return dt.datetime(day.year, day.month, 1, tzinfo=zone), dt.datetime(
        following.year, following.month, 1, tzinfo=zone
    )
