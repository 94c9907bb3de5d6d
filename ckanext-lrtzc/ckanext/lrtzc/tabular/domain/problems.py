"""What can be wrong in an address, as codes that a page or a program can put into words."""

from dataclasses import dataclass
from enum import StrEnum

SHOWN = 80


class Code(StrEnum):
    """The stable codes of what can be wrong with a query."""

    UNKNOWN_COLUMN = "unknown_column"
    UNKNOWN_FILTER = "unknown_filter"
    NOT_FOR_COLUMN = "not_for_column"
    WRONG_NUMBER = "wrong_number"
    WRONG_DATE = "wrong_date"
    WRONG_BOOLEAN = "wrong_boolean"
    WRONG_TEXT = "wrong_text"
    WRONG_CHOICE = "wrong_choice"
    WRONG_BBOX = "wrong_bbox"
    WRONG_NEAR = "wrong_near"
    NO_GEOMETRY = "no_geometry"
    REPEATED = "repeated"
    TOO_MANY = "too_many"
    TOO_LONG = "too_long"
    TOO_FAR = "too_far"
    NEEDS_COLUMN = "needs_column"
    NEEDS_NUMBER = "needs_number"


@dataclass(frozen=True)
class Problem:
    """One thing wrong: its code, the parameter of the address, the column it speaks of, and the value as given.

    `choices` lists what would have been right, when the list is short; `limit` is the bound that was passed.
    """

    code: Code
    parameter: str
    value: str = ""
    column: str = ""
    choices: tuple[str, ...] = ()
    limit: int | None = None


class Wrong(Exception):
    """A value that can't be read; carries the code, and the bound that was passed if there is one."""

    def __init__(self, code: Code, choices: tuple[str, ...] = (), limit: int | None = None):
        super().__init__(code)
        self.code, self.choices, self.limit = code, choices, limit


def problem(wrong: Wrong, parameter: str, value: str = "", column: str = "") -> Problem:
    """Make the problem of one parameter out of what was wrong with its value, cut to a length one can show."""
    shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in value[: SHOWN + 1])
    shown = shown if len(shown) <= SHOWN else shown[:SHOWN] + "…"
    return Problem(wrong.code, parameter[:SHOWN], shown, column, wrong.choices, wrong.limit)
