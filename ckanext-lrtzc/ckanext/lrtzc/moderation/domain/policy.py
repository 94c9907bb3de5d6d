"""When the votes of moderators decide (MOD-4): a pure count.

One number says it all: how many must accept. It is accepted as soon as that many have; it is rejected as soon as that
many no longer can. What the missing votes say changes neither, so the outcome falls once and for good.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import ceil


class Rule(StrEnum):
    """How many of the moderators must accept."""

    ONE = "one"
    MAJORITY = "majority"
    UNANIMITY = "unanimity"


class Choice(StrEnum):
    """What a moderator says."""

    ACCEPT = "accept"
    REJECT = "reject"


class Outcome(StrEnum):
    """What the votes cast so far come to."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


TWO_THIRDS = Fraction(2, 3)
_HALF = Fraction(1, 2)
_SHARE = re.compile(r"(\d{1,4})\s*/\s*(\d{1,4})|(\d{1,3}(?:[.,]\d{1,2})?)\s*%?")


@dataclass(frozen=True, slots=True)
class Policy:
    """A rule; `share`, from a half to the whole, counts for a qualified majority only."""

    rule: Rule = Rule.ONE
    share: Fraction = TWO_THIRDS

    def __post_init__(self) -> None:
        """Refuse a share that is no majority."""
        if not _HALF <= self.share <= 1:
            raise ValueError("a qualified majority is at least a half, and at most the whole")

    def needed(self, designated: int) -> int:
        """Give how many of the moderators designated (one at least) must accept."""
        match self.rule:
            case Rule.ONE:
                return 1
            case Rule.MAJORITY:
                # Exactly a half is no majority, whatever the share.
                return max(designated // 2 + 1, ceil(self.share * designated))
            case Rule.UNANIMITY:
                return designated

    def outcome(self, designated: int, accepts: int, rejects: int) -> Outcome:
        """Say what votes come to; shares are of all the moderators designated, those who said nothing included.

        :raises ValueError: where nobody is designated, or more have voted than there are
        """
        if designated < 1 or min(accepts, rejects) < 0 or accepts + rejects > designated:
            raise ValueError(f"{accepts} and {rejects} votes of {designated} moderators")
        needed = self.needed(designated)
        if accepts >= needed:
            return Outcome.ACCEPTED
        if rejects > designated - needed:
            return Outcome.REJECTED
        return Outcome.PENDING


def electorate(named: Collection[str], administrators: Collection[str], author: str | None) -> list[str]:
    """Give who judges: those named but the author; where nobody is left, the administrators but the author."""
    return sorted(set(named) - {author}) or sorted(set(administrators) - {author})


def read_share(text: str) -> Fraction:
    """Read a share as people write it: `2/3`, `66.67 %`, `60`.

    :raises ValueError: where it isn't one, or isn't from a half to the whole
    """
    found = _SHARE.fullmatch(text.strip())
    if found is None:
        raise ValueError("not a share")
    above, below, percent = found.groups()
    if percent is None and not int(below):
        raise ValueError("not a share")
    share = Fraction(int(above), int(below)) if percent is None else Fraction(percent.replace(",", ".")) / 100
    return Policy(Rule.MAJORITY, share).share


def write_share(share: Fraction) -> str:
    """Write a share so that `read_share` reads it."""
    return f"{share.numerator}/{share.denominator}"
