"""The geocoding service that the portal's administrators name, asked by the portal's one way out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import ckan.plugins.toolkit as tk
from flask import has_request_context

from ckanext.lrtzc.egress.api import Answer, Code, EgressError, Limits, fetch

from .domain.geocoding import Address, Found, Place, Unknown, answer, question
from .domain.working import Unfit

OPTION = "ckanext.lrtzc.transforming.geocoder"
AT_ONCE = 1_000
"""Addresses of one request; the public service takes 200,000, but would be waited for without a word meanwhile."""
MOST_WAITED = 5_000
"""Addresses that a page may ask for while somebody waits for it."""
MOST_KNOWN = 100_000
"""Answers that are remembered while a file is read, since its checks may read it twice."""
PAUSES = (2.0, 8.0, 30.0)
"""Seconds before each further try, where the service says no other; the longest it may say is the last."""
# all addresses are sent to the host that the page names: a redirect could send them to another
LIMITS = Limits(seconds=180, connect=10, stall=120, size=10_000_000, redirects=0)
WAITED = Limits(seconds=10, connect=5, size=10_000_000, redirects=0)
_PASSING = {429, 500, 502, 503, 504}
_AWAY = {Code.TIMEOUT, Code.UNREACHABLE, Code.TRUNCATED, Code.PROTOCOL, Code.UNKNOWN_HOST}
_REFUSED = {Code.FORBIDDEN, Code.PORT, Code.ADDRESS, Code.SCHEME, Code.CREDENTIALS}


def service() -> str:
    """Give the address of the service, empty where none is to be asked."""
    return str(tk.config.get(OPTION) or "").strip().rstrip("/")


def host() -> str:
    """Name the service by its host, as people know it."""
    try:
        return urlsplit(service()).hostname or ""
    except ValueError:
        return ""


class Geocoder:
    """Asks the service for the places of addresses, a bounded number at once.

    With `few`, only about as many addresses are asked for in all, since only the first rows are looked at; a few more
    as long as none of them is found. What the service answers is remembered, within bounds, as long as this lives.
    """

    def __init__(self, few: int | None = None):
        self._few = few
        self._known: dict[Address, Place] = {}
        self._asked = self._found = 0

    def places(self, addresses: Sequence[Address]) -> list[Place]:
        """Give the places of different addresses, in their order. Raises Unfit where the service doesn't give them."""
        found: dict[Address, Place] = {each: self._known[each] for each in addresses if each in self._known}
        left = [each for each in addresses if each not in found]
        while left and (size := self._room()) > 0:
            part, left = left[:size], left[size:]
            for each, place in zip(part, self._ask(part), strict=True):
                found[each] = place
                self._found += isinstance(place, Found)
                if len(self._known) < MOST_KNOWN:
                    self._known[each] = place
        return [found.get(each, Unknown.UNASKED) for each in addresses]

    def _room(self) -> int:
        """Give how many addresses may be asked for now."""
        if self._few is None:
            if has_request_context() and self._asked >= MOST_WAITED:
                raise Unfit("geocoder_many", limit=MOST_WAITED)
            return AT_ONCE
        return max(0, min(AT_ONCE, self._few * (1 if self._found else 10) - self._asked, self._few))

    def _ask(self, addresses: Sequence[Address]) -> list[Place]:
        address, name = service(), host()
        if not address:
            raise Unfit("geocoder_none")
        self._asked += len(addresses)
        asked = question(addresses)
        got = _called(f"{address}/search/csv", asked.body, asked.media_type, name)
        try:
            return answer(got.body, asked.ids)
        except ValueError as error:
            raise Unfit("geocoder_answer", host=name) from error


def _called(url: str, body: bytes, media_type: str, name: str) -> Answer:
    """Call the service, again after a pause where it is away or has too much to do. Raises Unfit."""
    waited = has_request_context()
    pauses = [] if waited else [*PAUSES]
    while True:
        failed, pause = None, 0.0
        try:
            headers = {"content-type": media_type, "accept": "text/csv"}
            got = fetch(url, method="POST", headers=headers, body=body, limits=WAITED if waited else LIMITS)
            if got.status == 200:
                return got
            if got.status not in _PASSING:
                raise Unfit("geocoder_answer", host=name)
            failed, pause = Unfit("geocoder_busy", host=name, status=got.status), _asked_pause(got)
        except EgressError as error:
            failed = _failed(error, name)
            if error.code not in _AWAY:
                raise failed from error
        if not pauses:
            raise failed
        time.sleep(max(pauses.pop(0), min(pause, PAUSES[-1])))


def _failed(error: EgressError, name: str) -> Unfit:
    if error.code in _REFUSED:
        return Unfit("geocoder_refused", host=name)
    return Unfit("geocoder_away" if error.code in _AWAY else "geocoder_answer", host=name)


def _asked_pause(got: Any) -> float:
    """Give the seconds that the service asks to be left alone (RFC 9110, section 10.2.3); 0 where it says none."""
    text = got.headers.get("retry-after", "").strip()
    return float(text) if text.isdecimal() and len(text) < 6 else 0.0
