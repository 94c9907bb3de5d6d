"""What readers of rows (spreadsheets, records) share: rows of Python values become frames of text."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import polars as pl

from .tables import GEOMETRY, POSITION, Frame

# characters of a frame: rows may hold whole documents or the outline of a country
_WEIGHT = 32 << 20
# what a cell weighs besides its characters
_CELL = 8


def as_text(value: Any) -> str | None:
    """Write a value as the text that a CSV of it would hold; None when there is none.

    Dates are ISO 8601; a float without fraction is a whole number; lists and objects are JSON.
    """
    match value:
        case None | "":
            return None
        case str():
            return value.replace("\0", "") or None
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            if not math.isfinite(value):
                return None
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case dt.datetime():
            if value.time() == dt.time(0) and value.tzinfo is None:
                return value.date().isoformat()
            return value.isoformat()
        case dt.date() | dt.time():
            return value.isoformat()
        case dt.timedelta():
            return str(value)
        case dict() | list():
            return json.dumps(value, ensure_ascii=False, default=str)
        case _:
            return str(value)


def as_moment(text: str) -> str:
    """Write a date with a time (ISO 8601) in universal time, without its offset; as it was where it is none.

    >>> as_moment("2024-03-01T01:30:00+02:00"), as_moment("2024-02-29 12:00:00.5Z"), as_moment("demain")
    ('2024-02-29T23:30:00', '2024-02-29T12:00:00.500000', 'demain')
    """
    try:
        moment = dt.datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            moment = moment.astimezone(dt.UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return text
    return moment.isoformat()


def frame_of(
    names: Sequence[str],
    rows: Sequence[Sequence[str | None]],
    positions: Sequence[int],
    geometries: Sequence[str | None] | None,
) -> pl.DataFrame:
    """Give rows of text as a frame of String columns with their positions."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    data = pl.DataFrame([pl.Series(name, column, dtype=pl.String) for name, column in zip(names, columns, strict=True)])
    data = data.with_columns(pl.Series(POSITION, positions, dtype=pl.Int64))
    if geometries is not None:
        data = data.with_columns(pl.Series(GEOMETRY, geometries, dtype=pl.String))
    return data


def chunked(
    names: Sequence[str],
    rows: Iterable[tuple[int, Sequence[str | None], str | None]],
    size: int,
    *,
    geographic: bool,
    total: float | None = None,
    progress: Any = None,
) -> Iterator[Frame]:
    """Group (position, cells, geometry) into frames of `size` rows, or fewer where these are long.

    `progress()` gives the share read.
    """
    cells: list[Sequence[str | None]] = []
    positions: list[int] = []
    geometries: list[str | None] = []
    count = weight = 0

    def flush() -> Frame:
        done = progress() if progress else min(count / total, 1.0) if total else 0.0
        return Frame(frame_of(names, cells, positions, geometries if geographic else None), done=done)

    for position, row, geometry in rows:
        cells.append(row)
        positions.append(position)
        geometries.append(geometry)
        count += 1
        # empty cells weigh as well, where there are many columns
        weight += sum(map(len, filter(None, row))) + len(geometry or "") + _CELL * len(row)
        if len(cells) >= size or weight >= _WEIGHT:
            yield flush()
            cells, positions, geometries = [], [], []
            weight = 0
    if cells:
        yield flush()
