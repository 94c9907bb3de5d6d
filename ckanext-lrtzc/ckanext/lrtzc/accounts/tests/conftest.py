"""A mail server of the moment, letters that are written at once, and a person who signs up."""

import email
import re
import socket
from email.policy import default

import ckan.plugins.toolkit as tk
import pytest
from aiosmtpd.controller import Controller

PASSWORD = "Tr0is-petits-phoques!"
PERSON = {
    "title": "Mme",
    "last_name": "Durandeau",
    "first_name": "Zoé",
    "birth_date": "1990-05-17",
}


class Letters:
    """What the mail server received."""

    def __init__(self):
        self.received, self.waiting = [], []

    async def handle_DATA(self, _server, _session, envelope):
        self.received.append(email.message_from_bytes(envelope.content, policy=default))
        return "250 OK"

    def enqueue(self, job, args=(), **_):
        self.waiting.append((job, args))

    def write(self):
        """Do what the worker does, and give the letters that came of it."""
        self.received.clear()
        jobs, self.waiting = self.waiting, []
        # As the worker's command does.
        with self.app.test_request_context():
            for job, args in jobs:
                job(*args)
        return list(self.received)

    @staticmethod
    def link(letter):
        """Give the path of the link in a letter."""
        return re.search(r"https?://[^/\s]+(/\S+)", letter.get_content()).group(1)


@pytest.fixture(scope="session")
def mail_sink():
    letters = Letters()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        letters.port = free.getsockname()[1]
    controller = Controller(letters, hostname="127.0.0.1", port=letters.port)
    controller.start()
    yield letters
    controller.stop()


@pytest.fixture
def letters(rooms_db, app, mail_sink, monkeypatch):
    monkeypatch.setitem(tk.config, "smtp.server", f"127.0.0.1:{mail_sink.port}")
    monkeypatch.setitem(tk.config, "smtp.mail_from", "portail@example.org")
    monkeypatch.setattr(tk, "enqueue_job", mail_sink.enqueue)
    mail_sink.app = app.flask_app
    mail_sink.received.clear()
    mail_sink.waiting.clear()
    return mail_sink
