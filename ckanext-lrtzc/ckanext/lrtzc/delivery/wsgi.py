"""The outermost layer: health, security headers, shared pages, compression.

It stands before CKAN does anything, so a page that was made before is answered without a session, a
database or a template.
"""

import gzip
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ckanext.lrtzc.delivery import generation, health
from ckanext.lrtzc.delivery.domain import headers as rules_of_headers
from ckanext.lrtzc.delivery.domain import pages
from ckanext.lrtzc.delivery.domain.headers import SiteRules
from ckanext.lrtzc.delivery.domain.store import Page, PageStore

Environ = dict[str, Any]
Headers = list[tuple[str, str]]

#: Where a request keeps its nonce, and where a view says that its answer is for one person.
NONCE = "lrtzc.delivery.nonce"
#: Where a request keeps the mark that was in force when it came.
MARK = "lrtzc.delivery.mark"
PERSONAL = "lrtzc.delivery.personal"
DOWNLOAD = "lrtzc.delivery.download"

_LARGEST_SHARED = 3 * 1024 * 1024
_MADE_ANEW = frozenset({"content-length", "vary", "etag", "last-modified", "cache-control", "expires", "date"})
_PRIVATE_PATHS = ("/user/", "/api/", "/ckan-admin", "/dashboard")
#: Anyone may keep the page but must ask before showing it: a change is seen by the next visitor everywhere.
SHARED_CACHE_CONTROL = "public, max-age=0, stale-if-error=86400, must-revalidate"
FIXED_CACHE_CONTROL = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Settings:
    """What the layer is told by the configuration (see `config_declaration.yaml`)."""

    rules: SiteRules
    secret: bytes
    session_cookies: frozenset[str]
    token_header: str
    locales: frozenset[str]
    default_locale: str
    share_pages: bool
    behind_nginx: bool
    lifetime: int
    largest_body: int


class Delivery:
    """WSGI middleware, see the module's docstring."""

    def __init__(self, app: Callable[..., Iterable[bytes]], settings: Settings, store: PageStore):
        self._app = app
        self._settings = settings
        self._store = store
        self._fixed_headers = rules_of_headers.security_headers(settings.rules)

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        if not self._settings.behind_nginx:
            for name in ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST"):
                environ.pop(name, None)
        answer = health.answer(environ.get("PATH_INFO", ""))
        if answer:
            status, body, content_type = answer
            return self._send(environ, start_response, status, [("Content-Type", content_type)], body)
        key = self._key(environ)
        mark = generation.current() if key else None
        if mark:
            environ[MARK] = mark
            page = self._store.get((mark, key))
            if page:
                return self._send_page(environ, start_response, page)
        return self._make(environ, start_response, (mark, key) if mark else None, shareable=key is not None)

    def _key(self, environ: Environ) -> tuple[str, ...] | None:
        visit = pages.Visit(
            method=environ["REQUEST_METHOD"],
            host=environ.get("HTTP_HOST", ""),
            path=environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", ""),
            query=environ.get("QUERY_STRING", ""),
            accept=environ.get("HTTP_ACCEPT", ""),
            cookies=pages.cookie_names(environ.get("HTTP_COOKIE", "")),
            has_credentials="HTTP_AUTHORIZATION" in environ or self._settings.token_header in environ,
            is_partial="HTTP_HX_REQUEST" in environ or "HTTP_RANGE" in environ,
        )
        if not self._settings.share_pages:
            return None
        return pages.page_key(visit, self._settings.session_cookies)

    def _language(self, path: str) -> str:
        first = path.split("/", 2)[1] if "/" in path else ""
        return first if first in self._settings.locales else self._settings.default_locale

    def _is_private(self, path: str) -> bool:
        language = self._language(path)
        bare = path.removeprefix(f"/{language}")
        return f"{bare}/".startswith(_PRIVATE_PATHS)

    def _make(self, environ: Environ, start_response: Callable[..., Any], key: Any, shareable: bool) -> Iterable[bytes]:
        environ[NONCE] = marker = secrets.token_urlsafe(18)
        path = environ.get("PATH_INFO", "")
        if_none_match = environ.get("HTTP_IF_NONE_MATCH", "")
        if shareable:
            # the answer of a file's own validator would come without a body to keep
            environ.pop("HTTP_IF_NONE_MATCH", None)
            environ.pop("HTTP_IF_MODIFIED_SINCE", None)
        inner = {**environ, "REQUEST_METHOD": "GET"} if shareable else environ
        told: list[Any] = []
        written: list[bytes] = []

        def keep(status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], None]:
            told[:] = [status, headers]
            return written.append

        answer = self._app(inner, keep)
        status, headers = _told(told, answer, written)
        environ.update({name: inner[name] for name in (PERSONAL, DOWNLOAD) if name in inner})
        if if_none_match:
            environ["HTTP_IF_NONE_MATCH"] = if_none_match
        size = _size(headers)
        content_type = _value(headers, "content-type")
        kind = content_type.partition(";")[0].strip().lower()
        if size is None or size > _LARGEST_SHARED or not (kind in pages.SHARED_TYPES or "json" in kind):
            start_response(status, self._personal_headers(environ, headers, content_type, path))
            remainder = _Remainder(written, answer)
            if environ["REQUEST_METHOD"] == "HEAD":
                remainder.close()
                return []
            return remainder
        body = _read(answer, written)
        if (
            shareable
            and status.startswith("200")
            and kind in pages.SHARED_TYPES
            and not environ.get(PERSONAL)
            and not environ.get(DOWNLOAD)
            and not self._is_private(path)
            and not _value(headers, "set-cookie")
            and "no-store" not in _value(headers, "cache-control")
        ):
            lifetime = generation.lifetime(key[0] if key else None, self._settings.lifetime)
            page = self._page(environ, status, headers, body, marker, lifetime)
            if key:
                self._store.put(key, page, lifetime)
            return self._send_page(environ, start_response, page)
        ready = self._personal_headers(environ, headers, content_type, path)
        return self._send(environ, start_response, status, ready, body, ready_headers=True)

    def _page(self, environ: Environ, status: str, headers: Headers, body: bytes, marker: str, lifetime: int) -> Page:
        """Make a page that strangers may share for some seconds: its nonce follows from its content."""
        content_type = _value(headers, "content-type")
        content = body.replace(marker.encode("ascii"), b"")
        is_page = content_type.startswith("text/html")
        nonce = pages.content_nonce(self._settings.secret, content) if is_page else ""
        policy = self._policy(content_type, nonce)
        fixed = _is_fixed(environ)
        language = self._language(environ.get("PATH_INFO", ""))
        tag = pages.entity_tag("stranger", language, content_type, policy, content)
        if is_page:
            body = body.replace(marker.encode("ascii"), nonce.encode("ascii"))
        compressed = None
        if pages.worth_compressing(content_type, len(body)):
            compressed = gzip.compress(body, 9 if fixed else 6, mtime=0)
        kept = [(name, value) for name, value in headers if name.lower() not in _MADE_ANEW]
        replacing = [
            *self._fixed_headers,
            ("Content-Security-Policy", policy),
            ("Cache-Control", FIXED_CACHE_CONTROL if fixed else SHARED_CACHE_CONTROL),
            ("ETag", tag),
            ("Vary", "Accept, Accept-Encoding" if is_page or _is_negotiated(headers) else "Accept-Encoding"),
        ]
        if self._settings.behind_nginx:
            replacing.append(("X-Accel-Expires", str(lifetime)))
        return Page(status, tuple(rules_of_headers.merge(kept, replacing)), body, compressed, tag)

    def _policy(self, content_type: str, nonce: str) -> str:
        if content_type.startswith("text/html"):
            return rules_of_headers.content_security_policy(nonce, self._settings.rules)
        if "javascript" in content_type:
            return rules_of_headers.script_policy(self._settings.rules)
        return rules_of_headers.INERT_POLICY

    def _personal_headers(self, environ: Environ, headers: Headers, content_type: str, path: str) -> Headers:
        """Complete the headers of an answer that is for one visitor, or too large to be shared."""
        policy = self._policy("" if environ.get(DOWNLOAD) else content_type, environ[NONCE])
        replacing = [*self._fixed_headers, ("Content-Security-Policy", policy)]
        stated = _value(headers, "cache-control")
        if environ.get(PERSONAL) and self._is_private(path):
            replacing.append(("Cache-Control", "private, no-store"))
        elif "no-store" not in stated:
            replacing.append(("Cache-Control", "private, no-cache"))
        if self._settings.behind_nginx:
            replacing.append(("X-Accel-Expires", "0"))
        return rules_of_headers.merge(headers, replacing)

    def _send_page(self, environ: Environ, start_response: Callable[..., Any], page: Page) -> Iterable[bytes]:
        if pages.matches(environ.get("HTTP_IF_NONE_MATCH", ""), page.tag):
            wanted = ("etag", "cache-control", "vary", "x-accel-expires")
            # no policy here: the one stored with the body goes on holding
            start_response("304 Not Modified", [pair for pair in page.headers if pair[0].lower() in wanted])
            return []
        body, headers = page.body, list(page.headers)
        if page.compressed and pages.takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
            body = page.compressed
            headers.append(("Content-Encoding", "gzip"))
        headers.append(("Content-Length", str(len(body))))
        start_response(page.status, headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _send(
        self,
        environ: Environ,
        start_response: Callable[..., Any],
        status: str,
        headers: Headers,
        body: bytes,
        ready_headers: bool = False,
    ) -> Iterable[bytes]:
        if not ready_headers:
            headers = [*headers, *self._fixed_headers, ("Content-Security-Policy", rules_of_headers.INERT_POLICY)]
            headers.append(("Cache-Control", "no-store"))
        if environ["REQUEST_METHOD"] == "HEAD":
            start_response(status, headers)
            return []
        content_type = _value(headers, "content-type")
        plain = not _value(headers, "content-encoding")
        if plain and pages.worth_compressing(content_type, len(body)):
            vary = ", ".join(filter(None, [_value(headers, "vary"), "Accept-Encoding"]))
            headers = rules_of_headers.merge(headers, [("Vary", vary)])
            if pages.takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
                body = gzip.compress(body, 5, mtime=0)
                headers.append(("Content-Encoding", "gzip"))
        start_response(status, rules_of_headers.merge(headers, [("Content-Length", str(len(body)))]))
        return [body]


class _Remainder:
    """A streamed answer: what was already taken of it, then the rest; closed by the server."""

    def __init__(self, taken: list[bytes], rest: Iterable[bytes]):
        self._taken = taken
        self._rest = rest

    def __iter__(self) -> Any:
        yield from self._taken
        yield from self._rest

    def close(self) -> None:
        close = getattr(self._rest, "close", None)
        if close:
            close()


def _is_negotiated(headers: Headers) -> bool:
    """Say whether a view answered one of several representations that its address has."""
    return "accept" in (name.strip() for name in _value(headers, "vary").lower().split(","))


def _told(told: list[Any], answer: Iterable[bytes], written: list[bytes]) -> tuple[str, Headers]:
    """Give status and headers, which an application may hold back until its first piece is asked for."""
    if not told:
        for piece in answer:
            written.append(piece)
            if told:
                break
    return told[0], told[1]


def _read(answer: Iterable[bytes], written: list[bytes]) -> bytes:
    try:
        return b"".join([*written, *answer])
    finally:
        close = getattr(answer, "close", None)
        if close:
            close()


def _value(headers: Headers, name: str) -> str:
    return next((value for key, value in headers if key.lower() == name), "")


def _size(headers: Headers) -> int | None:
    length = _value(headers, "content-length")
    return int(length) if length.isdigit() else None


def _is_fixed(environ: Environ) -> bool:
    """Tell whether the address names one version of a file for good, as those of bundles do."""
    query = environ.get("QUERY_STRING", "")
    return "/webassets/" in environ.get("PATH_INFO", "") and len(query) >= 8 and query.isalnum()
