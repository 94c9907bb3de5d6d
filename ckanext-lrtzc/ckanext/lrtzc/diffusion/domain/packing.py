"""Rows packed into messages of a bounded size, a bounded number of them."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ckanext.lrtzc.diffusion.domain import message

ROWS = "dataset.rows"
_END = b'"rows":[]}}'


def rows_of(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Give the rows of a file that is a list of objects of JSON, one a line, each as it is written there."""
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        yield from _rows(lines)
    yield from _rows([rest])


def _rows(lines: Iterable[bytes]) -> Iterator[bytes]:
    return (line.rstrip(b",") for line in lines if line.startswith(b"{"))


def packed(
    rows: Iterable[bytes], moment: dt.datetime, data: Mapping[str, Any], size: int, most: int
) -> list[bytes] | None:
    """Give messages that tell rows: `data` of each, with `part` (its `number`, `of` how many) and `rows`.

    :param rows: each as JSON; `moment`: when what they tell happened
    :param size: bytes of one message at most; `most`: messages
    :returns: one message at least; None where that isn't enough for all rows, of which no more are then read
    """
    room = size - len(_frame(moment, data, most, most))
    parts: list[list[bytes]] = [[]]
    used = 0
    for row in rows:
        if used + len(row) + 1 > room and parts[-1]:
            parts.append([])
            used = 0
        if len(row) > room or len(parts) > most:
            return None
        parts[-1].append(row)
        used += len(row) + 1
    return [
        _frame(moment, data, number, len(parts)).removesuffix(_END) + b'"rows":[' + b",".join(part) + b"]}}"
        for number, part in enumerate(parts, 1)
    ]


def _frame(moment: dt.datetime, data: Mapping[str, Any], number: int, of: int) -> bytes:
    return message.body(ROWS, moment, {**data, "part": {"number": number, "of": of}, "rows": []})
