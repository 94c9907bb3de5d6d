"""The address of a source, taken apart."""

from dataclasses import dataclass
from posixpath import normpath
from urllib.parse import unquote, urlsplit

from ckanext.lrtzc.sources.domain.faults import Code, Fault


@dataclass(frozen=True, slots=True)
class Place:
    """Protocol, host, port, and the path on the server: decoded, without an end slash, starting with one."""

    scheme: str
    host: str
    port: int
    path: str


def place_of(address: str, ports: dict[str, int], example: str) -> Place:
    """Take an address apart.

    :param ports: the protocols accepted, each with the port that is meant where none is given
    :param example: an address that would be right, for the message
    :raises Fault: it isn't one, or carries credentials.
    """
    wrong = Fault(Code.ADDRESS, field="address", example=example)
    text = address.strip()
    if not text or len(text) > 2000 or any(ord(letter) < 32 or ord(letter) == 127 for letter in text):
        raise wrong
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise wrong from None
    scheme = parts.scheme.lower()
    if scheme not in ports or not host or "@" in parts.netloc or parts.query or parts.fragment:
        raise wrong
    path = normpath("/" + unquote(parts.path).strip("/"))
    return Place(scheme, host, port or ports[scheme], path)


def public_part(address: str) -> str:
    """Give what may be said of an address in the ledger: protocol and host."""
    try:
        parts = urlsplit(address)
        return f"{parts.scheme}://{parts.hostname or ''}"
    except ValueError:
        return ""
