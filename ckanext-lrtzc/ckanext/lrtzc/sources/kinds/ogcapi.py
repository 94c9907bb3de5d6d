"""Features of a collection of an OGC API - Features service (OGC 17-069r4) as GeoJSON, page after page."""

import json
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import IO, Any
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from ckanext.lrtzc.egress.client import Answer, Client
from ckanext.lrtzc.egress.domain.errors import public_host
from ckanext.lrtzc.sources.domain.faults import Code, Fault
from ckanext.lrtzc.sources.domain.novelty import Found
from ckanext.lrtzc.sources.kinds import login
from ckanext.lrtzc.sources.kinds.base import Connection, Field, Kind, Settings, Taken, bounded
from ckanext.lrtzc.sources.kinds.rest import MOST_BYTES, MOST_PAGES, MOST_SECONDS, with_parameters
from ckanext.lrtzc.sources.kinds.web import ask, same_server
from ckanext.lrtzc.sources.kinds.wfs import as_collection
from ckanext.lrtzc.translation import mark

PAGE = 1_000
_JSON = ("application/geo+json", "application/json", "")


class Items(Connection):
    """The features of a collection."""

    def __init__(self, settings: Settings, sent: dict[str, str], client: Client) -> None:
        self._settings, self._sent, self._client = settings, sent, client
        self._host, self._collection = public_host(settings.address), settings.get("collection")

    def found(self) -> list[Found]:
        """Give the one file that the features make."""
        return [Found(f"{self._collection.replace('/', '-')}.geojson")]

    def read(self, found: Found, to: IO[bytes], since: str) -> Taken | None:
        """Ask for the features, which come in WGS 84, and for the pages that each page leads to."""
        bounded(as_collection(self._pages()), to, self._settings.limits.size, found.name)
        return Taken("")

    def _pages(self) -> Iterator[list[Any]]:
        limits, address, before = self._settings.limits, self._first(), b""
        end = time.monotonic() + limits.seconds
        for number in range(MOST_PAGES):
            left = max(1.0, end - time.monotonic())
            bounds = replace(limits, seconds=min(left, MOST_SECONDS), size=min(limits.size, MOST_BYTES))
            answer = ask(self._client, address, self._sent, bounds, None)
            said = self._said(answer, number + 1)
            if said["features"] and answer.body == before:
                raise Fault(Code.LOOP, field="collection", host=self._host)
            before = answer.body
            yield said["features"]
            following = next_page(said)
            if following is None:
                return
            address = same_server(urljoin(address, following), self._settings.address, "address")
        raise Fault(Code.MANY, field="collection", host=self._host, most=MOST_PAGES)

    def _first(self) -> str:
        parts = urlsplit(self._settings.address)
        path = f"{parts.path.rstrip('/')}/collections/{quote(self._collection, safe='')}/items"
        return with_parameters(urlunsplit(parts._replace(path=path)), {"limit": str(PAGE)})

    def _said(self, answer: Answer, page: int) -> dict[str, Any]:
        try:
            said = json.loads(answer.body)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict) or not isinstance(said.get("features"), list):
            raise Fault(Code.JSON, field="collection", host=self._host, page=page)
        return said


def next_page(said: dict[str, Any]) -> str | None:
    """Give the address that a page gives of the next (section 7.15.5), or nothing.

    >>> next_page({"links": [{"rel": "next", "type": "application/geo+json", "href": "/items?offset=10"}]})
    '/items?offset=10'
    """
    links = said.get("links")
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("rel") == "next" and link.get("type", "") in _JSON:
            return str(link.get("href") or "") or None
    return None


class OgcApi(Kind):
    """A collection of an OGC API - Features service."""

    name = "ogcapi"
    label = mark("A geographic service (OGC API Features)")
    hint = mark("The features of a collection that a geographic server gives, by the OGC's standard that follows WFS.")
    example = "https://maps.example.org/ogcapi"
    fields = (
        Field("collection", mark("Collection"), mark("Its identifier on the server, for instance benches.")),
        *login.FIELDS,
    )

    @contextmanager
    def connect(self, settings: Settings, client: Client) -> Generator[Connection]:
        """Sign in; features are asked for when they are read."""
        if not settings.get("collection"):
            raise Fault(Code.NEEDED, field="collection")
        sent = login.headers(settings, client) | {"accept": "application/geo+json, application/json"}
        yield Items(settings, sent, client)
