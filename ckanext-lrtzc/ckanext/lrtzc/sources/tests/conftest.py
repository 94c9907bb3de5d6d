"""Servers on loopback that sources are fetched from, honest and not."""

import csv
import io
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import uuid
import warnings
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import psycopg2
import pymysql
import pytest

from ckanext.lrtzc.sources.tests.answers import cmis_answer, s3_answer, soap_answer, web_answer
from ckanext.lrtzc.sources.tests.mosquitto import Mosquitto
from ckanext.lrtzc.sources.tests.sftp import SftpServer

NAME, PASSWORD = "collecte", "ouvre-toi"


class Shelf:
    """What a server has: files by name, as `(bytes, time)`; `lies` are sizes told in the place of the true ones.

    `breaks` are files whose reading breaks, as (bytes given before, seconds of silence then); FTP alone knows them.
    `takes` says whether files may be written. `on_read` is called with a file's name before its bytes are given; `read`
    counts how often each was.
    """

    def __init__(self):
        self.files, self.lies, self.read, self.sidecars, self.takes, self.breaks = {}, {}, {}, True, False, {}
        self.on_read = lambda name: None
        self.on_put = lambda data: None

    def put(self, name, data, moment=1_700_000_000):
        data = data.encode() if isinstance(data, str) else data
        self.files[name] = (data, moment)
        self.on_put(data)

    def take(self, name):
        self.read[name] = self.read.get(name, 0) + 1
        self.on_read(name)
        return self.files[name][0]


@pytest.fixture
def shelf():
    return Shelf()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_HEAD(self):
        self.do_GET()

    def do_POST(self):
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.asked.append(("POST", self.path, dict(self.headers), sent))
        self.server.answer(self)

    def do_PUT(self):
        self.sent = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append(("PUT", self.path, dict(self.headers), self.sent))
        self.server.answer(self)

    def do_GET(self):
        self.server.asked.append(("GET", self.path, dict(self.headers), {}))
        self.server.answer(self)


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_args):
        """Say nothing of callers that hang up: some tests have them do so."""


@contextmanager
def web_server(answer, handler=_Handler):
    """Give a server that notes what it was `asked` and will `answer`, each request read by `handler`."""
    server = _Server(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.answer, server.asked = answer, []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join(60)
        server.server_close()


@pytest.fixture
def web(shelf):
    with web_server(web_answer(shelf)) as server:
        server.address = f"http://127.0.0.1:{server.server_port}"
        yield server


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """Give a certificate of nobody for 127.0.0.1, with its key, as a file."""
    import datetime as dt
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    today = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture(scope="session")
def mosquitto(tmp_path_factory, certificate):
    """Give a broker of MQTT with one account, which may write to the topics below `territory/`."""
    server = Mosquitto(tmp_path_factory.mktemp("mosquitto"), certificate, NAME, PASSWORD)
    yield server
    server.stop()


@pytest.fixture
def ftp(shelf, tmp_path):
    """Give an FTP server of pyftpdlib whose folder `/out` has what the shelf has when it is asked."""
    with _ftp_server(shelf, tmp_path) as server:
        yield server


@pytest.fixture
def secure_ftp(shelf, tmp_path, certificate):
    """Give the same that wants TLS to be asked for before anybody signs in or fetches."""
    with _ftp_server(shelf, tmp_path, certificate) as server:
        yield server


@contextmanager
def _ftp_server(shelf, tmp_path, certificate=None):
    import logging

    with warnings.catch_warnings():
        # The library stands on modules that Python no longer likes.
        warnings.simplefilter("ignore", DeprecationWarning)
        from pyftpdlib.authorizers import DummyAuthorizer
        from pyftpdlib.filesystems import AbstractedFS
        from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
        from pyftpdlib.servers import FTPServer

    logging.getLogger("pyftpdlib").setLevel(logging.CRITICAL)
    folder = tmp_path / "ftp" / "out"
    folder.mkdir(parents=True)

    class Files(AbstractedFS):
        def listdir(self, path):
            _write(shelf, folder)
            return super().listdir(path)

        def open(self, filename, mode):
            name = Path(filename).name
            data = shelf.take(name)
            # what `on_read` put in its place is there when its time and size are asked for again
            _write(shelf, folder)
            file = io.BytesIO(data)
            file.name = filename
            if name in shelf.breaks:
                file.read = _breaking(file.read, *shelf.breaks[name])
            return file

        def getsize(self, path):
            return shelf.lies.get(Path(path).name, super().getsize(path))

        def stat(self, path):
            found, lie = super().stat(path), shelf.lies.get(Path(path).name)
            return found if lie is None else os.stat_result((*found[:6], lie, *found[7:10]))

        lstat = stat

    authorizer = DummyAuthorizer()
    authorizer.add_user(NAME, PASSWORD, str(folder.parent), perm="elr")
    more = {"authorizer": authorizer, "abstracted_fs": Files, "auth_failed_timeout": 0}
    if certificate:
        more |= {"certfile": str(certificate), "tls_control_required": True, "tls_data_required": True}
    handler = type("Handler", (TLS_FTPHandler if certificate else FTPHandler,), more)
    server, stopping = FTPServer(("127.0.0.1", 0), handler), threading.Event()

    def serve():
        # the sockets are the loop's own: closed by another thread, they are gone while it waits on them
        while not stopping.is_set():
            server.serve_forever(timeout=0.02, blocking=False)
        server.close_all()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    server.url = f"{'ftpes' if certificate else 'ftp'}://127.0.0.1:{server.address[1]}/out"
    try:
        yield server
    finally:
        stopping.set()
        thread.join(60)


def _breaking(read, given, silence):
    """Give a way of reading that is silent for so many seconds after some bytes, and then fails."""
    left = [given]

    def some(size=-1):
        if not left[0]:
            time.sleep(silence)
            raise OSError("gone")
        data = read(min(left[0], size) if size > 0 else left[0])
        left[0] -= len(data)
        return data

    return some


def _write(shelf, folder):
    for name, (data, moment) in shelf.files.items():
        (folder / name).write_bytes(data)
        os.utime(folder / name, (moment, moment))


@pytest.fixture
def webdav(shelf, tmp_path):
    """Give a WebDAV server of wsgidav whose folder `/out` has what the shelf has when it is asked."""
    from wsgiref.simple_server import WSGIRequestHandler, make_server

    from wsgidav.wsgidav_app import WsgiDAVApp

    folder = tmp_path / "dav" / "out"
    folder.mkdir(parents=True)
    application = WsgiDAVApp(
        {
            "provider_mapping": {"/": str(folder.parent)},
            "simple_dc": {"user_mapping": {"*": {NAME: {"password": PASSWORD}}}},
            "http_authenticator": {"accept_basic": True, "accept_digest": False, "default_to_digest": False},
            "verbose": 0,
            "logging": {"enable": False},
        }
    )

    def answer(environ, start):
        _write(shelf, folder)
        # wsgiref's input has no end, and wsgidav reads to it
        size = int(environ.get("CONTENT_LENGTH") or 0)
        environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(size))
        if environ["REQUEST_METHOD"] == "GET":
            shelf.take(Path(environ["PATH_INFO"].encode("latin-1").decode()).name)
        return application(environ, start)

    quiet = type("Quiet", (WSGIRequestHandler,), {"log_message": lambda *_: None, "log_request": lambda *_: None})
    server = make_server("127.0.0.1", 0, answer, handler_class=quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    server.url = f"http://127.0.0.1:{server.server_port}/out"
    yield server
    server.shutdown()
    thread.join(60)
    server.server_close()


@pytest.fixture
def cmis(shelf):
    with web_server(cmis_answer(shelf)) as server:
        server.url = f"http://127.0.0.1:{server.server_port}/browser"
        yield server


@pytest.fixture
def soap(shelf):
    with web_server(soap_answer(shelf)) as server:
        server.url, server.location = f"http://127.0.0.1:{server.server_port}/counts?wsdl", ""
        yield server


@pytest.fixture
def imap(shelf, certificate):
    """Give an IMAP server within TLS: each file that is put on the shelf comes as a message of the port's."""
    from ckanext.lrtzc.sources.tests.imap import ImapServer

    server = ImapServer(certificate, NAME, PASSWORD)

    def arrive(data):
        server.messages.clear()
        server.deliver("counts.csv", data)

    for data, _moment in shelf.files.values():
        arrive(data)
    shelf.on_put = arrive
    server.start()
    yield server
    server.stop()


@pytest.fixture
def s3(shelf):
    with web_server(s3_answer(shelf)) as server:
        server.url = f"http://127.0.0.1:{server.server_port}/bucket/out"
        yield server


@pytest.fixture
def sftp(shelf):
    server = SftpServer(shelf, NAME, PASSWORD)
    yield server
    server.stop()


@pytest.fixture
def stalling():
    """Give the host and port of a server that accepts connections and never says a word."""
    listener, held = socket.create_server(("127.0.0.1", 0)), []

    def serve():
        with suppress(OSError):
            while True:
                held.append(listener.accept()[0])

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"127.0.0.1:{listener.getsockname()[1]}"
    with suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(60)
    for connection in held:
        connection.close()


@pytest.fixture(scope="session")
def mariadb(certificate):
    """Give the port of a MariaDB of its own, in a temporary folder, that an account without rights runs."""
    binary = shutil.which("mariadbd", path=f"{os.environ['PATH']}:/usr/sbin")
    assert binary, "config/machine/install.sh --tests installs MariaDB"
    # of root it wants another account, which may enter the folder then
    account = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="lrtzc-mariadb-") as folder:
        yield from _mariadb(Path(folder), binary, account, certificate)


def _mariadb(folder, binary, account, certificate):
    pem = folder / "server.pem"
    shutil.copyfile(certificate, pem)
    first = folder / "first.sql"
    # one statement a line
    first.write_text(
        "CREATE DATABASE depot CHARACTER SET utf8mb4;\n"
        f"CREATE USER '{NAME}'@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';\n"
        f"GRANT ALL ON depot.* TO '{NAME}'@'127.0.0.1';\n"
    )
    if account:
        for path in (folder, pem, first):
            shutil.chown(path, "nobody", "nogroup")
    data, log = f"--datadir={folder / 'data'}", (folder / "log").open("wb")
    quiet = {"stdout": log, "stderr": subprocess.STDOUT, "cwd": folder, "env": {"PATH": os.environ["PATH"]}, **account}
    made = ["mariadb-install-db", "--no-defaults", data, "--auth-root-authentication-method=normal", "--skip-test-db"]
    subprocess.run(made, check=True, timeout=240, **quiet)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [
            binary,
            "--no-defaults",
            data,
            f"--socket={folder / 'socket'}",
            f"--pid-file={folder / 'pid'}",
            f"--init-file={first}",
            f"--port={port}",
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
            "--innodb-buffer-pool-size=16M",
            f"--ssl-cert={pem}",
            f"--ssl-key={pem}",
        ],
        **quiet,
    )
    try:
        end = time.monotonic() + 120
        while (answer := _answer(port)) is not None:
            said = f"{answer} {(folder / 'log').read_text()[-2000:]}"
            assert server.poll() is None, said
            assert time.monotonic() < end, said
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(60)
        log.close()


def _answer(port):
    """Give why a MariaDB doesn't let anybody in; None where it does."""
    try:
        pymysql.connect(host="127.0.0.1", port=port, user=NAME, password=PASSWORD, ssl_disabled=True).close()
    except pymysql.MySQLError as error:
        return error


class Database:
    """A table in the tests' own PostgreSQL, read by the account that made it."""

    def __init__(self, url):
        from sqlalchemy.engine import make_url

        told = make_url(url)
        self.user, self.password, self.table = told.username, told.password, f"counts_{uuid.uuid4().hex[:12]}"
        self.address = f"postgresql://127.0.0.1:{told.port}/{told.database}"
        self._connection = psycopg2.connect(
            host="127.0.0.1", port=told.port, dbname=told.database, user=told.username, password=told.password
        )
        self._connection.autocommit = True
        self.say(f"CREATE TABLE {self.table} (lieu text, passages bigint)")

    def say(self, statement, values=None):
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values)

    def fill(self, text):
        """Have the table hold what a text of CSV holds; what isn't one is a single long cell."""
        text = text.decode() if isinstance(text, bytes) else text
        self.say(f"TRUNCATE {self.table}")
        rows = list(csv.reader(io.StringIO(text), delimiter=";"))[1:] if ";" in text else [(text, 1)]
        for row in rows:
            self.say(f"INSERT INTO {self.table} VALUES (%s, %s)", row)

    def close(self):
        self.say(f"DROP TABLE {self.table}")
        self._connection.close()


@pytest.fixture
def database(request):
    if not request.config.pluginmanager.hasplugin("ckan"):
        pytest.skip("the tests' PostgreSQL is known by --ckan-ini only")
    found = Database(request.getfixturevalue("ckan_config")["ckan.datastore.write_url"])
    yield found
    found.close()


class MariaDatabase(Database):
    """A table in a MariaDB, read by the account that made it."""

    def __init__(self, port):
        self.user, self.password, self.table = NAME, PASSWORD, f"counts_{uuid.uuid4().hex[:12]}"
        self.address = f"mysql://127.0.0.1:{port}/depot"
        self._connection = pymysql.connect(
            host="127.0.0.1", port=port, user=NAME, password=PASSWORD, database="depot", autocommit=True
        )
        self.say(f"CREATE TABLE {self.table} (lieu longtext, passages bigint)")

    def say(self, statement, values=None):
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall()


@pytest.fixture
def maria(mariadb):
    found = MariaDatabase(mariadb)
    yield found
    found.close()
