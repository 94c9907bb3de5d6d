"""What can be said of one file of a collection, by a code that stays."""

from enum import StrEnum
from typing import Any


class Code(StrEnum):
    """What happened to a file: refused for a reason, or taken with a remark."""

    # refused
    OTHER_KIND = "other_kind"
    UNKNOWN = "unknown"
    SCRIPT = "script"
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TOO_MANY_PIXELS = "too_many_pixels"
    UNREADABLE = "unreadable"
    TOO_HEAVY = "too_heavy"
    NOT_STRIPPED = "not_stripped"
    LINK = "link"
    ARCHIVE = "archive"
    TABLE = "table"
    INFECTED = "infected"
    MACRO = "macro"
    DUPLICATE = "duplicate"
    # taken, with a remark
    RENAMED = "renamed"
    SAME_NAME = "same_name"
    TRAILING = "trailing"
    POSITION_REMOVED = "position_removed"
    NO_TEXT = "no_text"


class Refused(Exception):
    """The file isn't taken; `code` says why, `params` complete the sentence."""

    def __init__(self, code: Code, **params: Any):
        super().__init__(code.value)
        self.code, self.params = code, params
