"""Feed COPY from a generator: reading and typing go on while the database stores."""

from __future__ import annotations

import io
import queue
import threading
from collections.abc import Iterator
from typing import Any

import polars as pl
from psycopg2 import sql

_WAITING = 4


class Feed:
    """A file that COPY reads, filled by another thread, holding a few chunks at most."""

    def __init__(self) -> None:
        self._queue: queue.Queue[bytes | None] = queue.Queue(_WAITING)
        self._left = b""
        self._over = False

    def put(self, data: bytes, alive: threading.Thread) -> bool:
        """Add data; False where the reader is no longer there."""
        while alive.is_alive():
            try:
                self._queue.put(data, timeout=0.5)
            except queue.Full:
                continue
            return True
        return False

    def end(self, alive: threading.Thread) -> None:
        """Say that all was put."""
        while alive.is_alive():
            try:
                self._queue.put(None, timeout=0.5)
            except queue.Full:
                continue
            return

    def read(self, size: int = -1) -> bytes:
        """Give up to `size` bytes; empty at the end."""
        if not self._left and not self._over:
            found = self._queue.get()
            if found is None:
                self._over = True
            else:
                self._left = found
        if size < 0 or size >= len(self._left):
            data, self._left = self._left, b""
        else:
            data, self._left = self._left[:size], self._left[size:]
        return data


def as_csv(data: pl.DataFrame) -> bytes:
    """Write rows as COPY's CSV: nulls are nothing, ISO dates."""
    out = io.BytesIO()
    data.write_csv(out, include_header=False, null_value="", datetime_format="%Y-%m-%dT%H:%M:%S%.6f")
    return out.getvalue()


def copy(cursor: Any, table: str, names: list[str], frames: Iterator[pl.DataFrame]) -> int:
    """COPY the frames (whose columns are `names`) into `table`; give the number of rows.

    Raises what the frames or the database raise; the transaction is then to be rolled back.
    """
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    feed = Feed()
    failure: list[BaseException] = []

    def store() -> None:
        try:
            cursor.copy_expert(statement, feed, size=1 << 20)
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=store, name="copy", daemon=True)
    thread.start()
    rows = 0
    try:
        for frame in frames:
            rows += len(frame)
            if len(frame) and not feed.put(as_csv(frame.select(names)), thread):
                break
    finally:
        feed.end(thread)
        thread.join()
    if failure:
        raise failure[0]
    return rows
