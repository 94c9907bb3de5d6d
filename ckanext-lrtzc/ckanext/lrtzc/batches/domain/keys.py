"""Keys of records: which of them are columns, looked for in the whole file, and what is said of those that aren't."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from .limits import MAX_COLUMNS
from .problems import BatchError, Problem

Key = str | tuple[str, ...]
"""The name of a value of a record, or the names that lead to one further in: those may hold a point themselves."""

BEGINNING = 2_000
"""Records by which one sees whether they are rows of a table: where these have too many keys, they are none."""
LONGEST_KEY = 500
"""Characters of a key that can be a column; its name is shortened to what the database takes."""
# keys that a sentence names, and the characters it shows of each
_NAMED, _SHOWN = 5, 60
# characters that a report keeps of what was left out of a record, and records of which it does
_TEXT, _TEXTS = 1_000, 20_000


def header_of(key: Key) -> str:
    """Write a key as the name of a column.

    >>> header_of("nom"), header_of(("adresse", "rue"))
    ('nom', 'adresse.rue')
    """
    return key if isinstance(key, str) else ".".join(key)


def keys_of(settings: Mapping[str, Any], path: str) -> list[Key] | None:
    """Give the keys that an earlier reading of the records at `path` found; None where there was none."""
    found = (settings.get("keys") or {}).get(path)
    return [tuple(key) if isinstance(key, list) else key for key in found] if found else None


def columns_of(records: Iterable[Mapping[Key, Any]]) -> tuple[list[Key], list[Problem]]:
    """Give the keys of all records that are columns, as they come up, and what is said of the others.

    No more is kept than the columns and one record. Raises BatchError where the first records have too many keys.
    """
    found: dict[Key, None] = {}
    left: dict[Key, None] = {}
    first = 0
    for number, record in enumerate(records, start=1):
        if record.keys() <= found.keys():
            continue
        for key in record:
            if key in found:
                continue
            if len(header_of(key)) <= LONGEST_KEY:
                if len(found) < MAX_COLUMNS:
                    found[key] = None
                    continue
                if number <= BEGINNING:
                    raise BatchError("too_many_keys", limit=MAX_COLUMNS, line=number)
            first = first or number
            if len(left) <= _NAMED:
                left[key] = None
    told = {"names": _named(list(left)), "limit": MAX_COLUMNS, "longest": LONGEST_KEY}
    return list(found), [Problem("keys_left_out", told, line=first)] if left else []


def _named(keys: Sequence[Key]) -> str:
    names = [header_of(key) for key in keys[:_NAMED]]
    cut = [name if len(name) <= _SHOWN else f"{name[: _SHOWN - 1]}…" for name in names]
    return ", ".join([*cut, *(["…"] if len(keys) > _NAMED else [])])


class Columns:
    """Makes rows of records, and notes what of them has no column. `cell` writes a value as text, None where empty."""

    def __init__(self, keys: Sequence[Key], cell: Callable[[Any], str | None]):
        self._places, self._cell = {key: place for place, key in enumerate(keys)}, cell
        self._noted: list[Problem] = []
        self._count = 0

    def row(self, number: int, record: Mapping[Key, Any]) -> list[str | None]:
        """Give the cells of a record, by its number."""
        cells: list[str | None] = [None] * len(self._places)
        # of many columns a record may have few
        whole = True
        for key, value in record.items():
            place = self._places.get(key)
            if place is None:
                whole = False
            else:
                cells[place] = self._cell(value)
        if not whole:
            self._note(number, record)
        return cells

    def _note(self, number: int, record: Mapping[Key, Any]) -> None:
        told = ((key, self._cell(value)) for key, value in record.items() if key not in self._places)
        if not (left := {key: text for key, text in told if text is not None}):
            return
        self._count += 1
        params = {"names": _named(list(left))}
        if self._count <= _TEXTS:
            shown = (f"{header_of(key)[:_SHOWN]}: {text[:_TEXT]}" for key, text in islice(left.items(), _TEXT))
            params["row"] = "; ".join(shown)[:_TEXT]
        self._noted.append(Problem("key_left_out", params, line=number))

    def noted(self) -> list[Problem]:
        """Give what was noted since this was asked."""
        found, self._noted = self._noted, []
        return found
