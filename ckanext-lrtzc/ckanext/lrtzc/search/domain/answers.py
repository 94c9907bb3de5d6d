"""What an answer to a look at a link says of it."""

from enum import StrEnum


class Outcome(StrEnum):
    """`ANSWERS`, `FAILS`, or `UNSURE`: the server is there and doesn't let programs look."""

    ANSWERS = "answers"
    FAILS = "fails"
    UNSURE = "unsure"


_GUARDED = frozenset({401, 403, 405, 407, 429, 451, 501, 503})
#: Failures on the portal's own side, or of an answer that did begin.
UNTOLD = frozenset({"too_large", "too_compressed", "encoding", "truncated"})


def outcome(status: int) -> Outcome:
    """Say what an HTTP status means for whoever follows a link."""
    if 200 <= status < 400:
        return Outcome.ANSWERS
    return Outcome.UNSURE if status in _GUARDED else Outcome.FAILS


def failures(before: int, found: Outcome) -> int:
    """Give how often in a row a link failed, after one more look."""
    match found:
        case Outcome.ANSWERS:
            return 0
        case Outcome.FAILS:
            return before + 1
        case Outcome.UNSURE:
            return before
