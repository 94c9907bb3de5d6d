"""Which network addresses may be called.

Refused: everything that isn't global unicast in the IANA registries (RFC 6890), multicast, and IPv6 forms
that carry an IPv4 address inside (mapped, compatible, 6to4, Teredo, NAT64, ISATAP), since they reach what the inner
address reaches. Hosts and ports on the deployment's allow-list may be private, but never link-local
(where clouds keep their metadata), multicast or unspecified.
"""

import ipaddress
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

from ckanext.lrtzc.egress.domain.errors import Code, EgressError

MAX_URL = 4096
WELL_KNOWN = 1024
DEFAULT_PORTS = {"http": 80, "https": 443}
# where clouds keep what their machines may know, at addresses that aren't link-local: AWS and Google over IPv6,
# Alibaba, Azure (a public one), Oracle
_METADATA = frozenset(
    ipaddress.ip_address(address)
    for address in ("fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16", "192.0.0.192")
)
# registered since the standard library's list: relays of 6to4 (RFC 7526), documentation (RFC 9637)
_RESERVED = (ipaddress.ip_network("192.88.99.0/24"), ipaddress.ip_network("3fff::/20"))
# RFC 5214, section 6.1: identifiers of interfaces that carry an IPv4 address
_ISATAP = (b"\x00\x00\x5e\xfe", b"\x02\x00\x5e\xfe")
_CARRIERS = tuple(
    ipaddress.ip_network(network) for network in ("::/96", "::ffff:0:0/96", "2002::/16", "2001::/32", "64:ff9b::/96")
)


@dataclass(frozen=True, slots=True)
class Target:
    """An address taken apart: `scheme`, `host` (ASCII, lower case), `port`, and `path` with its query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port: what credentials are bound to."""
        return (self.scheme, self.host, self.port)

    @property
    def url(self) -> str:
        """The address put together again."""
        return f"{self.scheme}://{self.host_header}{self.path}"

    @property
    def host_header(self) -> str:
        """What the Host header says: the port only where it isn't the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def parse_target(url: str) -> Target:
    """Take `url` apart.

    :raises EgressError: not an address, another scheme than http(s), or credentials inside.
    """
    url = url.strip()
    if not url or len(url) > MAX_URL or any(ord(c) < 32 or ord(c) == 127 for c in url) or "\\" in url:
        raise EgressError(Code.ADDRESS)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as err:
        raise EgressError(Code.ADDRESS) from err
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORTS:
        raise EgressError(Code.SCHEME)
    if "@" in parts.netloc:
        raise EgressError(Code.CREDENTIALS)
    host = _ascii_host(parts.hostname or "")
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/?%:@!$&'()*+,;=~-._[]")
    return Target(scheme, host, port or DEFAULT_PORTS[scheme], urlunsplit(("", "", path, query, "")))


def _ascii_host(host: str) -> str:
    host = host.rstrip(".").lower()
    if not host or "%" in host or " " in host:
        raise EgressError(Code.ADDRESS)
    if ":" in host:
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError as err:
        raise EgressError(Code.ADDRESS) from err


@dataclass(frozen=True, slots=True)
class AllowList:
    """The deployment's own partners: pairs of host and port that may have a private address."""

    entries: frozenset[tuple[str, int]]

    @classmethod
    def parse(cls, words: Iterable[str]) -> "AllowList":
        """Read `host:port` words; without a port, 80 and 443 are meant.

        :raises ValueError: a word that is neither.
        """
        entries: set[tuple[str, int]] = set()
        for word in words:
            host, colon, port = word.strip().lower().rpartition(":")
            if not colon or word.endswith("]"):
                entries.update({(word.strip("[] ").lower(), 80), (word.strip("[] ").lower(), 443)})
            elif port.isdigit() and 0 < int(port) < 65536 and host:
                entries.add((host.strip("[]"), int(port)))
            else:
                raise ValueError(f"not a host:port of the allow-list: {word!r}")
        return cls(frozenset(entries))

    def has(self, target: Target) -> bool:
        """Say whether `target` is one of the deployment's own partners."""
        return (target.host, target.port) in self.entries


def tcp_target(scheme: str, host: str, port: int) -> Target:
    """Give the target of a connection that isn't the web's: `scheme` names its protocol.

    :raises EgressError: not a host, or not a port.
    """
    if not 0 < port < 65536 or any(ord(c) < 33 or c in "/\\@?#" for c in host):
        raise EgressError(Code.ADDRESS)
    return Target(scheme, _ascii_host(host.strip("[]")), port, "")


def check_port(target: Target, allowed: AllowList, usual: Collection[int] = (80, 443)) -> None:
    """Refuse ports of other services than the one that is called, the web's unless told.

    :param usual: the well-known ports of that service
    :raises EgressError: another well-known port, which isn't on the allow-list.
    """
    if target.port < WELL_KNOWN and target.port not in usual and not allowed.has(target):
        raise EgressError(Code.PORT, host=target.host, port=target.port)


def check_addresses(target: Target, addresses: list[str], allowed: AllowList) -> list[str]:
    """Give the addresses back when all may be called.

    One forbidden address among several condemns them all: a public partner has no private address.

    :raises EgressError: no address, or a forbidden one.
    """
    if not addresses:
        raise EgressError(Code.UNKNOWN_HOST, host=target.host)
    private_accepted = allowed.has(target)
    for address in addresses:
        if not may_call(address, private_accepted=private_accepted):
            raise EgressError(Code.FORBIDDEN, host=target.host)
    return addresses


def may_call(address: str, *, private_accepted: bool = False) -> bool:
    """Say whether the IP `address` may be called; `private_accepted` for a host of the allow-list."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if ip in _METADATA or ip.is_multicast or ip.is_unspecified or ip.is_link_local:
        return False
    if ip.is_loopback or (isinstance(ip, ipaddress.IPv4Address) and ip.is_private):
        return private_accepted
    if isinstance(ip, ipaddress.IPv6Address) and (ip.is_site_local or ip.packed[8:12] in _ISATAP):
        return False
    if ip.is_reserved or any(ip in network for network in (*_CARRIERS, *_RESERVED)):
        return False
    return ip.is_global or private_accepted
