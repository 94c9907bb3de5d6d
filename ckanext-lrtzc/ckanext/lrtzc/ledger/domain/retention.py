"""How long the details of entries are kept, by kind of operation. The leaves and their proofs stay for ever.

Written as `kind=months`, one after the other: `access=12 download=6`. A kind that isn't named is kept without end.
"""

import datetime as dt
from collections.abc import Iterable, Mapping

from ckanext.lrtzc.ledger.domain.traces import Kind

LONGEST = 1200


def read(parts: Iterable[str]) -> dict[str, int]:
    """Give months by kind. What can't be read is passed over: nothing is ever erased by mistake."""
    found: dict[str, int] = {}
    for part in parts:
        kind, _, months = part.partition("=")
        if kind in set(Kind) and months.isascii() and months.isdigit() and 1 <= int(months) <= LONGEST:
            found[kind] = int(months)
    return found


def write(months: Mapping[str, int]) -> str:
    """Give the text of months by kind; 0 is without end, and not written."""
    return " ".join(f"{kind}={count}" for kind, count in sorted(months.items()) if count)


def before(moment: dt.datetime, months: int) -> dt.datetime:
    """Give the same day and hour so many months earlier; the last day of the month where there is no such day."""
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    if year < 1:
        return dt.datetime.min.replace(tzinfo=moment.tzinfo)
    following = dt.date(year + month // 11, (month + 1) % 12 + 1, 1)
    last = (following - dt.timedelta(days=1)).day
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))
