"""Features of a layer of an OGC Web Feature Service (WFS 2.0, OGC 09-025r2) as GeoJSON, page after page."""

import json
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import IO, Any

from ckanext.lrtzc.egress.client import Client
from ckanext.lrtzc.egress.domain.errors import public_host
from ckanext.lrtzc.sources.domain.faults import Code, Fault
from ckanext.lrtzc.sources.domain.novelty import Found
from ckanext.lrtzc.sources.kinds import login
from ckanext.lrtzc.sources.kinds.base import Connection, Field, Kind, Settings, Taken, bounded
from ckanext.lrtzc.sources.kinds.rest import MOST_BYTES, MOST_PAGES, MOST_SECONDS, with_parameters
from ckanext.lrtzc.sources.kinds.web import ask
from ckanext.lrtzc.translation import mark

PAGE = 1_000


class Layer(Connection):
    """The features of a layer."""

    def __init__(self, settings: Settings, sent: dict[str, str], client: Client) -> None:
        self._settings, self._sent, self._client = settings, sent, client
        self._host, self._layer = public_host(settings.address), settings.get("layer")

    def found(self) -> list[Found]:
        """Give the one file that the features make."""
        return [Found(f"{self._layer.rpartition(':')[2]}.geojson")]

    def read(self, found: Found, to: IO[bytes], since: str) -> Taken | None:
        """Ask for the features, in WGS 84, a thousand at a time."""
        bounded(as_collection(self._pages()), to, self._settings.limits.size, found.name)
        return Taken("")

    def _pages(self) -> Iterator[list[Any]]:
        limits, before = self._settings.limits, b""
        end = time.monotonic() + limits.seconds
        for number in range(MOST_PAGES):
            left = max(1.0, end - time.monotonic())
            bounds = replace(limits, seconds=min(left, MOST_SECONDS), size=min(limits.size, MOST_BYTES))
            answer = ask(self._client, self._page(number * PAGE), self._sent, bounds, None)
            try:
                features = json.loads(answer.body)["features"]
            except (ValueError, RecursionError, KeyError, TypeError):
                # a WFS says in XML what it doesn't know
                raise Fault(Code.JSON, field="layer", host=self._host, page=number + 1) from None
            if not isinstance(features, list):
                raise Fault(Code.JSON, field="layer", host=self._host, page=number + 1)
            if features and answer.body == before:
                raise Fault(Code.LOOP, field="layer", host=self._host)
            before = answer.body
            yield features
            if len(features) < PAGE:
                return
        raise Fault(Code.MANY, field="layer", host=self._host, most=MOST_PAGES)

    def _page(self, start: int) -> str:
        asked = {
            "service": "WFS",
            "version": "2.0.0",
            "request": "GetFeature",
            "typeNames": self._layer,
            "outputFormat": "application/json",
            "srsName": "EPSG:4326",
            "startIndex": str(start),
            "count": str(PAGE),
        }
        return with_parameters(self._settings.address, asked)


class Wfs(Kind):
    """A layer of a WFS."""

    name = "wfs"
    label = mark("A geographic service (WFS)")
    hint = mark("The features of a layer that a geographic server gives, by the OGC's standard.")
    example = "https://maps.example.org/geoserver/wfs"
    fields = (Field("layer", mark("Layer"), mark("Its name on the server, for instance town:benches.")), *login.FIELDS)

    @contextmanager
    def connect(self, settings: Settings, client: Client) -> Generator[Connection]:
        """Sign in; features are asked for when they are read."""
        if not settings.get("layer"):
            raise Fault(Code.NEEDED, field="layer")
        yield Layer(settings, login.headers(settings, client) | {"accept": "application/json"}, client)


def as_collection(pages: Iterator[list[Any]]) -> Iterator[bytes]:
    """Write the features of pages as one collection of GeoJSON, piece after piece."""
    yield b'{"type":"FeatureCollection","features":['
    first = True
    for features in pages:
        for feature in features:
            yield (b"" if first else b",\n") + json.dumps(feature, ensure_ascii=False).encode()
            first = False
    yield b"]}"
