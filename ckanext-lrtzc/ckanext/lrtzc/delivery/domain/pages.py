"""Shared pages: who may be given one, what identifies it, its nonce and its validator.

A page that many strangers share carries one nonce in its body and in its policy. Both are kept together by
deriving the nonce from the content: the same content always has the same nonce, so a `304` can never pair a
stored body with another nonce, and content that was changed (by an injection too) has one that nobody can
foretell without the secret.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

_MACHINE_FORMATS = re.compile(r"turtle|rdf\+xml|ld\+json|/n3|n-triples|trig|json|csv|atom|dcat", re.IGNORECASE)
_LONGEST_ACCEPT = 100
_LONGEST_TARGET = 2_000
#: Parameters that partners' mail-outs and networks append and that change nothing in the page.
_TRACKING = re.compile(r"^(utm_\w+|fbclid|gclid|mtm_\w+|pk_\w+)$")

SHARED_TYPES = frozenset(
    {
        "text/html",
        "text/css",
        "text/javascript",
        "application/javascript",
        "image/svg+xml",
        "application/geo+json",
        "application/vnd.mapbox-vector-tile",
        "image/png",
        "image/webp",
        "image/avif",
        "image/jpeg",
        "image/x-icon",
        "image/vnd.microsoft.icon",
        "font/woff2",
        "application/atom+xml",
        "application/rdf+xml",
        "application/ld+json",
        "application/manifest+json",
        "text/turtle",
        "text/n3",
    }
)
_COMPRESSED_ALREADY = ("image/png", "image/webp", "image/avif", "image/jpeg", "font/")


@dataclass(frozen=True)
class Visit:
    """What of a request decides whether and which shared page answers it."""

    method: str
    host: str
    path: str
    query: str
    accept: str
    cookies: Mapping[str, str]
    has_credentials: bool
    is_partial: bool


def accept_class(accept: str) -> str | None:
    """Reduce an `Accept` header to what can change the answer.

    :returns: `html` for browsers and for whoever takes anything, the header itself when it names a machine
        format, None when it is too long to be kept as part of a key.
    """
    value = accept.strip().lower()
    if not value or value == "*/*":
        return "html"
    if not _MACHINE_FORMATS.search(value):
        return "html" if "text/html" in value or "*/*" in value else value[:_LONGEST_ACCEPT]
    return value if len(value) <= _LONGEST_ACCEPT else None


def page_key(visit: Visit, session_cookies: frozenset[str]) -> tuple[str, str, str, str] | None:
    """Give what identifies the shared page that answers a visit, or None when the visitor must have their own.

    The language is part of the path. `session_cookies` are the names whose presence makes a visitor known.
    """
    if visit.method not in ("GET", "HEAD") or visit.has_credentials or visit.is_partial:
        return None
    if any(name in session_cookies for name in visit.cookies):
        return None
    if len(visit.path) + len(visit.query) > _LONGEST_TARGET:
        return None
    accept = accept_class(visit.accept)
    if accept is None:
        return None
    return visit.host, visit.path, canonical_query(visit.query), accept


def canonical_query(query: str) -> str:
    """Give the query without what only tells where a visitor came from."""
    if not query or "=" not in query:
        return query
    pairs = parse_qsl(query, keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if not _TRACKING.match(name)]
    return query if len(kept) == len(pairs) else urlencode(kept)


def content_nonce(secret: bytes, content: bytes) -> str:
    """Derive a page's nonce from its content, in which the nonce's own place is left empty.

    :returns: 128 bits, in the base64 alphabet of CSP Level 3, section 2.3.1.
    """
    return base64.b64encode(hmac.digest(secret, content, "sha256")[:16]).decode("ascii").rstrip("=")


def entity_tag(visitor_class: str, language: str, content_type: str, policy: str, content: bytes) -> str:
    """Give the validator of a page: it changes with its content, kind of visitor, language and policy.

    Weak, since the compressed and the plain form share it.
    """
    digest = hashlib.sha256()
    for part in (visitor_class, language, content_type, policy):
        digest.update(part.encode("utf-8", "replace") + b"\0")
    digest.update(content)
    return f'W/"{base64.urlsafe_b64encode(digest.digest()[:15]).decode("ascii")}"'


def matches(if_none_match: str, tag: str) -> bool:
    """Tell whether a visitor already holds the page (weak comparison, RFC 9110 section 8.8.3.2)."""
    if if_none_match.strip() == "*":
        return True
    wanted = tag.removeprefix("W/")
    return any(candidate.strip().removeprefix("W/") == wanted for candidate in if_none_match.split(","))


def takes_gzip(accept_encoding: str) -> bool:
    """Tell whether gzip is accepted (RFC 9110 section 12.5.3)."""
    for item in accept_encoding.lower().split(","):
        coding, _, parameters = item.partition(";")
        if coding.strip() in ("gzip", "*"):
            quality = re.search(r"q\s*=\s*([0-9.]+)", parameters)
            try:
                return quality is None or float(quality.group(1)) > 0
            except ValueError:
                return False
    return False


def worth_compressing(content_type: str, size: int) -> bool:
    """Tell whether compression pays: text of more than a packet."""
    if size < 1_000 or content_type.startswith(_COMPRESSED_ALREADY):
        return False
    return content_type.startswith("text/") or any(
        part in content_type for part in ("json", "xml", "javascript", "svg", "manifest", "vector-tile")
    )


def cookie_names(header: str) -> dict[str, str]:
    """Give the cookies of a `Cookie` header; what can't be read is left out."""
    pairs = (item.partition("=") for item in header.split(";"))
    return {name.strip(): value.strip() for name, equals, value in pairs if equals}
