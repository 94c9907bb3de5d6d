"""When a rule of retention warns, and when it destroys. Days are local ones, of the territory."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never


class Kind(StrEnum):
    """What a rule destroys: the whole dataset, once; or each day the rows that have become too old."""

    DATASET = "dataset"
    ROWS = "rows"


class State(StrEnum):
    """Whether a rule is applied; `held`: somebody keeps the data for a reason that they gave; `done`: it is over."""

    STANDING = "standing"
    HELD = "held"
    DONE = "done"


class Step(StrEnum):
    """What is to be done of a rule now."""

    NOTHING = "nothing"
    WARN = "warn"
    DESTROY = "destroy"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a rule says.

    `begun`: the day from which the age of a dataset counts. `warned`: the day its warning was given, `ran`: the last
    day it destroyed old rows.
    """

    kind: Kind
    state: State
    begun: dt.date
    warn_days: int
    days: int | None = None
    on_day: dt.date | None = None
    warned: dt.date | None = None
    ran: dt.date | None = None


def end_of(terms: Terms) -> dt.date | None:
    """Give the day on which a whole dataset is at its end; None for a rule on rows, which go day by day.

    :raises ValueError: where neither a day nor an age is said.
    """
    match terms.kind:
        case Kind.ROWS:
            return None
        case Kind.DATASET if terms.on_day is not None:
            return terms.on_day
        case Kind.DATASET if terms.days is not None:
            return terms.begun + dt.timedelta(days=terms.days)
        case Kind.DATASET:
            raise ValueError("a rule on a dataset says a day or an age")
        case _:
            assert_never(terms.kind)


def destroys_from(terms: Terms, today: dt.date) -> dt.date:
    """Give the first day on which a rule may destroy: never before its warning has stood for as long as it says."""
    warned = terms.warned or max(today, _warns_from(terms, today))
    return max(end_of(terms) or warned, warned + dt.timedelta(days=terms.warn_days))


def _warns_from(terms: Terms, today: dt.date) -> dt.date:
    end = end_of(terms)
    return today if end is None else end - dt.timedelta(days=terms.warn_days)


def step(terms: Terms, today: dt.date) -> Step:
    """Say what is to be done of a rule on a day."""
    if terms.state is not State.STANDING or (terms.ran is not None and terms.ran >= today):
        return Step.NOTHING
    if terms.warned is None:
        return Step.WARN if today >= _warns_from(terms, today) else Step.NOTHING
    return Step.DESTROY if today >= destroys_from(terms, today) else Step.NOTHING


def oldest_kept(days: int, today: dt.date) -> dt.date:
    """Give the first day whose rows are kept: those dated before it are older than `days` days."""
    return today - dt.timedelta(days=days)
