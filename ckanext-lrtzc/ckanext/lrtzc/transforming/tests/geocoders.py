"""A geocoding service of tests, which speaks as addok does with its CSV plug-in, and its faults."""

import csv
import io
import socket
from contextlib import contextmanager
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler

from ckanext.lrtzc.sources.tests.conftest import web_server

PLACES = {
    "1 place de l'hôtel de ville la rochelle": (
        -1.1508,
        46.1601,
        0.97,
        "1 Place de l’Hôtel de Ville 17000 La Rochelle",
    ),
    "3 rue de la gare aytré": (-1.1147, 46.1294, 0.93, "3 Rue de la Gare 17440 Aytré"),
    "quelque part": (2.35, 48.85, 0.31, "Rue Quelque 75000 Paris"),
}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args):
        pass

    def send(self, status, body, **headers):
        body = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def hang_up(self):
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        message = message_from_bytes(b"Content-Type: " + self.headers["Content-Type"].encode() + b"\r\n\r\n" + body)
        fields, rows = {}, []
        for part in message.get_payload():
            name = part.get_param("name", header="content-disposition")
            text = part.get_payload(decode=True).decode()
            if name == "data":
                rows = list(csv.DictReader(io.StringIO(text, newline="")))
            else:
                fields[name] = text
        self.server.asked.append((self.path, fields, rows))
        self.server.answer(self, rows)

    def do_GET(self):
        self.server.asked.append((self.path, {}, []))
        self.send(200, "<html>bonjour</html>", Content_Type="text/html")


def table(rows):
    """Give the rows with what is found of them, as lists of cells under their names."""
    names = ["id", "address", "postcode", "citycode", "longitude", "latitude", "result_label", "result_score",
             "result_status"]  # fmt: skip
    lines = [names]
    for row in rows:
        place = PLACES.get(row["address"].lower())
        found = (
            [f"{place[0]}", f"{place[1]}", place[3], f"{place[2]}", "ok"] if place else ["", "", "", "", "not-found"]
        )
        lines.append([row[name] for name in names[:4]] + found)
    return lines


def written(lines):
    out = io.StringIO()
    csv.writer(out).writerows(lines)
    return out.getvalue()


def honest(handler, rows):
    handler.send(200, written(table(rows)), Content_Type="text/csv; charset=utf-8")


@contextmanager
def serving(answer=honest):
    """Give a server with its `address`, what it was `asked` (path, fields, rows), and how it will `answer`."""
    with web_server(answer, _Handler) as server:
        server.host = f"127.0.0.1:{server.server_port}"
        server.address = f"http://{server.host}/geocodage"
        yield server
