"""Several connections that build one table side by side: PostgreSQL gives most kinds of index one core each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from typing import Any

from .tables import work

Task = Callable[[Any], None]


def _alone(task: Task) -> None:
    with work() as cursor:
        # the lanes share the cores already
        cursor.execute("SET LOCAL max_parallel_maintenance_workers = 0")
        task(cursor)


def side_by_side(tasks: Sequence[Task], lanes: int, told: Callable[[float], None]) -> None:
    """Run each task, given a cursor of its own transaction, on so many connections at most.

    `told` hears the share done. Raises the first error of a task once those under way have ended; others aren't begun.
    """
    told(0.0)
    with ThreadPoolExecutor(max(lanes, 1), thread_name_prefix="lane") as pool:
        left: set[Future[None]] = {pool.submit(_alone, task) for task in tasks}
        try:
            while left:
                done, left = wait(left, timeout=1, return_when=FIRST_EXCEPTION)
                for future in done:
                    future.result()
                told(1 - len(left) / max(len(tasks), 1))
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
