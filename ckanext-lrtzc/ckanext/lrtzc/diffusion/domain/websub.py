"""What programs ask of the hub, and how they are called (WebSub, W3C Recommendation of 23 January 2018).

Section 5.1: the request; 5.2: it may be denied; 5.3: the intent is verified; 7: content is sent; 7.1: how it is signed.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode, urlsplit, urlunsplit

from ckanext.lrtzc.translation import mark

MEDIA_TYPE = "application/x-www-form-urlencoded"
LARGEST_REQUEST = 20_000
"""Bytes of a request, which holds two addresses and a secret."""
LONGEST_ADDRESS = 2_000
LONGEST_SECRET = 199
"""Bytes (section 5.1: less than 200)."""
DAY = 86_400
SHORTEST_LEASE = 300
USUAL_LEASE = 10 * DAY
SIGNED_BY = "sha256"


class Mode(StrEnum):
    """What a program is asked to confirm, or is told."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    DENIED = "denied"


class Wrong(Exception):
    """A request that can't be taken: `status` of HTTP, and a sentence in English, marked for the catalogue."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        self.sentence, self.status = sentence, status
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: the feed and the program's address as they were sent, seconds of the lease within bounds."""

    mode: Mode
    topic: str
    callback: str
    lease: int
    secret: str


def asked(fields: Mapping[str, Sequence[str]], longest: int) -> Asked:
    """Read a request (section 5.1); parameters that aren't known are passed over.

    :param fields: all that was sent, by name; `longest`: seconds for which a subscription may hold
    :raises Wrong: one is missing, is there twice, or isn't what it must be
    """
    match _one(fields, "hub.mode"):
        case "subscribe" | "unsubscribe" as name:
            mode = Mode(name)
        case _:
            raise Wrong(mark("hub.mode must be subscribe or unsubscribe."))
    topic, callback = _one(fields, "hub.topic"), _one(fields, "hub.callback")
    if not topic:
        raise Wrong(mark("hub.topic is missing: the address by which the feed calls itself."))
    if not callback:
        raise Wrong(mark("hub.callback is missing: the address where your program listens."))
    if max(len(topic), len(callback)) > LONGEST_ADDRESS or not (topic + callback).isprintable():
        raise Wrong(mark("An address is too long, or can't be read."))
    secret = _one(fields, "hub.secret")
    if len(secret.encode("utf-8", "replace")) > LONGEST_SECRET or "\x00" in secret:
        raise Wrong(mark("hub.secret must have less than 200 bytes."))
    return Asked(mode, topic, callback, _lease(_one(fields, "hub.lease_seconds"), longest), secret)


def _one(fields: Mapping[str, Sequence[str]], name: str) -> str:
    found = fields.get(name, ())
    if len(found) > 1:
        raise Wrong(mark("A parameter is there more than once."))
    return found[0] if found else ""


def _lease(text: str, longest: int) -> int:
    """Give the seconds that a subscription holds: those asked for, within bounds (section 5.1: the hub decides)."""
    if not text:
        return min(USUAL_LEASE, longest)
    if not (text.isascii() and text.isdigit()):
        raise Wrong(mark("hub.lease_seconds must be a whole number of seconds."))
    return max(SHORTEST_LEASE, min(int(text[:12]), longest))


def host_of(address: str) -> str:
    """Give the name of the machine that an address leads to, as it is counted; empty where there is none."""
    try:
        return (urlsplit(address).hostname or "").rstrip(".").lower()
    except ValueError:
        return ""


def origin_of(address: str) -> tuple[str, int]:
    """Give the machine and the port that a web address leads to."""
    parts = urlsplit(address)
    return host_of(address), parts.port or (443 if parts.scheme.lower() == "https" else 80)


def with_query(address: str, more: Mapping[str, str]) -> str:
    """Give an address with parameters after those that it has, which stay as they are (section 5.1).

    >>> with_query("https://x.test/in?a=1", {"hub.mode": "denied"})
    'https://x.test/in?a=1&hub.mode=denied'
    """
    parts = urlsplit(address)
    query = "&".join(filter(None, (parts.query, urlencode(more))))
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def question(mode: Mode, topic: str, challenge: str, lease: int) -> dict[str, str]:
    """Give what a program is asked to confirm by echoing the challenge (section 5.3)."""
    told = {"hub.mode": mode.value, "hub.topic": topic, "hub.challenge": challenge}
    return told | ({"hub.lease_seconds": str(lease)} if mode is Mode.SUBSCRIBE else {})


def confirmed(status: int, body: bytes, challenge: str) -> bool:
    """Say whether a program echoed the challenge, by a success and nothing else in the body (section 5.3)."""
    return 200 <= status < 300 and hmac.compare_digest(body, challenge.encode())


def headers(media_type: str, hub: str, topic: str, secret: str, body: bytes) -> dict[str, str]:
    """Give the headers of a feed that is sent (sections 7 and 7.1), signed where there is a secret."""
    told = {"content-type": media_type, "link": f'<{hub}>; rel="hub", <{topic}>; rel="self"'}
    if secret:
        digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        told["x-hub-signature"] = f"{SIGNED_BY}={digest}"
    return told
