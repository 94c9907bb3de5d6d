"""The mail server of the accounts' tests, and programs that listen."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ckanext.lrtzc.accounts.tests.conftest import letters, mail_sink

__all__ = ["letters", "listening", "mail_sink"]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False


class Program:
    """A program that listens on this machine: `status` is what it answers, `hangs` the seconds it takes to do so."""

    def __init__(self):
        self.status, self.hangs, self.headers, self.calls = 204, 0.0, {}, []
        program = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                program.calls.append(({name.lower(): value for name, value in self.headers.items()}, body))
                time.sleep(program.hangs)
                self.send_response(program.status)
                for name, value in program.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args):
                pass

        self.server = _Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}/new-data?token=t"

    @property
    def told(self):
        """Give the messages that came."""
        return [json.loads(body) for _headers, body in self.calls]


@pytest.fixture
def listening(monkeypatch):
    """Give a function that starts a program which the portal may call."""
    import ckan.plugins.toolkit as tk

    programs = []

    def start():
        programs.append(Program())
        allowed = " ".join(f"127.0.0.1:{each.port}" for each in programs)
        monkeypatch.setitem(tk.config, "ckanext.lrtzc.egress.allowed_hosts", allowed)
        return programs[-1]

    yield start
    for each in programs:
        each.server.shutdown()
        each.server.server_close()
