"""Files of a folder over WebDAV (RFC 4918), by the egress client."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import IO
from urllib.parse import quote, unquote, urljoin, urlsplit

from ckanext.lrtzc import safexml
from ckanext.lrtzc.egress.client import Client
from ckanext.lrtzc.egress.domain.addresses import parse_target
from ckanext.lrtzc.egress.domain.errors import EgressError, public_host
from ckanext.lrtzc.sources.domain.faults import Code, Fault, OutFault
from ckanext.lrtzc.sources.domain.novelty import Found, mark_of
from ckanext.lrtzc.sources.kinds import login
from ckanext.lrtzc.sources.kinds.base import PATTERN, Connection, Inbox, Kind, Settings, Taken, matching, refuse_many
from ckanext.lrtzc.sources.kinds.sidecars import Sidecars
from ckanext.lrtzc.sources.kinds.web import ask, checksum_of, put
from ckanext.lrtzc.translation import mark

_DAV = "{DAV:}"
_ASKED = (
    b'<?xml version="1.0" encoding="utf-8"?><d:propfind xmlns:d="DAV:"><d:prop><d:resourcetype/><d:getetag/>'
    b"<d:getlastmodified/><d:getcontentlength/></d:prop></d:propfind>"
)


class DavFolder(Connection, Inbox):
    """A folder of a server."""

    def __init__(self, settings: Settings, sent: Mapping[str, str], client: Client) -> None:
        self._address = settings.address.rstrip("/") + "/"
        self._sent, self._client, self._limits = sent, client, settings.limits
        self._pattern, self._host = settings.get("pattern"), public_host(settings.address)
        self._sidecars = Sidecars([], self._text)

    def found(self) -> list[Found]:
        """List the files of the folder by one PROPFIND of depth 1."""
        listed = {found.name: found for found in self._asked(self._address, "1")}
        refuse_many(self._host, len(listed))
        self._sidecars = Sidecars(list(listed), self._text)
        wanted = matching(list(listed), self._pattern) - self._sidecars.holders
        return [found for name, found in listed.items() if name in wanted]

    def _asked(self, address: str, depth: str) -> list[Found]:
        headers = {**self._sent, "depth": depth, "content-type": "application/xml; charset=utf-8"}
        try:
            answer = self._client.fetch(address, method="PROPFIND", headers=headers, body=_ASKED, limits=self._limits)
        except EgressError as error:
            raise OutFault(error) from None
        if answer.status in (401, 403):
            raise Fault(Code.LOGIN, field="login", host=self._host)
        if answer.status == 404:
            raise Fault(Code.FOLDER, field="address", host=self._host, name=unquote(urlsplit(address).path))
        if answer.status != 207:
            raise Fault(Code.PROTOCOL, field="address", host=self._host, said=f"PROPFIND {answer.status}")
        try:
            replies = safexml.parse(answer.body).iter(_DAV + "response")
        except (safexml.EntitiesRefused, safexml.BrokenXml):
            raise Fault(Code.PROTOCOL, field="address", host=self._host, said="XML") from None
        return [found for reply in replies if (found := _found(reply)) is not None]

    def read(self, found: Found, to: IO[bytes], since: str) -> Taken | None:
        """Read a file whole."""
        answer = ask(self._client, self._of(found.name), self._sent, self._limits, to)
        return Taken(found.mark, checksum_of(answer) or self._sidecars.of(found.name))

    def put(self, name: str, content: IO[bytes], size: int) -> None:
        """Write a file by one PUT; the address itself, if it leads elsewhere, isn't followed."""
        put(self._client, self._of(name), self._sent, self._limits, content, size, name)

    def mark_now(self, found: Found) -> str:
        """Ask again for its ETag, its time of change and its size."""
        return next((one.mark for one in self._asked(self._of(found.name), "0")), "")

    def _of(self, name: str) -> str:
        return urljoin(self._address, quote(name, safe=""))

    def _text(self, name: str) -> str:
        return ask(self._client, self._of(name), self._sent, self._limits, None).body[:4096].decode("ascii", "replace")


class Webdav(Kind):
    """A folder over WebDAV."""

    name = "webdav"
    label = mark("A folder over WebDAV")
    hint = mark("The files of a folder of a personal cloud or of a shared drive, such as Nextcloud.")
    example = "https://cloud.example.org/remote.php/dav/files/account/outbox/"
    fields = (*login.FIELDS, PATTERN)

    @contextmanager
    def connect(self, settings: Settings, client: Client) -> Generator[Connection]:
        """Sign in; each question shows who asks."""
        try:
            parse_target(settings.address)
        except EgressError as error:
            raise OutFault(error) from None
        yield DavFolder(settings, login.headers(settings, client), client)


def _found(reply: safexml.Node) -> Found | None:
    """Give the file that a reply is about; None where it is a folder."""
    told = {element.tag.removeprefix(_DAV): (element.text or "").strip() for element in reply.iter()}
    name = unquote(told.get("href", "").rstrip("/").rpartition("/")[2])
    if not name or "/" in name or reply.find(f".//{_DAV}collection") is not None:
        return None
    size = int(told["getcontentlength"]) if told.get("getcontentlength", "").isdecimal() else None
    modified = None
    with suppress(ValueError, TypeError):
        modified = parsedate_to_datetime(told.get("getlastmodified", "")).astimezone(UTC)
    return Found(name, told.get("getetag") or mark_of(_iso(modified), size), size, modified)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
