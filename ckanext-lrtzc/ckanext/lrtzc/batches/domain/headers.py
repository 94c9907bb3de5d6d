"""Column names that the DataStore accepts, made from the headers of a file."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .limits import MAX_COLUMNS, MAX_NAME_BYTES
from .problems import BatchError, Problem

_UNSEEN = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")


def _shortened(name: str, room: int = MAX_NAME_BYTES) -> str:
    return name.encode()[:room].decode(errors="ignore").rstrip()


def clean_headers(headers: Sequence[str]) -> tuple[list[str], list[Problem]]:
    """Give one accepted, unique name per header, in order, and what was changed.

    An accepted name is not blank, doesn't start with `_` (CKAN hides those) nor hold `"` or control characters,
    and takes 63 bytes at most. Raises BatchError when there are too many columns or no named one.
    """
    if len(headers) > MAX_COLUMNS:
        raise BatchError("too_many_columns", count=len(headers), limit=MAX_COLUMNS, line=1)
    if not any(header.strip() for header in headers):
        raise BatchError("no_header", line=1)
    names: list[str] = []
    taken: set[str] = set()
    blank = duplicate = long = 0
    wanted = [_UNSEEN.sub(" ", header).replace('"', "'").strip().lstrip("_").strip() for header in headers]
    originals = set(wanted)
    for place, name in enumerate(wanted, start=1):
        if not name:
            name = f"colonne_{place}"
            blank += 1
        if len(name.encode()) > MAX_NAME_BYTES:
            name = _shortened(name)
            long += 1
        if name in taken:
            duplicate += 1
            number = 2
            while (candidate := f"{_shortened(name, MAX_NAME_BYTES - len(str(number)) - 1)}_{number}") in taken or (
                candidate in originals
            ):
                number += 1
            name = candidate
        taken.add(name)
        names.append(name)
    problems: list[Problem] = []
    if blank:
        problems.append(Problem("blank_headers", {"count": blank}, line=1))
    if duplicate:
        problems.append(Problem("duplicate_headers", line=1))
    if long:
        problems.append(Problem("long_headers", line=1))
    return names, problems
