"""Answers to a form accepted a second over HTTP, each durable before it is answered, from 50 clients on this machine.

    python tests/benchmarks/form_answers.py [--seconds 20] [--keep]   (make services-test first)

A portal of its own is made on the stores of the tests, with the web server of production (gunicorn, 2 workers). 50
clients hold a connection each and send one answer after the other: as ODK Collect does (OpenRosa), and as a browser
sends the form's page. All limits are on, but high enough that one address may send so much. Server, stores and clients
share the cores. A client counts an answer when it is told that it is kept. Then a worker brings all of them into the
table, and every one that was counted must be there once: the run fails where one is missing, doubled or refused.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

CLIENTS = 50
ENOUGH = 300
SURVEY = [
    ("type", "name", "label", "relevant", "constraint", "required", "calculation"),
    ("text", "street", "Rue", "", "", "yes", ""),
    ("select_one state", "state", "État", "", "", "yes", ""),
    ("text", "why", "Pourquoi ?", "${state} = 'bad'", "", "yes", ""),
    ("integer", "height", "Hauteur (m)", "", ". > 0 and . < 60", "", ""),
    ("decimal", "double", "", "", "", "", "${height} * 2"),
    ("date", "seen", "Vu le", "", "", "", ""),
    ("geopoint", "place", "Où ?", "", "", "yes", ""),
]
CHOICES = [("list_name", "name", "label"), ("state", "good", "Bon"), ("state", "bad", "Mauvais")]


class Client(asyncio.Protocol):
    """A client on one connection: sends an answer, waits until it is told that it is kept, sends the next."""

    def __init__(self, requests: Iterator[tuple[str, bytes]], expected: bytes, end: float):
        self.requests, self.expected, self.end = requests, expected, end
        self.kept: list[str] = []
        self.taken: list[float] = []
        self.refused = b""
        self.done = asyncio.get_running_loop().create_future()
        self._name, self._begun, self._buffer = "", 0.0, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._next()

    def _next(self) -> None:
        if time.perf_counter() >= self.end:
            self._transport.close()
            self.done.set_result(None)
            return
        self._name, request = next(self.requests)
        self._begun = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, parted, body = self._buffer.partition(b"\r\n\r\n")
        if not parted or len(body) < _length(head):
            return
        self._buffer = b""
        if not head.startswith(self.expected):
            self.refused = head + body
            self._transport.close()
            self.done.set_result(None)
            return
        self.taken.append(time.perf_counter() - self._begun)
        self.kept.append(self._name)
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.refused = f"the connection was lost: {exc}".encode()
            self.done.set_result(None)


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def collected(form: str, host: str) -> Iterator[tuple[str, bytes]]:
    """Give answers as ODK Collect sends them."""
    while True:
        name = uuid.uuid4().hex
        instance = (
            f'<data id="{form}" version="1"><street>{name}</street><state>bad</state><why>Creux</why>'
            f"<height>12</height><seen>2024-05-06</seen><place>46.16 -1.15 3.0 4.5</place>"
            f"<meta><instanceID>uuid:{uuid.uuid4()}</instanceID></meta></data>"
        )
        body = (
            f'--b\r\nContent-Disposition: form-data; name="xml_submission_file"; filename="{name}.xml"\r\n'
            f"Content-Type: text/xml\r\n\r\n{instance}\r\n--b--\r\n"
        )
        yield name, _request("/openrosa/submission", host, "multipart/form-data; boundary=b", body)


def filled(form: str, host: str, tokens: list[str]) -> Iterator[tuple[str, bytes]]:
    """Give answers as a browser sends the page."""
    from urllib.parse import urlencode

    while True:
        name = uuid.uuid4().hex
        told = {"street": name, "state": "bad", "why": "Creux", "height": "12", "seen": "2024-05-06"}
        told |= {"place": "46.16, -1.15", "place@address": ""}
        fields = {"token": tokens.pop(), "version": "1", "website": "", "verb": "send"}
        fields |= {f"q/{key}": value for key, value in told.items()}
        yield name, _request(f"/form/{form}", host, "application/x-www-form-urlencoded", urlencode(fields))


def _request(path: str, host: str, kind: str, body: str) -> bytes:
    sent = body.encode()
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {kind}\r\nContent-Length: {len(sent)}\r\n\r\n"
    return head.encode() + sent


async def load(
    port: int, seconds: float, requests: Callable[[], Iterator[tuple[str, bytes]]], expected: bytes
) -> tuple[list[str], list[float], float]:
    """Have all clients send; give the answers that were kept, the time of each in seconds, and that of all."""
    loop = asyncio.get_running_loop()
    begun = time.perf_counter()
    clients = [
        (await loop.create_connection(lambda: Client(requests(), expected, begun + seconds), "127.0.0.1", port))[1]
        for _ in range(CLIENTS)
    ]
    await asyncio.gather(*(client.done for client in clients))
    spent = time.perf_counter() - begun
    for client in clients:
        if client.refused:
            sys.exit(f"An answer was refused: {client.refused[:600].decode(errors='replace')}")
    kept = [name for client in clients for name in client.kept]
    return kept, [each for client in clients for each in client.taken], spent


def main() -> None:
    """Measure, check that none is lost, and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--keep", action="store_true", help="write the figures into docs/performance.md")
    parser.add_argument("--inside", nargs=2, metavar=("INI", "WHAT"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.inside:
        inside(*asked.inside)
        return
    import instances

    rows = []
    with instances.passing("size") as plain:
        _let_tables_be_made(instances, plain)
        high = "1000000/minute"
        options = {f"ckanext__lrtzc__delivery__limit__{name}": high for name in ("collect_address", "collect_account")}
        options |= {f"ckanext__lrtzc__delivery__limit__{name}": high for name in ("answer_address", "answer_account")}
        ini = instances.variant(plain, "answers", **options)
        made = _told(instances, ini, f"make {int(asked.seconds * 1500)}")
        port = int(instances.settings()["PORT"]) + instances.SIDES["size"][1]
        host = f"localhost:{port}"
        ways = {
            "telephone (OpenRosa)": (lambda: collected(made["form"], host), b"HTTP/1.1 201"),
            "page": (lambda: filled(made["form"], host, made["tokens"]), b"HTTP/1.1 303"),
        }
        with instances.web(ini, port):
            for way, (requests, expected) in ways.items():
                asyncio.run(load(port, 3, requests, expected))
                before = instances.processor_seconds(port)
                kept, taken, spent = asyncio.run(load(port, asked.seconds, requests, expected))
                served = instances.processor_seconds(port) - before
                print(f"{way}: {len(kept) / spent:.0f} a second, {served / len(kept) * 1000:.2f} ms each", flush=True)
                begun = time.perf_counter()
                there = Counter(_told(instances, ini, f"integrate {made['resource']}"))
                integrated = time.perf_counter() - begun
                lost, doubled = [name for name in kept if not there[name]], [n for n, c in there.items() if c > 1]
                if lost or doubled:
                    sys.exit(f"{way}: {len(lost)} of {len(kept)} answers are lost, {len(doubled)} doubled")
                taken.sort()
                rows.append(
                    (
                        way,
                        f"{len(kept) / spent:.0f}",
                        f"{statistics.median(taken) * 1000:.0f}",
                        f"{taken[int(len(taken) * 0.95)] * 1000:.0f}",
                        f"{served / len(kept) * 1000:.2f}",
                        f"{len(kept):,}",
                        "0",
                        f"{integrated:.0f}",
                    )
                )
                print(rows[-1], flush=True)
    if asked.keep:
        _keep(rows)


def _keep(rows: list[tuple[str, ...]]) -> None:
    import report

    report.write(
        "form-answers",
        "Answers to a form",
        "python tests/benchmarks/form_answers.py --keep",
        (
            "sent by",
            "accepted a second",
            "median (ms)",
            "95th percentile (ms)",
            "web server's processor, an answer (ms)",
            "accepted",
            "lost or doubled",
            "then brought into the table in (s)",
        ),
        rows,
        f"{CLIENTS} clients at once, each with one connection; clients, web server (gunicorn, 2 workers) and stores "
        "share the cores. An answer counts once the client is told that it is kept, after its commit. "
        f"Limit: {ENOUGH} a second, none lost. Load of the machine at the end (1, 5, 15 minutes): "
        f"{', '.join(f'{each:.1f}' for each in os.getloadavg())}; where it is more than the cores, rates fall.",
    )


def _let_tables_be_made(instances, ini: Path) -> None:
    """Put into the database of tables what CKAN wants there."""
    command = [str(instances.BIN / "ckan"), "-c", str(ini), "datastore", "set-permissions"]
    with (instances.BENCH / "answers.log").open("w") as log:
        told = instances.as_service(*command, stdout=subprocess.PIPE, stderr=log, text=True)
    words = instances.ROOT / "ckanext-lrtzc" / "ckanext" / "lrtzc" / "tabular" / "words.sql"
    for sql in (told.stdout, words.read_text()):
        instances.psql(instances.settings(), "datastore_size", sql)


def _told(instances, ini: Path, what: str):
    command = [str(instances.BIN / "python"), str(Path(__file__)), "--inside", str(ini), what]
    with (instances.BENCH / "answers.log").open("a") as log:
        told = instances.as_service(*command, stdout=subprocess.PIPE, stderr=log, text=True)
    return json.loads(told.stdout.splitlines()[-1])


def inside(ini: str, what: str) -> None:
    """Do one thing within the portal, and tell of it in JSON: make the form, or integrate and read its table."""
    import ckan.cli
    from ckan.config.middleware import make_app

    application = make_app(ckan.cli.load_config(ini))
    flask = application._wsgi_app if hasattr(application, "_wsgi_app") else application
    with flask.test_request_context():
        verb, _, more = what.partition(" ")
        print(json.dumps(make(int(more)) if verb == "make" else integrate(more)))


def make(tokens: int) -> dict[str, object]:
    """Make a dataset with an open form, and as many tokens of its page as browsers could ask for."""
    import io

    import ckan.model as model
    import ckan.plugins.toolkit as tk
    from werkzeug.datastructures import FileStorage

    from ckanext.lrtzc.forms.domain.workbook import Sheet, Workbook, write
    from ckanext.lrtzc.forms.tokens import page_token

    user = model.User(name="answers", email="answers@example.org", password="x" * 12, sysadmin=True)
    model.Session.add(user)
    model.Session.commit()

    def call(action, **asked):
        return tk.get_action(action)({"user": "answers", "ignore_auth": True}, asked)

    owner = call("organization_create", name="answers")
    dataset = call("package_create", name="answers", title="Réponses", owner_org=owner["id"], license_id="etalab-2.0",
                   notes="Mesure", tag_string="mesure")  # fmt: skip
    sheets = [Sheet(name, list(rows[0]), [list(row) for row in rows[1:]])
              for name, rows in (("survey", SURVEY), ("choices", CHOICES))]  # fmt: skip
    upload = FileStorage(io.BytesIO(write(Workbook(sheets))), filename="form.xlsx")
    form = call("lrtzc_form_create", id=dataset["id"], title="Arbres", upload=upload)
    call("lrtzc_form_open", form=form["id"])
    pages = [page_token(form["id"]) for _ in range(tokens)]
    return {"form": form["id"], "resource": form["resource_id"], "tokens": pages}


def integrate(resource_id: str) -> list[str]:
    """Bring all that waits into the table, and give what tells its rows apart, as often as it stands there."""
    from ckanext.lrtzc.batches.api import rows_in, stored
    from ckanext.lrtzc.batches.together import integrate_waiting

    integrate_waiting(resource_id)
    table = stored(resource_id)
    return [name for frame in rows_in(resource_id, {"street": table.types["street"]}) for name in frame["street"]]


if __name__ == "__main__":
    main()
