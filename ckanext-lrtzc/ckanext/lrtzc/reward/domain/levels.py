"""Levels that points reach, and badges that deeds earn (PLY-2): pure counts."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

LEVELS = 5
"""Levels after that of who begins; each has a name of its own."""
THRESHOLDS = (20, 100, 300, 800, 2_000)
"""Points from which each is reached, until administrators say otherwise."""
CANDIDATES = 3
"""The level from which one may offer oneself as a moderator, until administrators say otherwise."""


class Badge(StrEnum):
    """What a badge is for."""

    FIRST = "first"
    FAITHFUL = "faithful"
    PUBLISHER = "publisher"
    ALL_ROUND = "all_round"
    USEFUL = "useful"


MANY = 25
"""Contributions that make somebody faithful."""
USEFUL = 3
"""Uses, by others, of what somebody shares."""
_SENT, _SHARED, _USED = ("contribution",), ("dataset", "algorithm", "restitution", "use_case"), ("reused", "built_on")


@dataclass(frozen=True, slots=True)
class Reached:
    """Where somebody stands: `level` from 0, and the points of the next one, None at the last."""

    level: int
    following: int | None


def reached(points: int, thresholds: Sequence[int]) -> Reached:
    """Say which level points reach; `thresholds` grow."""
    level = bisect_right(thresholds, points)
    return Reached(level, thresholds[level] if level < len(thresholds) else None)


def badges(deeds: Mapping[str, int]) -> list[Badge]:
    """Give the badges that deeds earn, by how many of each kind stand; caps don't matter here."""

    def sum_of(kinds: Sequence[str]) -> int:
        return sum(deeds.get(each, 0) for each in kinds)

    earned = {
        Badge.FIRST: sum_of(_SENT) >= 1,
        Badge.FAITHFUL: sum_of(_SENT) >= MANY,
        Badge.PUBLISHER: sum_of(_SHARED) >= 1,
        Badge.ALL_ROUND: all(deeds.get(each) for each in (*_SENT, *_SHARED[:2])),
        Badge.USEFUL: sum_of(_USED) >= USEFUL,
    }
    return [each for each in Badge if earned[each]]
