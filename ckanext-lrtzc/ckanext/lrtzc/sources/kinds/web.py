"""A file at a web address (RFC 9110): taken again when its ETag or its time of change says so."""

import base64
import binascii
import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from email.message import Message
from posixpath import basename
from typing import IO
from urllib.parse import unquote, urlsplit

from ckanext.lrtzc.egress.client import Answer, Client
from ckanext.lrtzc.egress.domain.addresses import parse_target
from ckanext.lrtzc.egress.domain.body import Limits
from ckanext.lrtzc.egress.domain.errors import EgressError, public_host
from ckanext.lrtzc.sources.domain.faults import Code, Fault, OutFault
from ckanext.lrtzc.sources.domain.novelty import Found
from ckanext.lrtzc.sources.kinds import login
from ckanext.lrtzc.sources.kinds.base import Connection, Kind, Settings, Taken
from ckanext.lrtzc.translation import mark

_UNCHANGED = 304


class WebFile(Connection):
    """One file at one address."""

    def __init__(self, address: str, sent: Mapping[str, str], settings: Settings, client: Client) -> None:
        self._address, self._sent, self._client, self._limits = address, sent, client, settings.limits
        self._name = basename(unquote(urlsplit(address).path)) or public_host(address)

    def found(self) -> list[Found]:
        """Give the one file, of which nothing is known before it is asked for."""
        return [Found(self._name)]

    def read(self, found: Found, to: IO[bytes], since: str) -> Taken | None:
        """Ask for the file unless it is what was read before, by the validators that came with it (RFC 9110, 13)."""
        answer = ask(self._client, self._address, {**self._sent, **_condition(since)}, self._limits, to)
        if answer.status == _UNCHANGED and since:
            return None
        if answer.media_type == "text/html":
            raise Fault(Code.PAGE, field="address", name=found.name)
        return Taken(_mark(answer), checksum_of(answer), _name(answer))


class Web(Kind):
    """A file at a web address."""

    name = "http"
    label = mark("A file at a web address")
    hint = mark("A file that is always at the same address, open to all or behind a password or a token.")
    example = "https://data.example.org/counts.csv"
    fields = login.FIELDS

    @contextmanager
    def connect(self, settings: Settings, client: Client) -> Generator[Connection]:
        """Sign in; the file itself is asked for when it is read."""
        yield WebFile(settings.address, login.headers(settings, client), settings, client)


def ask(client: Client, address: str, sent: Mapping[str, str], limits: Limits, to: IO[bytes] | None) -> Answer:
    """Call an address; its success, or “unchanged”, is given back.

    :raises Fault: refused, failed, or another status.
    """
    try:
        answer = client.fetch(address, headers=sent, limits=limits, to=to)
        if answer.status in (401, 403):
            raise Fault(Code.LOGIN, field="login", host=public_host(address))
        return answer if answer.status == _UNCHANGED else answer.raise_for_status()
    except EgressError as error:
        raise OutFault(error) from None


def same_server(address: str, known: str, field: str) -> str:
    """Give an address back that a server named where it is on the same server as `known`: credentials go along.

    :raises Fault: it is elsewhere, or no address.
    """
    try:
        if parse_target(address).origin == parse_target(known).origin:
            return address
    except EgressError as error:
        raise OutFault(error) from None
    raise Fault(Code.ELSEWHERE, field=field, host=public_host(known))


def put(
    client: Client,
    address: str,
    sent: Mapping[str, str],
    limits: Limits,
    content: IO[bytes],
    size: int,
    name: str,
    *,
    method: str = "PUT",
) -> None:
    """Send a file to an address; one that leads elsewhere isn't followed, since credentials go with it.

    :raises Fault: refused, failed, or not taken.
    """
    headers = {"content-type": "application/octet-stream", **sent, "content-length": str(size)}
    bounds, host = replace(limits, redirects=0), public_host(address)
    try:
        answer = client.fetch(address, method=method, headers=headers, body=content, limits=bounds)
        if answer.status in (401, 403):
            raise Fault(Code.LOGIN, field="login", host=host)
        if answer.status in (404, 409):
            raise Fault(Code.WRITE, field="address", host=host, name=name)
        answer.raise_for_status()
    except EgressError as error:
        raise OutFault(error) from None


def _mark(answer: Answer) -> str:
    told = {name: answer.headers[name] for name in ("etag", "last-modified") if answer.headers.get(name)}
    return json.dumps(told, sort_keys=True) if told else ""


def _condition(since: str) -> dict[str, str]:
    told = json.loads(since) if since else {}
    pairs = (("if-none-match", told.get("etag")), ("if-modified-since", told.get("last-modified")))
    return {name: value for name, value in pairs if value}


def checksum_of(answer: Answer) -> tuple[str, str] | None:
    """Give the checksum of RFC 9530 (`Repr-Digest`), or of the older headers `Digest` and `Content-MD5`.

    They are of the bytes as they are sent, so that of a compressed answer nothing can be said once it is read.
    """
    if answer.headers.get("content-encoding", "identity") != "identity":
        return None
    told = {"content-md5": answer.headers.get("content-md5", "")}
    for part in (answer.headers.get("repr-digest", "") + "," + answer.headers.get("digest", "")).split(","):
        name, _, value = part.strip().partition("=")
        told.setdefault(name.lower(), value.strip().strip(":"))
    for name, kind in (("sha-512", "sha512"), ("sha-256", "sha256"), ("content-md5", "md5"), ("md5", "md5")):
        try:
            digest = base64.b64decode(told.get(name, ""), validate=True).hex()
        except (binascii.Error, ValueError):
            continue
        if digest:
            return kind, digest
    return None


def _name(answer: Answer) -> str:
    told = Message()
    told["content-disposition"] = answer.headers.get("content-disposition", "")
    return basename((told.get_filename() or "").replace("\\", "/"))
