"""What must hold before data is published as open without a hand. None of it is guessed: what isn't known isn't met."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Condition(StrEnum):
    """What is asked, in the order in which it is said."""

    DESCRIBED = "described"
    LICENCE = "licence"
    DATA = "data"
    RECEIVED = "received"
    QUALITY = "quality"
    MODERATION = "moderation"
    OPEN = "open"


@dataclass(frozen=True)
class Facts:
    """What is known of a dataset.

    `missing`: how many fields must be filled before it may be published. `states`: where the last batch of each file
    stands. `reports`: what the check of quality said of the last batch of each file that was checked. `waiting`: how
    many batches people are to decide on. `held_back`: the whole or a part of it isn't open to all.
    """

    missing: int
    open_licence: bool
    files: int
    states: Collection[str]
    reports: Collection[Mapping[str, Any]]
    waiting: int
    held_back: bool


_WAITING = "waiting"
# Where a batch stands that is part of the data.
_IN = "integrated"
_GOOD = "good"


def judged(facts: Facts) -> dict[Condition, bool]:
    """Say of each condition whether it is met."""
    return {
        Condition.DESCRIBED: not facts.missing,
        Condition.LICENCE: facts.open_licence,
        Condition.DATA: facts.files > 0,
        Condition.RECEIVED: all(state in (_IN, _WAITING) for state in facts.states),
        Condition.QUALITY: all(report.get("verdict") == _GOOD for report in facts.reports),
        Condition.MODERATION: not facts.waiting and _WAITING not in facts.states,
        Condition.OPEN: not facts.held_back,
    }
