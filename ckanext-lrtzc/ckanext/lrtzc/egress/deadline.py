"""A bound on the whole of a call, whatever it is waiting for."""

import socket
import threading
import time


class Deadline:
    """A moment after which every socket of the call is shut, whatever it is doing."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.end = time.monotonic() + seconds
        self.passed = False
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._shut)
        self._timer.daemon = True

    def __enter__(self) -> "Deadline":
        self._timer.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._timer.cancel()

    @property
    def left(self) -> float:
        """Seconds that are left, never none, since some libraries take 0 for no bound."""
        return max(0.05, self.end - time.monotonic())

    def watch(self, sock: socket.socket) -> None:
        """Have a socket shut when the moment comes, or at once where it has come."""
        with self._lock:
            self._sockets.append(sock)
        if self.passed:
            self._shut()

    def _shut(self) -> None:
        self.passed = True
        with self._lock:
            sockets, self._sockets = self._sockets, []
        for sock in sockets:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
