"""The client against real servers on loopback, honest and not."""

import gzip
import shutil
import socket
import ssl
import subprocess
import threading
import time
import zlib
from contextlib import contextmanager, suppress

import pytest

from ckanext.lrtzc.egress.client import Client
from ckanext.lrtzc.egress.domain.addresses import AllowList
from ckanext.lrtzc.egress.domain.body import Limits
from ckanext.lrtzc.egress.domain.errors import Code, EgressError

QUICK = Limits(seconds=3, connect=1, size=2_000_000, redirects=3, ratio=50)
# for answers that must come, on however busy a machine
PATIENT = Limits(seconds=60, connect=30, size=2_000_000)


def _stop(listener):
    # a listener that somebody waits on answers once more where it is only closed; who sleeps isn't waited for
    with suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()


@contextmanager
def serving(answer):
    """Serve raw bytes: `answer(request: bytes, connection)` writes what it wants, once for each connection."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    stop = threading.Event()

    def run():
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    request = connection.recv(65536)
                    answer(request, connection)
                except OSError:
                    continue

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield port
    finally:
        stop.set()
        _stop(listener)


def plain(body, head=b"", status=b"200 OK", length=None):
    size = len(body) if length is None else length
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n%s\r\n%s" % (status, size, head, body)


def sending(*pieces):
    return lambda _request, connection: connection.sendall(b"".join(pieces))


def client(port, *, host="127.0.0.1", **kwargs):
    return Client(AllowList.parse([f"{host}:{port}"]), QUICK, **kwargs)


def code_of(port, **kwargs):
    with pytest.raises(EgressError) as failed:
        client(port, **kwargs).fetch(f"http://127.0.0.1:{port}/a?token=secret")
    assert "secret" not in str(failed.value)
    assert "%(" not in str(failed.value)
    return failed.value.code


def test_an_answer_is_read_whole():
    with serving(sending(plain("été".encode(), b"Content-Type: text/plain; charset=utf-8\r\n"))) as port:
        answer = client(port).fetch(f"http://127.0.0.1:{port}/")
    assert (answer.status, answer.body.decode(), answer.media_type) == (200, "été", "text/plain")


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("deflate", lambda b: zlib.compress(b, wbits=-15))],
)
def test_compressed_answers_are_decoded(encoding, pack):
    body = b"bonjour " * 1000
    with serving(sending(plain(pack(body), f"Content-Encoding: {encoding}\r\n".encode()))) as port:
        assert client(port).fetch(f"http://127.0.0.1:{port}/").body == body


def test_an_unknown_compression_is_refused():
    with serving(sending(plain(b"x", b"Content-Encoding: br\r\n"))) as port:
        assert code_of(port) is Code.ENCODING


def test_loopback_is_refused_without_the_allow_list():
    with pytest.raises(EgressError) as refused:
        Client(limits=QUICK).fetch("http://127.0.0.1:1/")
    assert refused.value.code in (Code.PORT, Code.FORBIDDEN)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "2130706433", "0x7f.1", "0x7f000001", "0177.0.0.1", "017700000001", "127.1", "127.0.0.1.",
        "localhost", "LOCALHOST", "①②⑦.⓪.⓪.①", "127。0。0。1", "0", "[::1]", "[::]", "[::ffff:127.0.0.1]",
        "[0:0:0:0:0:ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1]", "2852039166",
        "[::ffff:a9fe:a9fe]",
    ],
)  # fmt: skip
def test_no_way_of_writing_an_address_leads_inside(host):
    """A server of ours listens there: to be refused by it, or not to find it, is no refusal of ours."""
    reached = []

    def answer(request, connection):
        reached.append(request)
        connection.sendall(plain(b"inside"))

    with serving(answer) as port:
        for url in (f"http://{host}:{port}/", f"http://partner.example:{port}/"):
            away = plain(b"", f"Location: http://{host}:{port}/\r\n".encode(), b"302 Found")
            with serving(sending(away)) as first:
                # by itself, and by a partner that leads there
                caller = Client(AllowList.parse([f"127.0.0.1:{first}"]), QUICK)
                start = url if host in url else f"http://127.0.0.1:{first}/"
                with pytest.raises(EgressError) as refused:
                    caller.fetch(start)
            # what the system's resolver reads as no address at all is unknown to it
            assert refused.value.code in (Code.FORBIDDEN, Code.UNKNOWN_HOST, Code.ADDRESS), start
    assert reached == []


def test_a_name_that_changes_its_address_leads_nowhere_else():
    """The address that was checked is the one connected to: the resolver is asked once."""
    asked = []

    def lying(host, port):
        asked.append(host)
        return ["93.184.216.34"] if len(asked) > 1 else ["127.0.0.1"]

    with serving(sending(plain(b"here"))) as port:
        caller = client(port, host="partner.example", resolver=lying)
        assert caller.fetch(f"http://partner.example:{port}/").body == b"here"
    assert asked == ["partner.example"]


def test_a_public_name_with_a_private_address_is_refused():
    caller = Client(limits=QUICK, resolver=lambda _h, _p: ["93.184.216.34", "10.0.0.1"])
    with pytest.raises(EgressError) as refused:
        caller.fetch("http://partner.example/")
    assert refused.value.code is Code.FORBIDDEN


def test_an_unknown_name_is_told():
    def unknown(_host, _port):
        raise socket.gaierror

    with pytest.raises(EgressError) as failed:
        Client(limits=QUICK, resolver=unknown).fetch("http://nowhere.example/")
    assert failed.value.code is Code.UNKNOWN_HOST


@pytest.mark.parametrize(
    "place", ["http://127.0.0.1:9/", "http://169.254.169.254/latest/meta-data/", "http://[::1]:8080/", "file:///etc/"]
)
def test_a_redirect_to_a_private_address_is_refused(place):
    with serving(sending(plain(b"", f"Location: {place}\r\n".encode(), b"302 Found"))) as port:
        assert code_of(port) in (Code.FORBIDDEN, Code.PORT, Code.SCHEME)


def test_a_loop_of_redirects_ends():
    with serving(sending(plain(b"", b"Location: /again\r\n", b"301 Moved"))) as port:
        assert code_of(port) is Code.REDIRECTS


def test_credentials_do_not_follow_to_another_origin():
    seen = []

    def second(request, connection):
        seen.append(request)
        connection.sendall(plain(b"done"))

    def first(_request, connection):
        connection.sendall(plain(b"", b"Location: http://127.0.0.1:%d/\r\n" % other, b"302 Found"))

    with serving(second) as other, serving(first) as port:
        caller = Client(AllowList.parse([f"127.0.0.1:{port}", f"127.0.0.1:{other}"]), QUICK)
        caller.fetch(f"http://127.0.0.1:{port}/", headers={"Authorization": "Bearer secret"})
    assert b"secret" not in seen[0]


def test_an_endless_page_is_cut():
    def endless(_request, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    with serving(endless) as port:
        assert code_of(port) is Code.TOO_LARGE


def test_a_bomb_is_not_decompressed():
    bomb = gzip.compress(b"\0" * 100_000_000, 9)
    with serving(sending(plain(bomb, b"Content-Encoding: gzip\r\n"))) as port:
        assert code_of(port) is Code.TOO_COMPRESSED


@pytest.mark.parametrize("part", ["head", "body"])
def test_a_slow_drip_is_cut_at_the_deadline(part):
    def drip(_request, connection):
        if part == "body":
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        else:
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while True:
            connection.sendall(b"x")
            time.sleep(0.2)

    started = time.monotonic()
    with serving(drip) as port:
        assert code_of(port) is Code.TIMEOUT
    assert time.monotonic() - started < QUICK.seconds + 1.5


def test_half_a_page_is_never_taken_for_a_page():
    with serving(sending(plain(b"half", length=1000))) as port:
        assert code_of(port) is Code.TRUNCATED


def test_half_a_chunked_page_is_never_taken_for_a_page():
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    with serving(sending(head, b"5\r\nhello\r\n10\r\nhal")) as port:
        assert code_of(port) is Code.TRUNCATED


def test_half_a_compressed_page_is_never_taken_for_a_page():
    half = gzip.compress(bytes(range(256)) * 40)[:-60]
    with serving(sending(plain(half, b"Content-Encoding: gzip\r\n"))) as port:
        assert code_of(port) is Code.TRUNCATED


def test_more_than_the_content_length_is_not_read():
    with serving(sending(plain(b"four and more", length=4))) as port:
        assert client(port).fetch(f"http://127.0.0.1:{port}/").body == b"four"


def test_something_that_is_no_web_server_is_told():
    with serving(sending(b"220 mail ready\r\n")) as port:
        assert code_of(port) is Code.PROTOCOL


def test_a_closed_port_is_told():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert code_of(port) is Code.UNREACHABLE


def test_an_error_status_is_told_on_request():
    with serving(sending(plain(b"oops", status=b"500 Internal Server Error"))) as port:
        answer = client(port).fetch(f"http://127.0.0.1:{port}/")
    assert answer.status == 500
    with pytest.raises(EgressError) as failed:
        answer.raise_for_status()
    assert "500" in str(failed.value)


def test_a_certificate_of_nobody_is_refused(tmp_path):
    with tls_serving(tmp_path) as port, pytest.raises(EgressError) as refused:
        client(port).fetch(f"https://127.0.0.1:{port}/", limits=PATIENT)
    assert refused.value.code is Code.TLS


def test_a_certificate_is_checked_against_the_name_not_the_address(tmp_path):
    with tls_serving(tmp_path) as port:
        trusting = client(port, host="partner.example", resolver=lambda _h, _p: ["127.0.0.1"], ca_file=tmp_path / "c")
        assert trusting.fetch(f"https://partner.example:{port}/", limits=PATIENT).body == b"safe"
        other = client(port, host="other.example", resolver=lambda _h, _p: ["127.0.0.1"], ca_file=tmp_path / "c")
        with pytest.raises(EgressError) as refused:
            other.fetch(f"https://other.example:{port}/", limits=PATIENT)
    assert refused.value.code is Code.TLS


@contextmanager
def tls_serving(folder):
    if not shutil.which("openssl"):
        pytest.skip("openssl, which makes the certificate of this test, isn't installed")
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=partner.example"
    extra = ["-addext", "subjectAltName=DNS:partner.example", "-keyout", str(folder / "k"), "-out", str(folder / "c")]
    subprocess.run([*command.split(), *extra], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "c", folder / "k")

    def answer_tls(connection):
        with context.wrap_socket(connection, server_side=True) as secure:
            secure.recv(65536)
            secure.sendall(plain(b"safe"))

    listener = socket.create_server(("127.0.0.1", 0))

    def run():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            try:
                answer_tls(connection)
            except OSError:
                continue

    threading.Thread(target=run, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        _stop(listener)


def test_a_body_is_written_to_a_file_and_an_error_page_is_not(tmp_path):
    with (tmp_path / "body").open("w+b") as file:
        with serving(sending(plain(b"x" * 300_000))) as port:
            answer = client(port).fetch(f"http://127.0.0.1:{port}/", to=file)
        assert (answer.status, answer.body, file.tell()) == (200, b"", 300_000)
        with serving(sending(plain(b"gone", status=b"404 Not Found"))) as port:
            answer = client(port).fetch(f"http://127.0.0.1:{port}/", to=file)
        assert (answer.status, answer.body, file.tell()) == (404, b"gone", 300_000)


def test_a_server_that_stalls_is_given_up_before_the_whole_time_has_passed():
    def stalling(_request, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nstart")
        time.sleep(2)

    began = time.monotonic()
    with serving(stalling) as port, pytest.raises(EgressError) as failed:
        client(port).fetch(f"http://127.0.0.1:{port}/", limits=Limits(seconds=60, connect=1, stall=0.3))
    assert failed.value.code is Code.TIMEOUT
    assert time.monotonic() - began < 30


INSIDE = ("127.0.0.1", "localhost", "2130706433", "0x7f.1", "::1", "169.254.169.254", "10.1.2.3")


@pytest.mark.parametrize("host", INSIDE)
def test_other_protocols_lead_no_further_inside_than_the_web(host):
    with pytest.raises(EgressError) as refused, Client(limits=QUICK).line("sftp", host, 22, usual=(22,)):
        pass
    assert refused.value.code in (Code.FORBIDDEN, Code.UNKNOWN_HOST)


def test_other_protocols_have_their_own_ports_and_stay_at_the_address_that_was_checked():
    with pytest.raises(EgressError) as refused, Client(limits=QUICK).line("sftp", "93.184.216.34", 25, usual=(22,)):
        pass
    assert refused.value.code is Code.PORT
    asked = []

    def lying(host, port):
        asked.append(host)
        return ["93.184.216.34"] if len(asked) > 1 else ["127.0.0.1"]

    with serving(lambda _request, connection: connection.sendall(b"hello")) as port:
        caller = client(port, host="partner.example", resolver=lying)
        with caller.line("sftp", "partner.example", port, usual=(22,)) as line:
            for _twice in range(2):
                with line.open() as sock:
                    sock.sendall(b"?")
                    assert sock.recv(5) == b"hello"
    assert asked == ["partner.example"]


def test_a_line_is_cut_when_its_time_has_passed():
    with serving(lambda _request, _connection: time.sleep(2)) as port:
        began = time.monotonic()
        bounds = Limits(seconds=0.5, connect=1)
        with client(port).line("sftp", "127.0.0.1", port, usual=(22,), limits=bounds) as line, line.open() as sock:
            sock.settimeout(60)
            assert sock.recv(1) == b""
            assert line.late().code is Code.TIMEOUT
        assert time.monotonic() - began < 30
