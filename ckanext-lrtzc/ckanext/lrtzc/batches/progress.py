"""How far a batch is, kept in Redis for the page that asks every second."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from ckan.lib.redis import connect_to_redis

_SECONDS = 86_400
# shares of the bar: reading, search, indexes
_PHASES = {"waiting": (0, 0), "loading": (2, 60), "searching": (60, 80), "indexing": (80, 99)}


def _key(batch_id: str) -> str:
    return f"lrtzc:batches:progress:{batch_id}"


def percentage(phase: str, share: float) -> int:
    """Give the whole percentage for a share (0 to 1) of a phase.

    >>> percentage("loading", 0.5)
    31
    """
    start, end = _PHASES.get(phase, (0, 0))
    return round(start + (end - start) * min(max(share, 0.0), 1.0))


def teller(batch_id: str) -> Callable[[str, float], None]:
    """Give the function that a load tells its progress to; it writes twice a second at most."""
    redis = connect_to_redis()
    last: dict[str, Any] = {"time": 0.0, "phase": ""}

    def tell(phase: str, share: float) -> None:
        now = time.monotonic()
        if phase == last["phase"] and now - last["time"] < 0.5:
            return
        last.update(time=now, phase=phase)
        redis.set(_key(batch_id), json.dumps({"phase": phase, "percent": percentage(phase, share)}), ex=_SECONDS)

    return tell


def read(batch_id: str) -> dict[str, Any]:
    """Give {phase, percent} of a batch; waiting at 0 where nothing is known."""
    found = connect_to_redis().get(_key(batch_id))
    return json.loads(found) if found else {"phase": "waiting", "percent": 0}


def forget(batch_id: str) -> None:
    """Forget a batch's progress."""
    connect_to_redis().delete(_key(batch_id))
