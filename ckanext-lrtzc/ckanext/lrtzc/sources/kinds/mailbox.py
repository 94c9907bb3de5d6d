"""Files attached to the messages of a mailbox, by the standard library's IMAP (RFC 3501) within TLS (RFC 8314)."""

import base64
import imaplib
import re
import ssl
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime
from posixpath import basename
from typing import IO, Any

import certifi

from ckanext.lrtzc.egress.client import Client, Line
from ckanext.lrtzc.egress.domain.errors import Code as OutCode
from ckanext.lrtzc.egress.domain.errors import EgressError
from ckanext.lrtzc.sources.domain.faults import Code, Fault, OutFault
from ckanext.lrtzc.sources.domain.novelty import Found
from ckanext.lrtzc.sources.domain.places import Place, place_of
from ckanext.lrtzc.sources.kinds.base import (
    PASSWORD,
    PATTERN,
    USERNAME,
    Connection,
    Field,
    Kind,
    Settings,
    Taken,
    bounded,
    matching,
)
from ckanext.lrtzc.translation import mark

MOST_MESSAGES = 50
"""The newest ones, which are looked through at each run."""
# Base64 makes three bytes four, with ends of lines; and a message has a text beside.
_AROUND = 1.4
_BESIDE = 200_000
_SENDER = re.compile(r"[^\s@\"\\]*@[A-Za-z0-9.-]+")


class _Talk(imaplib.IMAP4):
    """IMAP over the line's socket, within TLS from the first byte on; nothing larger than `most` bytes is read."""

    def __init__(self, line: Line, context: ssl.SSLContext, most: int) -> None:
        self._line, self._context, self._most = line, context, most
        super().__init__(line.host, line.port)

    def _create_socket(self, timeout: float | None) -> ssl.SSLSocket:
        secure = self._context.wrap_socket(self._line.open(), server_hostname=self._line.host)
        self._line.deadline.watch(secure)
        return secure

    def read(self, size: int) -> bytes:
        """Read what a server announced."""
        if size > self._most:
            raise Fault(Code.LARGE, name="IMAP", most=self._most)
        return super().read(size)


class Mailbox(Connection):
    """The attachments of a mailbox's messages; of those of a same name, the last that came."""

    def __init__(self, talk: _Talk, place: Place, line: Line, settings: Settings) -> None:
        self._talk, self._place, self._line = talk, place, line
        self._senders = senders_of(settings.get("senders"))
        self._pattern, self._most = settings.get("pattern"), settings.limits.size
        self._uids: dict[str, str] = {}
        self._large: set[str] = set()

    def found(self) -> list[Found]:
        """List the attachments of the newest messages of the accepted senders; the mailbox stays as it is."""
        name = self._place.path.strip("/") or "INBOX"
        with _told(self._line):
            state, _said = self._talk.select(_quoted(_utf7(name)), readonly=True)
            if state != "OK":
                raise Fault(Code.FOLDER, field="address", host=self._line.host, name=name)
            validity = (self._talk.response("UIDVALIDITY")[1] or [b""])[0] or b""
            listed: dict[str, Found] = {}
            for uid, size in self._sizes(self._newest()):
                version = f"{validity.decode('ascii', 'replace')}/{uid}"
                if size > self._most * _AROUND + _BESIDE:
                    # what is in it isn't known: that it is too large is said when it is to be read
                    listed[f"message-{uid}"] = Found(f"message-{uid}", version, size)
                    self._large.add(f"message-{uid}")
                    continue
                for found in self._attached(uid, version):
                    listed[found.name], self._uids[found.name] = found, uid
        wanted = matching(list(listed), self._pattern) | self._large
        return [found for name, found in listed.items() if name in wanted]

    def _newest(self) -> list[str]:
        uids: set[int] = set()
        for sender in self._senders:
            _state, found = self._talk.uid("SEARCH", "FROM", _quoted(sender))
            uids |= {int(each) for part in found if part for each in part.split() if each.isdigit()}
        return [str(uid) for uid in sorted(uids)[-MOST_MESSAGES:]]

    def _sizes(self, uids: list[str]) -> Iterator[tuple[str, int]]:
        if not uids:
            return
        _state, lines = self._talk.uid("FETCH", ",".join(uids), "(RFC822.SIZE)")
        told = b" ".join(line for line in lines if isinstance(line, bytes)).decode("ascii", "replace")
        sizes: dict[str, int] = {}
        for part in re.findall(r"\(([^()]*)\)", told):
            uid, size = re.search(r"UID (\d+)", part), re.search(r"RFC822\.SIZE (\d+)", part)
            if uid and size:
                sizes[uid[1]] = int(size[1])
        yield from ((uid, sizes[uid]) for uid in uids if uid in sizes)

    def _attached(self, uid: str, version: str) -> Iterator[Found]:
        message = self._message(uid)
        if message is None or not self._accepted(message):
            return
        moment = None
        with suppress(ValueError, TypeError):
            moment = parsedate_to_datetime(str(message["date"])).astimezone(UTC)
        for name, data in _files(message):
            yield Found(name, version, len(data), moment)

    def _accepted(self, message: EmailMessage) -> bool:
        """Say whether a message says that it is from an accepted sender, and from nobody beside."""
        addresses = [address.casefold() for _name, address in getaddresses([str(message["from"] or "")])]
        return len(addresses) == 1 and any(
            addresses[0] == sender or (sender.startswith("@") and addresses[0].endswith(sender))
            for sender in self._senders
        )

    def _message(self, uid: str) -> EmailMessage | None:
        _state, parts = self._talk.uid("FETCH", uid, "(BODY.PEEK[])")
        found = next((part[1] for part in parts if isinstance(part, tuple)), None)
        return message_from_bytes(found, policy=policy.default) if found is not None else None  # type: ignore[return-value]

    def read(self, found: Found, to: IO[bytes], since: str) -> Taken | None:
        """Read the file out of its message."""
        if since and since == found.mark:
            return None
        if found.name in self._large:
            raise Fault(Code.LARGE, name=found.name, most=self._most)
        with _told(self._line):
            message = self._message(self._uids[found.name])
            data = next((data for name, data in _files(message) if name == found.name), None) if message else None
        if data is None:
            raise Fault(Code.GONE, field="address", host=self._line.host, name=found.name)
        bounded(iter([data]), to, self._most, found.name)
        return Taken(found.mark)


class Mail(Kind):
    """A mailbox."""

    name = "imap"
    label = mark("Files attached to e-mails (IMAP)")
    hint = mark("The attachments that accepted senders send to a mailbox of its own; the last one of each name counts.")
    example = "imaps://mail.example.org/INBOX"
    fields = (
        USERNAME,
        PASSWORD,
        Field(
            "senders",
            mark("Accepted senders"),
            mark(
                "Addresses with commas between, or @example.org for all of a domain. Senders can be forged: have the"
                " mail server refuse what it can't verify."
            ),
        ),
        PATTERN,
    )

    @contextmanager
    def connect(self, settings: Settings, client: Client) -> Generator[Connection]:
        """Sign in to a server whose certificate is verified."""
        place = place_of(settings.address, {"imaps": 993}, self.example)
        for needed in ("username", "password"):
            if not settings.get(needed):
                raise Fault(Code.NEEDED, field=needed)
        if not senders_of(settings.get("senders")):
            raise Fault(Code.SENDERS, field="senders")
        try:
            with client.line("imaps", place.host, place.port, usual=(993,), limits=settings.limits) as line:
                talk = _signed_in(line, settings, client)
                try:
                    yield Mailbox(talk, place, line, settings)
                finally:
                    talk.shutdown()
        except EgressError as error:
            raise OutFault(error) from None


def senders_of(text: str) -> list[str]:
    """Give the senders of a list, in small letters; none where one of them isn't an address or a domain.

    >>> senders_of("Port@example.org, @ville.example")
    ['port@example.org', '@ville.example']
    """
    found = [part.strip().casefold() for part in text.replace(";", ",").split(",") if part.strip()]
    return found if all(_SENDER.fullmatch(each) for each in found) else []


def _signed_in(line: Line, settings: Settings, client: Client) -> _Talk:
    context = ssl.create_default_context(cafile=client.ca_file or certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    with _told(line):
        talk = _Talk(line, context, round(settings.limits.size * _AROUND) + _BESIDE)
        try:
            talk.login(_quoted(settings.get("username")), settings.get("password"))
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            talk.shutdown()
            raise Fault(Code.LOGIN, field="username", host=line.host) from None
    return talk


@contextmanager
def _told(line: Line) -> Generator[None]:
    """Say in words what the library raises."""
    try:
        yield
    except ssl.SSLCertVerificationError:
        raise OutFault(EgressError(OutCode.TLS, host=line.host)) from None
    except (OSError, EOFError, imaplib.IMAP4.abort) as error:
        late = line.deadline.passed or isinstance(error, TimeoutError)
        raise OutFault(line.late() if late else EgressError(OutCode.TRUNCATED, host=line.host)) from None
    except (imaplib.IMAP4.error, MessageError, ValueError) as error:
        raise Fault(Code.PROTOCOL, field="address", host=line.host, said=str(error)[:200]) from None


def _files(message: EmailMessage | None) -> Iterator[tuple[str, bytes]]:
    for part in message.walk() if message is not None else ():
        name = basename((part.get_filename() or "").replace("\\", "/"))
        data: Any = part.get_payload(decode=True) if name else None
        if data:
            yield name, data


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _utf7(name: str) -> str:
    """Write a mailbox's name as IMAP wants it (RFC 3501, section 5.1.3).

    >>> _utf7("Données & co")
    'Donn&AOk-es &- co'
    """

    def coded(found: re.Match[str]) -> str:
        return "&" + base64.b64encode(found.group().encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"

    return re.sub(r"[^\x20-\x7e]+", coded, name.replace("&", "&-"))
