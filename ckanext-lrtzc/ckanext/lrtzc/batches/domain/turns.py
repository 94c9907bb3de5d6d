"""Whose turn it is: which of the batches that wait is worked on next.

What a dataset had worked on lately counts against its next batches, so a flood of small ones doesn't keep a large one
of another dataset waiting, nor a row of large ones a small one; and whoever waits comes nearer with each second, so
that nobody waits for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LATELY = 600
"""Seconds for which work counts."""
EACH = 1 << 20
"""Bytes that each batch counts beside its own, for what any batch costs."""
PER_SECOND = 1 << 20
"""Bytes of others' work that a second of waiting makes up for."""
ATTENDED = 60
"""Seconds that somebody who waits before the page is ahead of what comes by itself."""


@dataclass(frozen=True)
class Waiting:
    """A batch that waits: for which dataset, since when (in seconds), whether a person has confirmed it just now."""

    id: str
    package_id: str
    waited: float
    attended: bool = False


def cost(sizes: Iterable[int]) -> int:
    """Give what work on batches of these sizes (bytes) counts."""
    return sum(size + EACH for size in sizes)


def next_of(waiting: Iterable[Waiting], lately: Mapping[str, int]) -> str | None:
    """Give the batch whose turn it is; None where none waits.

    :param lately: by dataset, what was worked on for it (see `cost`), what is under way included
    """

    def debt(batch: Waiting) -> tuple[float, float, str]:
        ahead = batch.waited + (ATTENDED if batch.attended else 0)
        return lately.get(batch.package_id, 0) - ahead * PER_SECOND, -batch.waited, batch.id

    return min(waiting, key=debt).id if (waiting := list(waiting)) else None
