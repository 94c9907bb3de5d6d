"""Programs without an account that listen for feeds, honest and not."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False


class Callback:
    """A program on this machine: what it was asked (`asked`) and sent (`fed`), and how it answers.

    `echo` gives the body of an answer by the challenge; `status` answers what it is sent, `hangs` seconds before.
    """

    def __init__(self):
        self.asked, self.fed = [], []
        self.echo, self.confirms, self.status, self.hangs = lambda challenge: challenge, 200, 202, 0.0
        program = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
                program.asked.append(asked)
                time.sleep(program.hangs)
                self._answer(program.confirms, program.echo(asked.get("hub.challenge", "")).encode())

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                program.fed.append(({name.lower(): value for name, value in self.headers.items()}, body))
                time.sleep(program.hangs)
                self._answer(program.status, b"")

            def _answer(self, status, body):
                self.send_response(status)
                if status in (301, 302, 307):
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args):
                pass

        self.server = _Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.address = f"http://127.0.0.1:{self.port}/feed?of=mine"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
