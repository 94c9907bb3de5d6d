"""The order in which work is shown."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar


class Part(StrEnum):
    """The parts of the page, in their order, and the stands that each shows."""

    PERSON = "person"
    COMING = "coming"
    FAILED = "failed"
    DONE = "done"


PARTS = {
    "person": Part.PERSON,
    "now": Part.COMING,
    "next": Part.COMING,
    "failed": Part.FAILED,
    "done": Part.DONE,
}


class _Standing(Protocol):
    @property
    def stand(self) -> str: ...

    @property
    def moment(self) -> datetime: ...


Piece = TypeVar("Piece", bound=_Standing)


def arranged(pieces: Iterable[Piece], limit: int) -> dict[Part, list[Piece]]:
    """Give pieces of work by part: what goes on now and comes next by its time, the others with the latest first.

    :param limit: how many of each part at most
    """
    parts: dict[Part, list[Piece]] = {part: [] for part in Part}
    for piece in pieces:
        parts[PARTS[piece.stand]].append(piece)
    for part, found in parts.items():
        if part is Part.COMING:
            found.sort(key=lambda piece: (piece.stand != "now", piece.moment))
        else:
            found.sort(key=lambda piece: piece.moment, reverse=True)
        del found[limit:]
    return parts
