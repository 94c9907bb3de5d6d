"""What becomes of a message after it was tried: exponential back-off with jitter, and an end.

The wait before the try n + 1 is drawn evenly from the upper half of 30 s × 2^(n-1), at most six hours, so that
receivers that came back are not called by all at the same instant.
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

BASE = 30.0
LONGEST = 6 * 3600.0
GONE = 410
"""Answer of a receiver that wants no more messages (RFC 9110, section 15.5.11)."""


class Outcome(StrEnum):
    """What one try came to."""

    DELIVERED = "delivered"
    AGAIN = "again"
    GIVEN_UP = "given_up"
    UNWANTED = "unwanted"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver answered: its status, 0 where there was no answer; `after`, seconds it asks to wait."""

    status: int
    after: float | None = None

    @property
    def accepted(self) -> bool:
        """Say whether the receiver took the message."""
        return 200 <= self.status < 300


def outcome(answer: Answer, waited: dt.timedelta, patience: dt.timedelta) -> Outcome:
    """Say what becomes of a message.

    :param waited: since it was first tried; given up once that is longer than `patience`
    """
    if answer.accepted:
        return Outcome.DELIVERED
    if answer.status == GONE:
        return Outcome.UNWANTED
    return Outcome.GIVEN_UP if waited >= patience else Outcome.AGAIN


def wait(attempts: int, chance: float, after: float | None = None) -> dt.timedelta:
    """Give how long to wait before the next try.

    :param attempts: how many were made, from 1 on
    :param chance: a number drawn from 0 to 1
    :param after: seconds that the receiver asked for (Retry-After); never shorter than that, six hours at most
    """
    full = min(LONGEST, BASE * 2 ** min(attempts - 1, 30))
    drawn = full * (0.5 + chance / 2)
    return dt.timedelta(seconds=min(LONGEST, max(drawn, after or 0.0)))


def retry_after(text: str) -> float | None:
    """Read the header Retry-After where it says seconds (RFC 9110, section 10.2.3); None for dates and the rest."""
    text = text.strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
