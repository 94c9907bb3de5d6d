"""The client: resolves a name, checks its addresses, connects to the very address it checked.

Built on urllib3's connection pools, one per call: the pool's host is the checked IP, while the Host header,
the TLS server name and the certificate check use the name. So a second DNS answer can't lead elsewhere.
Proxies of the environment and cookies are not used.
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Collection, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO
from urllib.parse import urljoin

import certifi
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from ckanext.lrtzc.egress.deadline import Deadline
from ckanext.lrtzc.egress.domain.addresses import (
    AllowList,
    Target,
    check_addresses,
    check_port,
    parse_target,
    tcp_target,
)
from ckanext.lrtzc.egress.domain.body import Limits, decoded
from ckanext.lrtzc.egress.domain.errors import Code, EgressError

AGENT = "territorial-data-portal (+https://ckan.org)"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_BOUND_HEADERS = frozenset({"authorization", "cookie", "x-api-key", "x-ckan-api-key", "apikey"})
_CHUNK = 65_536

Resolver = Callable[[str, int], list[str]]


def resolve(host: str, port: int) -> list[str]:
    """Ask the system's resolver for the addresses of `host`, in its order, each once."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: final `url`, `status`, `headers` (names in lower case), decoded `body` in bytes."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """The media type alone, in lower case; empty where the server says none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def raise_for_status(self) -> "Answer":
        """Give the answer back when its status is a success.

        :raises EgressError: with code `status` otherwise.
        """
        if not 200 <= self.status < 300:
            raise EgressError(Code.STATUS, host=parse_target(self.url).host, status=self.status)
        return self


class Line:
    """Connections to the one address that was checked, for protocols other than the web's.

    `host` is its name, `address` the IP that all of its connections go to.
    """

    def __init__(self, target: Target, address: str, limits: Limits, deadline: Deadline) -> None:
        self.host, self.port, self.address = target.host, target.port, address
        self._limits, self.deadline = limits, deadline

    @property
    def patience(self) -> float:
        """Seconds that may pass without a byte."""
        return min(self._limits.stall or self._limits.seconds, self.deadline.left)

    def open(self, port: int | None = None) -> socket.socket:
        """Connect, to the line's own port unless told; the socket is shut when the call's time has passed.

        :raises EgressError: nothing answers.
        """
        wait = min(self._limits.connect, self.deadline.left)
        try:
            sock = socket.create_connection((self.address, port or self.port), wait)
        except OSError:
            raise EgressError(Code.UNREACHABLE, host=self.host) from None
        sock.settimeout(self.patience)
        self.deadline.watch(sock)
        return sock

    def late(self) -> EgressError:
        """Give what to say of a server that didn't answer in time."""
        seconds = self.deadline.seconds if self.deadline.passed else self.patience
        return EgressError(Code.TIMEOUT, host=self.host, seconds=round(seconds))


class Client:
    """Calls web addresses within `limits`, refusing those that lead inside, but for `allowed` ones.

    `resolver` gives a host's addresses (a parameter so that tests can lie); `ca_file` the trusted authorities.
    """

    def __init__(
        self,
        allowed: AllowList | None = None,
        limits: Limits | None = None,
        resolver: Resolver = resolve,
        ca_file: str | None = None,
    ) -> None:
        self.allowed = allowed or AllowList(frozenset())
        self.limits = limits or Limits()
        self.resolver = resolver
        self.ca_file = ca_file or certifi.where()

    def fetch(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | IO[bytes] | None = None,
        limits: Limits | None = None,
        to: IO[bytes] | None = None,
    ) -> Answer:
        """Call `url` and read the whole answer.

        A `body` that is a file is sent from its beginning on, by pieces; who calls says its `content-length`.
        The body of a success is written to the file `to`, where one is given, by pieces, and the answer's is empty.

        Redirects are followed, each checked as the first address was; headers that carry credentials aren't sent to
        another origin than the first. HTTP error statuses are answers, not errors: see `Answer.raise_for_status`.

        :raises EgressError: refused or failed; its message is fit for a person and free of credentials.
        """
        bounds = limits or self.limits
        sent = {name.lower(): value for name, value in (headers or {}).items()}
        target = parse_target(url)
        first = target.origin
        with Deadline(bounds.seconds) as deadline:
            for _step in range(bounds.redirects + 1):
                answer = self._call(target, method, sent, body, bounds, deadline, to)
                location = answer.headers.get("location", "")
                if answer.status not in _REDIRECTS or not location:
                    return answer
                target = parse_target(urljoin(target.url, location))
                if target.origin != first:
                    sent = {name: value for name, value in sent.items() if name not in _BOUND_HEADERS}
                if answer.status == 303 or (answer.status in (301, 302) and method == "POST"):
                    method, body = "GET", None
        raise EgressError(Code.REDIRECTS, host=target.host)

    @contextmanager
    def line(
        self, scheme: str, host: str, port: int, *, usual: Collection[int], limits: Limits | None = None
    ) -> Generator[Line]:
        """Give the way to a server of another protocol than the web's, by the same rules on addresses and time.

        :param scheme: the protocol's name
        :param usual: the ports below 1024 that are this protocol's own
        :raises EgressError: refused; once within, `Line.open` raises it too.
        """
        bounds = limits or self.limits
        target = tcp_target(scheme, host, port)
        with Deadline(bounds.seconds) as deadline:
            check_port(target, self.allowed, usual)
            addresses = check_addresses(target, self._addresses(target, deadline), self.allowed)
            line = Line(target, addresses[0], bounds, deadline)
            for address in addresses[:3]:
                line = Line(target, address, bounds, deadline)
                if len(addresses) == 1 or _answers(line):
                    break
            yield line

    def _call(
        self,
        target: Target,
        method: str,
        headers: Mapping[str, str],
        body: bytes | IO[bytes] | None,
        limits: Limits,
        deadline: Deadline,
        to: IO[bytes] | None,
    ) -> Answer:
        check_port(target, self.allowed)
        addresses = check_addresses(target, self._addresses(target, deadline), self.allowed)
        error: EgressError | None = None
        for address in addresses[:3]:
            try:
                return self._exchange(address, target, method, headers, body, limits, deadline, to)
            except EgressError as err:
                if err.code is not Code.UNREACHABLE:
                    raise
                error = err
        raise error or EgressError(Code.UNREACHABLE, host=target.host)

    def _addresses(self, target: Target, deadline: Deadline) -> list[str]:
        found: list[list[str]] = []

        def ask() -> None:
            try:
                found.append(self.resolver(target.host, target.port))
            except (OSError, UnicodeError):
                found.append([])

        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        asking.join(min(deadline.left, self.limits.connect))
        if not found:
            raise EgressError(Code.UNKNOWN_HOST, host=target.host)
        return found[0]

    def _exchange(
        self,
        address: str,
        target: Target,
        method: str,
        headers: Mapping[str, str],
        body: bytes | IO[bytes] | None,
        limits: Limits,
        deadline: Deadline,
        to: IO[bytes] | None,
    ) -> Answer:
        pool = self._pool(address, target, deadline)
        wanted = {"accept-encoding": "gzip, deflate", "user-agent": AGENT, **headers, "host": target.host_header}
        read = min(limits.stall or deadline.left, deadline.left)
        timeout = urllib3.Timeout(connect=min(limits.connect, deadline.left), read=read)
        response = None
        try:
            if body is not None and not isinstance(body, bytes):
                body.seek(0)
            response = pool.urlopen(
                method,
                target.path,
                body=body,
                headers=wanted,
                retries=False,
                redirect=False,
                assert_same_host=False,
                timeout=timeout,
                preload_content=False,
                decode_content=False,
            )
            names = {name.lower(): value for name, value in response.headers.items()}
            if response.status in _REDIRECTS:
                return Answer(target.url, response.status, names, b"")
            pieces = decoded(_received(response), names.get("content-encoding", ""), limits, target.host)
            whole = b""
            if to is not None and 200 <= response.status < 300:
                _write(pieces, to)
            else:
                whole = b"".join(pieces)
            if deadline.passed:
                raise EgressError(Code.TIMEOUT, host=target.host, seconds=round(limits.seconds))
            return Answer(target.url, response.status, names, whole)
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as err:
            raise self._explained(err, target, limits, deadline) from None
        except EgressError as err:
            if deadline.passed and err.code is Code.TRUNCATED:
                raise EgressError(Code.TIMEOUT, host=target.host, seconds=round(limits.seconds)) from None
            raise
        finally:
            if response is not None:
                response.close()
            pool.close()

    def _pool(self, address: str, target: Target, deadline: Deadline) -> urllib3.HTTPConnectionPool:
        if target.scheme == "http":
            pool = urllib3.HTTPConnectionPool(address, target.port, maxsize=1)
            pool.ConnectionCls = _watching(HTTPConnection, deadline)
            return pool
        pool = urllib3.HTTPSConnectionPool(
            address,
            target.port,
            maxsize=1,
            cert_reqs=ssl.CERT_REQUIRED,
            ca_certs=self.ca_file,
            server_hostname=target.host,
            assert_hostname=target.host,
            ssl_minimum_version=ssl.TLSVersion.TLSv1_2,
        )
        pool.ConnectionCls = _watching(HTTPSConnection, deadline)
        return pool

    def _explained(self, err: Exception, target: Target, limits: Limits, deadline: Deadline) -> EgressError:
        late = deadline.passed or isinstance(err, urllib3.exceptions.ReadTimeoutError)
        if late:
            seconds = limits.seconds if deadline.passed else limits.stall or limits.seconds
            return EgressError(Code.TIMEOUT, host=target.host, seconds=round(seconds))
        match err:
            case urllib3.exceptions.SSLError() | ssl.SSLError():
                code = Code.TLS
            case urllib3.exceptions.ConnectTimeoutError() | urllib3.exceptions.NewConnectionError():
                code = Code.UNREACHABLE
            case urllib3.exceptions.IncompleteRead():
                code = Code.TRUNCATED
            case urllib3.exceptions.ProtocolError():
                code = _protocol_code(err)
            case OSError():
                code = Code.UNREACHABLE
            case _:
                code = Code.PROTOCOL
        return EgressError(code, host=target.host)


def _protocol_code(err: urllib3.exceptions.ProtocolError) -> Code:
    causes = [err, err.__cause__, err.__context__, *(arg for arg in err.args if isinstance(arg, Exception))]
    unfinished = (urllib3.exceptions.IncompleteRead, urllib3.exceptions.InvalidChunkLength, http.client.IncompleteRead)
    if any(isinstance(cause, unfinished) for cause in causes):
        return Code.TRUNCATED
    return Code.PROTOCOL


def _watching(base: type, deadline: Deadline) -> type:
    class Watched(base):
        def connect(self) -> None:
            super().connect()
            if self.sock is not None:
                deadline.watch(self.sock)

    return Watched


def _answers(line: Line) -> bool:
    """Say whether something listens at the line's address; a name may have several, of which some are away."""
    try:
        line.open().close()
    except EgressError:
        return False
    return True


def _write(pieces: Iterator[bytes], to: IO[bytes]) -> None:
    """Write pieces, in the place of what another address may have sent of it."""
    to.seek(0)
    to.truncate()
    for piece in pieces:
        to.write(piece)


def _received(response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    while chunk := response.read1(_CHUNK, decode_content=False):
        yield chunk
