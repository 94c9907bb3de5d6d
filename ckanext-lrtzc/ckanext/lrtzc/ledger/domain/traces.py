"""Which operations leave a trace, and how they are named."""

from enum import StrEnum


class Kind(StrEnum):
    """What an operation is done to; each can be switched on or off, but for `ALWAYS`."""

    DATASET = "dataset"
    RESOURCE = "resource"
    ORGANIZATION = "organization"
    GROUP = "group"
    MEMBER = "member"
    USER = "user"
    ACCOUNT = "account"
    HARVEST = "harvest"
    SETTINGS = "settings"
    DOWNLOAD = "download"
    REUSE = "reuse"
    QUERY = "query"
    # Always traced (LED-1): see ALWAYS.
    ACCESS = "access"
    AGREEMENT = "agreement"
    CONSENT = "consent"
    RIGHT = "right"
    VOTE = "vote"
    TRANSFER = "transfer"
    LEDGER = "ledger"


ALWAYS = frozenset({Kind.ACCESS, Kind.AGREEMENT, Kind.CONSENT, Kind.RIGHT, Kind.VOTE, Kind.TRANSFER, Kind.LEDGER})

# Uses of open data, of which no address is kept.
UNFOLLOWED = frozenset({Kind.DOWNLOAD, Kind.REUSE, Kind.QUERY})


def is_traced(operation: str, chosen: frozenset[str]) -> bool:
    """Say whether an operation named `kind.verb` leaves a trace.

    A kind that isn't known here (an extension's own) is traced: silence must be chosen.
    """
    kind = operation.split(".", 1)[0]
    return kind in ALWAYS or kind in chosen or kind not in set(Kind)
