"""Files of a folder over SFTP, by paramiko: the server's key is shown before it is accepted, and pinned."""

import base64
import hashlib
import io
import logging
import stat
import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from posixpath import join
from typing import IO

import paramiko

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
    Field,
    Inbox,
    Kind,
    Settings,
    Taken,
    bounded,
    matching,
    refuse_many,
)
from ckanext.lrtzc.sources.kinds.sidecars import Sidecars
from ckanext.lrtzc.translation import mark

# What goes wrong is told to the source's owner; the library would write each refusal to the log as an error.
logging.getLogger("paramiko").setLevel(logging.CRITICAL)

_BLOCK = 1 << 18
# Requests of 32 kB that are under way at once.
_AHEAD = 64
_KEYS = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)


class SftpFolder(Connection, Inbox):
    """A folder of a server."""

    def __init__(self, sftp: paramiko.SFTPClient, place: Place, line: Line, settings: Settings) -> None:
        self._sftp, self._place, self._line = sftp, place, line
        self._pattern, self._most = settings.get("pattern"), settings.limits.size
        self._sidecars = Sidecars([], self._text)

    def found(self) -> list[Found]:
        """List the files of the folder, but for those that hold the checksum of another."""
        with self._told(Code.FOLDER, self._place.path):
            listed = []
            for entry in self._sftp.listdir_iter(self._place.path):
                if stat.S_ISREG(entry.st_mode or 0):
                    listed.append(entry)
                refuse_many(self._place.host, len(listed))
        names = [entry.filename for entry in listed]
        self._sidecars = Sidecars(names, self._text)
        wanted = matching(names, self._pattern) - self._sidecars.holders
        return [_found(entry.filename, entry) for entry in listed if entry.filename in wanted]

    def read(self, found: Found, to: IO[bytes], since: str) -> Taken | None:
        """Read a file whole, by pieces."""
        with self._told(Code.GONE, found.name), self._sftp.open(join(self._place.path, found.name)) as file:
            try:
                if found.size:
                    file.prefetch(found.size, max_concurrent_requests=_AHEAD)
                bounded(_pieces(file), to, self._most, found.name)
            except EOFError:
                # the server says so of what was asked for ahead, by the size it had announced
                if self._line.deadline.passed or not self._sftp.get_channel().get_transport().is_active():
                    raise
                told = {"told": found.size or 0, "found": to.tell()}
                raise Fault(Code.SIZE, name=found.name, **told) from None
        return Taken(found.mark, self._sidecars.of(found.name))

    def put(self, name: str, content: IO[bytes], size: int) -> None:
        """Write beside, then change the name: nobody there reads half a file."""
        path = join(self._place.path, name)
        part = f"{path}.part"
        with self._told(Code.FOLDER, self._place.path):
            self._sftp.stat(self._place.path)
        with self._told(Code.WRITE, name), self._sftp.open(part, "wb") as file:
            file.set_pipelined(True)
            while piece := content.read(_BLOCK):
                file.write(piece)
        with self._told(Code.WRITE, name):
            self._renamed(part, path)

    def _renamed(self, part: str, path: str) -> None:
        try:
            self._sftp.posix_rename(part, path)
        except OSError:
            # a server without OpenSSH's extension renames to no name that is taken
            with suppress(FileNotFoundError):
                self._sftp.remove(path)
            self._sftp.rename(part, path)

    def mark_now(self, found: Found) -> str:
        """Ask again for its time of change and its size."""
        with self._told(Code.GONE, found.name):
            return _found(found.name, self._sftp.stat(join(self._place.path, found.name))).mark

    def _text(self, name: str) -> str:
        with self._told(Code.GONE, name), self._sftp.open(join(self._place.path, name)) as file:
            return file.read(4096).decode("ascii", "replace")

    @contextmanager
    def _told(self, code: Code, name: str) -> Generator[None]:
        """Say in words what the library raises."""
        try:
            yield
        except FileNotFoundError:
            raise Fault(code, field="address", host=self._place.host, name=name) from None
        except PermissionError:
            denied = Code.WRITE if code is Code.WRITE else Code.FOLDER
            raise Fault(denied, field="address", host=self._place.host, name=name) from None
        except (OSError, EOFError, paramiko.SSHException) as error:
            raise _explained(error, self._line) from None


class Sftp(Kind):
    """A folder over SFTP."""

    name = "sftp"
    label = mark("A folder over SFTP")
    hint = mark("The files of a folder of a server, over SSH.")
    example = "sftp://files.example.org/outbox"
    fields = (
        USERNAME,
        PASSWORD,
        Field(
            "private_key",
            mark("Private key"),
            mark("In the place of a password: the whole text of the key's file (OpenSSH or PEM)."),
            control="area",
            secret=True,
        ),
        Field("passphrase", mark("Passphrase of the private key"), control="password", secret=True),
        Field("host_key", mark("Key of the server")),
        PATTERN,
    )

    @contextmanager
    def connect(self, settings: Settings, client: Client) -> Generator[Connection]:
        """Compare the server's key with the accepted one before anything of ours is sent, then sign in."""
        place = place_of(settings.address, {"sftp": 22}, self.example)
        try:
            with client.line("sftp", place.host, place.port, usual=(22,), limits=settings.limits) as line:
                transport = paramiko.Transport(line.open())
                try:
                    yield SftpFolder(_signed_in(transport, settings, place, line), place, line, settings)
                finally:
                    transport.close()
        except EgressError as error:
            raise OutFault(error) from None


def _signed_in(transport: paramiko.Transport, settings: Settings, place: Place, line: Line) -> paramiko.SFTPClient:
    if not settings.get("username"):
        raise Fault(Code.NEEDED, field="username")
    transport.auth_timeout = line.patience
    # longer than what is waited for below, so that lateness is told from a server that hangs up
    transport.banner_timeout = transport.handshake_timeout = line.patience + 10
    try:
        transport.start_client(timeout=line.patience)
        if not transport.initial_kex_done:
            raise TimeoutError
        seen, accepted = fingerprint(transport.get_remote_server_key()), settings.get("host_key").strip()
        if seen != accepted:
            code = Code.HOST_KEY if accepted else Code.NEW_HOST_KEY
            raise Fault(code, field="host_key", host=place.host, found=seen)
        if settings.get("private_key"):
            key = _private_key(settings.get("private_key"), settings.get("passphrase"))
            transport.auth_publickey(settings.get("username"), key)
        else:
            transport.auth_password(settings.get("username"), settings.get("password"))
        sftp = paramiko.SFTPClient.from_transport(transport)
    except paramiko.AuthenticationException:
        raise Fault(Code.LOGIN, field="username", host=place.host) from None
    except (OSError, EOFError, paramiko.SSHException) as error:
        raise _explained(error, line) from None
    channel = sftp.get_channel() if sftp is not None else None
    if sftp is None or channel is None:
        raise Fault(Code.PROTOCOL, field="address", host=place.host, said="SFTP")
    channel.settimeout(line.patience)
    return sftp


def fingerprint(key: paramiko.PKey) -> str:
    """Give a key's fingerprint as OpenSSH writes it: `SHA256:` and base 64 without padding."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")


def _private_key(text: str, passphrase: str) -> paramiko.PKey:
    for kind in _KEYS:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return kind.from_private_key(io.StringIO(text.strip() + "\n"), passphrase or None)
        except Exception:  # noqa: S112
            # Each library beneath raises its own for a key of another kind, or a broken one.
            continue
    raise Fault(Code.KEY, field="private_key")


def _found(name: str, entry: paramiko.SFTPAttributes) -> Found:
    modified = datetime.fromtimestamp(entry.st_mtime, UTC) if entry.st_mtime is not None else None
    return Found(name, mark_of(entry.st_mtime, entry.st_size), entry.st_size, modified)


def _pieces(file: paramiko.SFTPFile) -> Iterator[bytes]:
    while piece := file.read(_BLOCK):
        yield piece


def _explained(error: Exception, line: Line) -> Fault:
    if line.deadline.passed or isinstance(error, TimeoutError) or "imeout" in str(error):
        return OutFault(line.late())
    if isinstance(error, EOFError | OSError) or "banner" in str(error):
        return OutFault(EgressError(OutCode.TRUNCATED, host=line.host))
    return Fault(Code.PROTOCOL, field="address", host=line.host, said=str(error)[:200])
