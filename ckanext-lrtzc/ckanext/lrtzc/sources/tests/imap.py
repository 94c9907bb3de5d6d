"""An IMAP server within TLS, as large as the kind of source needs it (RFC 3501): one mailbox, read only."""

import re
import ssl
import threading
from contextlib import suppress
from email.message import EmailMessage
from itertools import count
from socketserver import BaseRequestHandler, ThreadingTCPServer


class _Talk(BaseRequestHandler):
    def handle(self):
        # who is refused hangs up at once
        with (
            suppress(OSError),
            self.server.context.wrap_socket(self.request, server_side=True) as self.connection,
            self.connection.makefile("rb") as lines,
        ):
            self.say(b"* OK hello")
            for line in lines:
                tag, _, command = line.decode().strip().partition(" ")
                self.answer(tag, command)

    def say(self, line):
        self.connection.sendall(line + b"\r\n")

    def answer(self, tag, command):
        server, word = self.server, command.upper()
        done = "OK done"
        if word.startswith("CAPABILITY"):
            self.say(b"* CAPABILITY IMAP4rev1")
        elif word.startswith("LOGIN"):
            known = command.partition(" ")[2] == f'"{server.name}" "{server.password}"'
            done = "OK welcome" if known else "NO [AUTHENTICATIONFAILED] who are you?"
        elif word.startswith("EXAMINE"):
            if '"INBOX"' not in command:
                done = "NO no such mailbox"
            else:
                self.say(f"* {len(server.messages)} EXISTS".encode())
                self.say(b"* OK [UIDVALIDITY 7] valid")
        elif word.startswith("UID SEARCH FROM"):
            asked = re.search(r'"(.*)"', command)[1].encode()
            found = [str(uid) for uid, data in server.messages.items() if asked in data.lower()]
            self.say(f"* SEARCH {' '.join(found)}".encode())
        elif word.startswith("UID FETCH"):
            self.fetch(*re.search(r"UID FETCH ([\d,]+) \((.*)\)", word).groups())
        else:
            done = "BAD what?"
        self.say(f"{tag} {done}".encode())

    def fetch(self, uids, what):
        for uid in map(int, uids.split(",")):
            data = self.server.messages[uid]
            if what == "RFC822.SIZE":
                self.say(f"* {uid} FETCH (UID {uid} RFC822.SIZE {len(data)})".encode())
            else:
                self.say(f"* {uid} FETCH (UID {uid} BODY[] {{{len(data)}}}".encode())
                self.connection.sendall(data)
                self.say(b")")


class ImapServer(ThreadingTCPServer):
    """A mailbox on loopback; `messages` by their UID."""

    daemon_threads = True
    sender = "port@ville.example"

    def __init__(self, certificate, name, password):
        super().__init__(("127.0.0.1", 0), _Talk)
        self.certificate, self.name, self.password, self.messages = certificate, name, password, {}
        self._uids = count(1)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)
        self.url = f"imaps://127.0.0.1:{self.server_address[1]}/INBOX"
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def deliver(self, name, data, sender=sender):
        """Have a message come with a file attached."""
        message = EmailMessage()
        message["From"], message["Subject"] = f"Le port <{sender}>", "Comptages"
        message["Date"] = "Mon, 05 Jan 2026 08:00:00 +0100"
        message.set_content("Voici les comptages.")
        message.add_attachment(data, maintype="text", subtype="csv", filename=name)
        self.messages[next(self._uids)] = message.as_bytes()

    def start(self):
        """Serve."""
        self._thread.start()

    def stop(self):
        """Serve no more."""
        self.shutdown()
        self._thread.join(60)
        self.server_close()
