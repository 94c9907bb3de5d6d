"""A broker of MQTT, Mosquitto, with users and rights, open and over TLS; and who listens to it."""

import os
import socket
import subprocess
import threading
import time
from contextlib import contextmanager

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

# What of its topics an account may write.
OPEN_TOPIC, CLOSED_TOPIC = "territory/bikes", "closed/bikes"


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Mosquitto:
    """A broker on two ports of loopback: `port`, and `tls_port` with a certificate for 127.0.0.1."""

    def __init__(self, folder, certificate, name, password):
        self.port, self.tls_port, self.certificate = free_port(), free_port(), certificate
        self._name, self._password = name, password
        accounts, rights, settings = (folder / each for each in ("accounts", "rights", "mosquitto.conf"))
        accounts.touch(mode=0o600)
        subprocess.run(
            ["mosquitto_passwd", "-b", str(accounts), name, password], check=True, capture_output=True, timeout=60
        )
        rights.write_text(f"user {name}\ntopic readwrite territory/#\n")
        lines = [
            *(["user root"] if os.geteuid() == 0 else []),
            "allow_anonymous false",
            f"password_file {accounts}",
            f"acl_file {rights}",
            "persistence false",
            "max_packet_size 200000",
            f"listener {self.port} 127.0.0.1",
            f"listener {self.tls_port} 127.0.0.1",
            f"certfile {certificate}",
            f"keyfile {certificate}",
        ]
        settings.write_text("\n".join(lines) + "\n")
        self._log = (folder / "log").open("wb")
        self._process = subprocess.Popen(["mosquitto", "-c", str(settings)], stdout=self._log, stderr=self._log)
        for port in (self.port, self.tls_port):
            self._wait(port)

    @staticmethod
    def _wait(port):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("mosquitto doesn't listen")

    @property
    def address(self):
        return f"mqtt://127.0.0.1:{self.port}"

    @property
    def secure_address(self):
        return f"mqtts://127.0.0.1:{self.tls_port}"

    @property
    def hosts(self):
        return [f"127.0.0.1:{self.port}", f"127.0.0.1:{self.tls_port}"]

    @contextmanager
    def heard(self, topic=OPEN_TOPIC):
        """Listen within; give the list of messages that came, as (message, retained)."""
        messages, ready = [], threading.Event()
        listener = paho.Client(CallbackAPIVersion.VERSION2)
        listener.username_pw_set(self._name, self._password)
        listener.on_connect = lambda client, *_: client.subscribe(topic, qos=1)
        listener.on_subscribe = lambda *_: ready.set()
        listener.on_message = lambda _client, _data, message: messages.append((message.payload, message.retain))
        listener.connect("127.0.0.1", self.port)
        listener.loop_start()
        try:
            assert ready.wait(60)
            yield messages
        finally:
            listener.disconnect()
            listener.loop_stop()

    def stop(self):
        self._process.terminate()
        self._process.wait(60)
        self._log.close()


def until(found, seconds=30):
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not found() and time.monotonic() < end:
        time.sleep(0.02)
    assert found()


def pretending(*answers):
    """Give the port of a server that isn't a broker, or a bad one: to each packet it answers the next, then nothing.

    An answer is bytes, or None to hang up.
    """
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        sock, _ = server.accept()
        with sock, server:
            for answer in answers:
                if not sock.recv(65_536):
                    return
                if answer is None:
                    return
                sock.sendall(answer)
            while sock.recv(65_536):
                pass

    threading.Thread(target=serve, daemon=True).start()
    return server.getsockname()[1]
