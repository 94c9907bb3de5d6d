"""Security headers, as a function of what is answered.

Sources: OWASP Secure Headers Project; W3C Content Security Policy Level 3; ASVS 5.0 chapter 3 (web front end).
"""

from collections.abc import Iterable
from dataclasses import dataclass

#: Features of the browser that the portal never uses; the position helps to centre a map.
PERMISSIONS = (
    "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(self), "
    "geolocation=(self), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=(), "
    "browsing-topics=(), interest-cohort=()"
)

#: What a response that isn't a page may do when it is opened by itself: nothing. Style is left to drawings.
INERT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'; sandbox"


@dataclass(frozen=True)
class SiteRules:
    """What the deployment decides.

    `secure`: the site is reached by https. `map_hosts`: origins of map backgrounds, such as
    `https://data.geopf.fr`. `hsts_seconds`: how long browsers insist on https.
    """

    secure: bool = False
    map_hosts: tuple[str, ...] = ()
    hsts_seconds: int = 63_072_000


def content_security_policy(nonce: str, rules: SiteRules) -> str:
    """Give the policy of a page: scripts run by nonce only, nothing comes from elsewhere but map backgrounds.

    `'self'` stands beside `'strict-dynamic'` for browsers that don't know the latter, which ignore nonces'
    propagation; the others ignore `'self'`. MapLibre starts its worker from a blob.
    """
    hosts = " ".join(rules.map_hosts)
    directives = {
        "default-src": "'none'",
        "script-src": f"'nonce-{nonce}' 'strict-dynamic' 'self'",
        "style-src": f"'self' 'nonce-{nonce}'",
        "img-src": f"'self' data: blob: {hosts}",
        "font-src": "'self'",
        "connect-src": f"'self' {hosts}",
        "worker-src": "'self' blob:",
        "child-src": "'self' blob:",
        "media-src": "'self'",
        "manifest-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'self'",
    }
    policy = "; ".join(f"{name} {value.strip()}" for name, value in directives.items())
    return f"{policy}; upgrade-insecure-requests" if rules.secure else policy


def script_policy(rules: SiteRules) -> str:
    """Give the policy of a script of the site: a worker obeys that of its own file, and the map's fetches tiles."""
    hosts = " ".join(rules.map_hosts)
    fetched = f"'self' {hosts}".strip()
    return f"default-src 'none'; script-src 'self'; connect-src {fetched}; img-src {fetched}; frame-ancestors 'self'"


def security_headers(rules: SiteRules) -> list[tuple[str, str]]:
    """Give the headers that every response carries, page or not."""
    headers = [
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "SAMEORIGIN"),
        ("Referrer-Policy", "strict-origin-when-cross-origin"),
        ("Permissions-Policy", PERMISSIONS),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("X-Permitted-Cross-Domain-Policies", "none"),
    ]
    if rules.secure:
        headers.append(("Strict-Transport-Security", f"max-age={rules.hsts_seconds}; includeSubDomains"))
    return headers


def merge(headers: Iterable[tuple[str, str]], replacing: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Give `headers` with those of `replacing` put in place of any of the same name."""
    new = list(replacing)
    names = {name.lower() for name, _ in new}
    return [(name, value) for name, value in headers if name.lower() not in names] + new
