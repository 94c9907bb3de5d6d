"""Where a need stands, by what producers answered."""

from collections.abc import Collection
from enum import StrEnum


class Status(StrEnum):
    """Where a need stands."""

    OPEN = "open"
    ANSWERED = "answered"
    MET = "met"
    DECLINED = "declined"


ANSWERS = (Status.ANSWERED, Status.MET, Status.DECLINED)
"""What a producer may answer."""


def status_of(answers: Collection[Status]) -> Status:
    """Give where a need stands: the best that some producer answered; that another declines takes nothing away."""
    return next((each for each in (Status.MET, Status.ANSWERED, Status.DECLINED) if each in answers), Status.OPEN)
