"""Files of a folder over FTP (RFC 959) or FTPS (RFC 4217), by the standard library, over sockets that are checked.

FTPS is within TLS from the first byte on (`ftps:`), or asked for by `AUTH TLS` (`ftpes:`).
"""

# ruff: noqa: S321 - partners have what they have; the form says that FTP sends passwords in the clear

import ftplib
import re
import socket
import ssl
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import IO, Any

import certifi

from ckanext.lrtzc.egress.client import Client, Line
from ckanext.lrtzc.egress.domain.errors import Code as OutCode
from ckanext.lrtzc.egress.domain.errors import EgressError
from ckanext.lrtzc.sources.domain.faults import Code, Fault, OutFault
from ckanext.lrtzc.sources.domain.novelty import Found, mark_of
from ckanext.lrtzc.sources.domain.places import Place, place_of
from ckanext.lrtzc.sources.kinds.base import (
    PASSWORD,
    PATTERN,
    USERNAME,
    Connection,
    Kind,
    Settings,
    Taken,
    bounded,
    matching,
    refuse_many,
)
from ckanext.lrtzc.sources.kinds.sidecars import Sidecars
from ckanext.lrtzc.translation import mark

_BLOCK = 1 << 18
# what a server says that ends the session or the transfer by itself (RFC 959, 4.2)
_BROKEN = ("421", "425", "426")
_PORTS = {"ftp": 21, "ftps": 990, "ftpes": 21}


class _Talk(ftplib.FTP):
    """FTP over the line's sockets only: data comes from the address that was checked, whatever the server names."""

    def __init__(self, line: Line) -> None:
        super().__init__(timeout=line.patience, encoding="utf-8")
        self._line = line
        self.host, self.af = line.address, socket.AF_INET6 if ":" in line.address else socket.AF_INET

    def begin(self) -> None:
        """Connect and read the greeting."""
        self.sock = self._wrapped(self._line.open())
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()

    def _wrapped(self, sock: socket.socket) -> socket.socket:
        return sock

    def ntransfercmd(self, cmd: str, rest: Any = None) -> tuple[socket.socket, int | None]:
        """Begin a transfer, always asked for from here (passive), on the line's own address."""
        _host, port = self.makepasv()
        if port < 1024:
            raise ftplib.error_proto("a data port that is another service's")
        data = self._line.open(port)
        try:
            answer = self.sendcmd(cmd)
            if answer[:1] == "2":
                answer = self.getresp()
            if answer[:1] != "1":
                raise ftplib.error_reply(answer)
        except BaseException:
            data.close()
            raise
        size = ftplib.parse150(answer) if answer[:3] == "150" else None
        return self._wrapped_data(data), size

    def _wrapped_data(self, sock: socket.socket) -> socket.socket:
        return sock


class _SecureTalk(_Talk):
    """The same within TLS from the first byte on, for commands and for data."""

    def __init__(self, line: Line, context: ssl.SSLContext) -> None:
        super().__init__(line)
        self._context = context

    def _wrapped(self, sock: socket.socket) -> socket.socket:
        return self._secured(sock)

    def _wrapped_data(self, sock: socket.socket) -> socket.socket:
        return self._secured(sock, self.sock.session if isinstance(self.sock, ssl.SSLSocket) else None)

    def _secured(self, sock: socket.socket, session: ssl.SSLSession | None = None) -> ssl.SSLSocket:
        secure = self._context.wrap_socket(sock, server_hostname=self._line.host, session=session)
        # it took the place of the socket that the line watches
        self._line.deadline.watch(secure)
        return secure

    def login(self, *given: Any) -> str:
        """Sign in, and have data go within TLS too."""
        answer = super().login(*given)
        self.voidcmd("PBSZ 0")
        self.voidcmd("PROT P")
        return answer


class _ExplicitTalk(_SecureTalk):
    """The same, where TLS is asked for by a command before anybody signs in (RFC 4217, section 4)."""

    def begin(self) -> None:
        """Connect, read the greeting in the clear, then go on within TLS or not at all."""
        self.sock = self._line.open()
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()
        try:
            self.voidcmd("AUTH TLS")
        except ftplib.error_perm:
            raise OutFault(EgressError(OutCode.TLS, host=self._line.host)) from None
        # what was sent in the clear after that isn't read
        self.file.close()
        self.sock = self._secured(self.sock)
        self.file = self.sock.makefile("r", encoding=self.encoding)


class FtpFolder(Connection):
    """A folder of a server."""

    def __init__(self, talk: _Talk, place: Place, line: Line, settings: Settings) -> None:
        self._talk, self._place, self._line = talk, place, line
        self._pattern, self._most = settings.get("pattern"), settings.limits.size
        self._sidecars = Sidecars([], self._text)

    def found(self) -> list[Found]:
        """List the files of the folder, by MLSD (RFC 3659) or, where the server has none, by their names."""
        with self._told(Code.FOLDER, self._place.path):
            self._talk.cwd(self._place.path)
            try:
                facts = [(name, told) for name, told in self._talk.mlsd(facts=["type", "size", "modify"])]
                listed = {name: _found(name, told) for name, told in facts if told.get("type", "file") == "file"}
            except ftplib.error_perm as error:
                if not str(error).startswith("50"):
                    raise
                listed = self._by_names()
        refuse_many(self._place.host, len(listed))
        self._sidecars = Sidecars(list(listed), self._text)
        wanted = matching(list(listed), self._pattern) - self._sidecars.holders
        return [found for name, found in listed.items() if name in wanted]

    def _by_names(self) -> dict[str, Found]:
        found: dict[str, Found] = {}
        for name in self._talk.nlst():
            # a folder has no size
            with suppress(ftplib.error_perm):
                short = name.rpartition("/")[2]
                found[short] = self._asked(short)
        return found

    def _asked(self, name: str) -> Found:
        self._talk.voidcmd("TYPE I")
        told = {"size": str(self._talk.size(_plain(name)))}
        with suppress(ftplib.error_perm):
            told["modify"] = self._talk.sendcmd(f"MDTM {_plain(name)}")[4:].strip()
        return _found(name, told)

    def read(self, found: Found, to: IO[bytes], since: str) -> Taken | None:
        """Read a file whole, by pieces."""
        with self._told(Code.GONE, found.name):
            self._transfer(found.name, lambda pieces: bounded(pieces, to, self._most, found.name))
        return Taken(found.mark, self._sidecars.of(found.name))

    def _transfer(self, name: str, take: Callable[[Iterator[bytes]], Any]) -> None:
        self._talk.voidcmd("TYPE I")
        with self._talk.transfercmd(f"RETR {_plain(name)}") as data:
            take(_pieces(data))
        self._talk.voidresp()

    def _text(self, name: str) -> str:
        kept: list[bytes] = []
        with self._told(Code.GONE, name):
            self._transfer(name, kept.extend)
        return b"".join(kept)[:4096].decode("ascii", "replace")

    def mark_now(self, found: Found) -> str:
        """Ask again for its time of change and its size."""
        with self._told(Code.GONE, found.name):
            return self._asked(found.name).mark

    @contextmanager
    def _told(self, code: Code, name: str) -> Generator[None]:
        """Say in words what the library raises."""
        try:
            yield
        except ftplib.error_perm:
            raise Fault(code, field="address", host=self._place.host, name=name) from None
        except (OSError, EOFError, ftplib.Error) as error:
            raise _explained(error, self._line) from None


class Ftp(Kind):
    """A folder over FTP or FTPS."""

    name = "ftp"
    label = mark("A folder over FTP or FTPS")
    hint = mark(
        "The files of a folder of a server. Over FTP (ftp:), the password is sent in the clear: prefer FTPS, from the"
        " start (ftps:) or once connected (ftpes:), or SFTP."
    )
    example = "ftps://files.example.org/outbox"
    fields = (USERNAME, PASSWORD, PATTERN)

    @contextmanager
    def connect(self, settings: Settings, client: Client) -> Generator[Connection]:
        """Sign in; without a name, as `anonymous`."""
        place = place_of(settings.address, _PORTS, self.example)
        try:
            usual = (_PORTS[place.scheme],)
            with client.line(place.scheme, place.host, place.port, usual=usual, limits=settings.limits) as line:
                talk = _talk(place.scheme, line, client)
                try:
                    yield FtpFolder(_signed_in(talk, settings, line), place, line, settings)
                finally:
                    talk.close()
        except EgressError as error:
            raise OutFault(error) from None


def _talk(scheme: str, line: Line, client: Client) -> _Talk:
    match scheme:
        case "ftps":
            return _SecureTalk(line, _context(client))
        case "ftpes":
            return _ExplicitTalk(line, _context(client))
        case _:
            return _Talk(line)


def _context(client: Client) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=client.ca_file or certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _signed_in(talk: _Talk, settings: Settings, line: Line) -> _Talk:
    try:
        talk.begin()
        talk.login(settings.get("username", "anonymous"), settings.get("password", "anonymous@"))
    except ftplib.error_perm:
        raise Fault(Code.LOGIN, field="username", host=line.host) from None
    except ssl.SSLError:
        raise OutFault(EgressError(OutCode.TLS, host=line.host)) from None
    except (OSError, EOFError, ftplib.Error) as error:
        raise _explained(error, line) from None
    return talk


def _found(name: str, told: dict[str, str]) -> Found:
    size = int(told["size"]) if told.get("size", "").isdecimal() else None
    moment = re.match(r"\d{14}", told.get("modify", ""))
    try:
        modified = datetime.strptime(moment.group(), "%Y%m%d%H%M%S").replace(tzinfo=UTC) if moment else None
    except ValueError:
        modified = None
    return Found(name, mark_of(moment.group() if moment and modified else None, size), size, modified)


def _plain(name: str) -> str:
    """Give a name that can stand in a command: a server could name a file so that it ends one and begins another."""
    if any(ord(letter) < 32 for letter in name):
        raise ftplib.error_perm("a file's name with control characters")
    return name


def _pieces(data: socket.socket) -> Iterator[bytes]:
    while piece := data.recv(_BLOCK):
        yield piece


def _explained(error: Exception, line: Line) -> Fault:
    if line.deadline.passed or isinstance(error, TimeoutError):
        return OutFault(line.late())
    if isinstance(error, EOFError | OSError) or str(error)[:3] in _BROKEN:
        return OutFault(EgressError(OutCode.TRUNCATED, host=line.host))
    fault = Fault(Code.PROTOCOL, field="address", host=line.host, said=str(error)[:200])
    fault.passing = isinstance(error, ftplib.error_temp)
    return fault
