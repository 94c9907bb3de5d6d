"""Files sent to a web address, by PUT or POST (RFC 9110)."""

import mimetypes
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import IO
from urllib.parse import quote

from ckanext.lrtzc.egress.client import Client
from ckanext.lrtzc.egress.domain.addresses import parse_target
from ckanext.lrtzc.egress.domain.errors import EgressError
from ckanext.lrtzc.sources.domain.faults import OutFault
from ckanext.lrtzc.sources.kinds import login
from ckanext.lrtzc.sources.kinds.base import Field, Inbox, Settings
from ckanext.lrtzc.sources.kinds.web import put
from ckanext.lrtzc.translation import mark

mimetypes.add_type("application/vnd.apache.parquet", ".parquet")


class WebInbox(Inbox):
    """One address that takes files: as it is, or followed by the file's name where it ends with a slash."""

    def __init__(self, settings: Settings, sent: Mapping[str, str], client: Client) -> None:
        self._settings, self._sent, self._client = settings, sent, client

    def put(self, name: str, content: IO[bytes], size: int) -> None:
        """Send a file; its name goes with it (RFC 6266)."""
        settings = self._settings
        address = settings.address + quote(name, safe="") if settings.address.endswith("/") else settings.address
        told = {
            **self._sent,
            "content-type": mimetypes.guess_type(name)[0] or "application/octet-stream",
            "content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        }
        method = settings.get("method", "PUT")
        put(self._client, address, told, settings.limits, content, size, name, method=method)


class Web:
    """A web address that takes files."""

    name = "http"
    label = mark("A web address (PUT or POST)")
    hint = mark("A service that takes a file at an address, open or behind a password or a token.")
    example = "https://example.org/inbox/"
    fields = (
        Field("method", mark("How it is sent"), control="select", choices=(("PUT", "PUT"), ("POST", "POST"))),
        *login.FIELDS,
    )

    @contextmanager
    def connect(self, settings: Settings, client: Client) -> Generator[Inbox]:
        """Sign in; the file is sent by one call."""
        try:
            parse_target(settings.address)
        except EgressError as error:
            raise OutFault(error) from None
        yield WebInbox(settings, login.headers(settings, client), client)
