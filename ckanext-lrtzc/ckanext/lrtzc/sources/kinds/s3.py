"""Files of a bucket over the protocol of Amazon S3, which many storages speak (Storj by its gateway)."""

import datetime as dt
import hashlib
import re
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import IO
from urllib.parse import unquote

from ckanext.lrtzc import safexml
from ckanext.lrtzc.egress.client import Answer, Client
from ckanext.lrtzc.egress.domain.addresses import Target, parse_target
from ckanext.lrtzc.egress.domain.errors import EgressError
from ckanext.lrtzc.sources.domain.faults import Code, Fault, OutFault
from ckanext.lrtzc.sources.domain.novelty import Found
from ckanext.lrtzc.sources.domain.signing import EMPTY, Signer, encoded, query_text
from ckanext.lrtzc.sources.kinds.base import (
    PATTERN,
    Connection,
    Field,
    Inbox,
    Kind,
    Settings,
    Taken,
    matching,
    refuse_many,
)
from ckanext.lrtzc.sources.kinds.sidecars import Sidecars
from ckanext.lrtzc.translation import mark

_MD5 = re.compile(r"[0-9a-f]{32}")


class S3Folder(Connection, Inbox):
    """The files of a bucket whose names begin as the address says, up to the next slash."""

    def __init__(self, target: Target, settings: Settings, client: Client) -> None:
        bucket, _, prefix = unquote(target.path).strip("/").partition("/")
        self._target, self._client, self._limits = target, client, replace(settings.limits, redirects=0)
        self._bucket, self._prefix = bucket, prefix + "/" if prefix else ""
        self._pattern = settings.get("pattern")
        region = settings.get("region", "us-east-1")
        key_id, secret = settings.get("key_id"), settings.get("secret_key")
        self._signer = Signer(key_id, secret, region) if key_id and secret else None
        self._sidecars = Sidecars([], self._text)

    def found(self) -> list[Found]:
        """List the files, page after page of a thousand (ListObjectsV2)."""
        listed: dict[str, Found] = {}
        query = {"list-type": "2", "delimiter": "/", "prefix": self._prefix}
        while True:
            page = _parsed(self._asked(f"/{self._bucket}", query), self._target.host)
            for element in page.iter():
                if _tag(element) == "Contents" and (found := _found(element, self._prefix)) is not None:
                    listed[found.name] = found
            refuse_many(self._target.host, len(listed))
            following = next((one.text for one in page.iter() if _tag(one) == "NextContinuationToken"), None)
            if not following or query.get("continuation-token") == following:
                break
            query["continuation-token"] = following
        self._sidecars = Sidecars(list(listed), self._text)
        wanted = matching(list(listed), self._pattern) - self._sidecars.holders
        return [found for name, found in listed.items() if name in wanted]

    def read(self, found: Found, to: IO[bytes], since: str) -> Taken | None:
        """Read a file whole; the ETag of one that was sent in one piece is its MD5."""
        answer = self._asked(self._path(found.name), {}, to)
        etag = answer.headers.get("etag", "").strip('"')
        whole = not answer.headers.get("x-amz-server-side-encryption", "").startswith("aws:kms")
        told = ("md5", etag) if whole and _MD5.fullmatch(etag) else self._sidecars.of(found.name)
        return Taken(f'"{etag}"' if etag else found.mark, told)

    def put(self, name: str, content: IO[bytes], size: int) -> None:
        """Write a file in one piece (PutObject), signed with its SHA-256."""
        self._asked(self._path(name), {}, None, "PUT", content, size)

    def mark_now(self, found: Found) -> str:
        """Ask again for its ETag."""
        return self._asked(self._path(found.name), {}, None, "HEAD").headers.get("etag", found.mark)

    def _path(self, name: str) -> str:
        return f"/{self._bucket}/{self._prefix}{name}"

    def _text(self, name: str) -> str:
        return self._asked(self._path(name), {}).body[:4096].decode("ascii", "replace")

    def _asked(
        self,
        path: str,
        query: dict[str, str],
        to: IO[bytes] | None = None,
        method: str = "GET",
        content: IO[bytes] | None = None,
        size: int = 0,
    ) -> Answer:
        """Call the storage, signed; a redirect isn't followed, since it would have to be signed for elsewhere."""
        way, text = encoded(path), query_text(query)
        address = f"{self._target.scheme}://{self._target.host_header}{way}" + (f"?{text}" if text else "")
        headers: dict[str, str] = {"accept-encoding": "identity"}
        payload = EMPTY
        if content is not None:
            headers |= {"content-length": str(size), "content-type": "application/octet-stream"}
            payload = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]
        if self._signer is not None:
            now = dt.datetime.now(dt.UTC)
            headers |= self._signer.headers(method, self._target.host_header, way, query, now, payload=payload)
        try:
            bounds = self._limits
            answer = self._client.fetch(address, method=method, headers=headers, body=content, limits=bounds, to=to)
            if answer.status in (401, 403):
                raise Fault(Code.LOGIN, field="key_id", host=self._target.host)
            if answer.status == 404:
                raise Fault(Code.GONE, field="address", host=self._target.host, name=path.strip("/"))
            return answer.raise_for_status()
        except EgressError as error:
            raise OutFault(error) from None


class S3(Kind):
    """A bucket of an object storage."""

    name = "s3"
    label = mark("An object storage (S3)")
    hint = mark("The files of a bucket, at any storage that speaks S3: Amazon, OVHcloud, Scaleway, MinIO, Storj…")
    example = "https://s3.example.org/bucket/outbox"
    fields = (
        Field("region", mark("Region"), mark("For instance eu-west-3. Empty: us-east-1, which most others accept.")),
        Field("key_id", mark("Access key")),
        Field("secret_key", mark("Secret key"), control="password", secret=True),
        PATTERN,
    )

    @contextmanager
    def connect(self, settings: Settings, client: Client) -> Generator[Connection]:
        """Take the address apart: the storage, the bucket, and how the files' names begin."""
        try:
            target = parse_target(settings.address)
        except EgressError as error:
            raise OutFault(error) from None
        if not target.path.strip("/") or "?" in target.path:
            raise Fault(Code.ADDRESS, field="address", example=self.example)
        if bool(settings.get("key_id")) != bool(settings.get("secret_key")):
            raise Fault(Code.NEEDED, field="secret_key" if settings.get("key_id") else "key_id")
        yield S3Folder(target, settings, client)


def _parsed(answer: Answer, host: str) -> safexml.Node:
    try:
        return safexml.parse(answer.body)
    except (safexml.EntitiesRefused, safexml.BrokenXml):
        raise Fault(Code.PROTOCOL, field="address", host=host, said="XML") from None


def _tag(element: safexml.Node) -> str:
    return str(element.tag).rpartition("}")[2]


def _found(element: safexml.Node, prefix: str) -> Found | None:
    told = {_tag(child): child.text or "" for child in element}
    name = told.get("Key", "").removeprefix(prefix)
    if not name or "/" in name:
        return None
    modified = None
    with suppress(ValueError):
        modified = dt.datetime.fromisoformat(told.get("LastModified", ""))
    size = int(told["Size"]) if told.get("Size", "").isdecimal() else None
    return Found(name, told.get("ETag", ""), size, modified)
