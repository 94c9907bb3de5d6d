"""Whether the next visitor sees a change, while others load the pages."""

import http.client
import json
import random
import ssl
import threading
import time
from urllib.parse import urlsplit


class Visitor:
    """One connection, as a browser keeps it."""

    def __init__(self, address: str):
        parts = urlsplit(address)
        if parts.scheme == "https":
            context = ssl._create_unverified_context()
            self._connection = http.client.HTTPSConnection("127.0.0.1", parts.port, timeout=30, context=context)
        else:
            self._connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=30)
        self._host = parts.netloc if parts.scheme == "http" else "localhost"

    def __enter__(self) -> "Visitor":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def ask(self, path: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
        """Ask for a page; header names have underscores for hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection.request("GET", path, headers={"Host": self._host, "Accept": "text/html", **named})
        reply = self._connection.getresponse()
        return reply, reply.read()

    def get(self, path: str) -> tuple[int, str, float]:
        """Give status, text and seconds."""
        begun = time.perf_counter()
        reply, body = self.ask(path)
        return reply.status, body.decode(), time.perf_counter() - begun


def call(address: str, token: str, action: str, data: dict) -> dict:
    """Call an action on the web server; gives its result."""
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(address).port, timeout=60)
    headers = {"Authorization": token, "Content-Type": "application/json", "Host": urlsplit(address).netloc}
    connection.request("POST", f"/api/3/action/{action}", json.dumps(data), headers)
    reply = connection.getresponse()
    body = reply.read()
    connection.close()
    if reply.status != 200:
        raise RuntimeError(f"{action}: {reply.status} {body[:400]!r}")
    return json.loads(body)["result"]


def measure(web: str, edge: str, token: str, name: str, changes: int, visitors: int = 8) -> dict[str, float]:
    """Change a dataset's title again and again while visitors load its page, the catalogue and the home page.

    :param web: address of the web server, that is written to
    :param edge: address that visitors use
    :returns: `changes`, how many of the looks after a change showed a former state (`stale`), `pages` loaded
        meanwhile, how many of them `failed`, and their `rate` a second
    """
    stale = 0
    loaded, failed = [0] * visitors, [0] * visitors
    stop = threading.Event()

    def load(number: int) -> None:
        paths = [f"/dataset/{name}", "/", f"/dataset/?q={name}", "/dataset/"]
        with Visitor(edge) as visitor:
            while not stop.is_set():
                status, _, _ = visitor.get(paths[(loaded[number] + number) % len(paths)])
                failed[number] += status != 200
                loaded[number] += 1

    threads = [threading.Thread(target=load, args=(number,)) for number in range(visitors)]
    for thread in threads:
        thread.start()
    begun = time.monotonic()
    try:
        for number in range(changes):
            title = f"Changement {number} {random.randrange(10**9)}"
            call(web, token, "package_patch", {"id": name, "title": title})
            with Visitor(edge) as visitor:
                for path in (f"/dataset/{name}", f"/dataset/?q={name}"):
                    stale += title not in visitor.get(path)[1]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    pages = sum(loaded)
    rate = pages / (time.monotonic() - begun)
    return {"changes": changes, "stale": stale, "pages": pages, "failed": sum(failed), "rate": rate}
