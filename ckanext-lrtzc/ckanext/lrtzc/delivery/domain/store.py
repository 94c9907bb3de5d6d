"""A bounded store of rendered pages in the memory of one process."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """A response ready to be sent again. `compressed` is its gzip form where that pays."""

    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    compressed: bytes | None
    tag: str

    @property
    def size(self) -> int:
        """Bytes held."""
        return len(self.body) + len(self.compressed or b"") + 1_000


class PageStore:
    """Keeps the pages asked for last, up to `capacity` bytes."""

    def __init__(self, capacity: int, clock: Callable[[], float] = time.monotonic):
        self._capacity = capacity
        self._clock = clock
        self._pages: OrderedDict[Hashable, tuple[float, Page]] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Page | None:
        """Give a page that is still good."""
        with self._lock:
            held = self._pages.get(key)
            if held is None:
                return None
            if held[0] <= self._clock():
                self._drop(key)
                return None
            self._pages.move_to_end(key)
            return held[1]

    def put(self, key: Hashable, page: Page, lifetime: float) -> None:
        """Keep a page for at most `lifetime` seconds; one larger than a tenth of the store is not kept."""
        if page.size > self._capacity // 10:
            return
        with self._lock:
            if key in self._pages:
                self._drop(key)
            self._pages[key] = (self._clock() + lifetime, page)
            self._size += page.size
            while self._size > self._capacity:
                self._drop(next(iter(self._pages)))

    def _drop(self, key: Hashable) -> None:
        _, page = self._pages.pop(key)
        self._size -= page.size

    def __len__(self) -> int:
        return len(self._pages)
