"""Why an outgoing call was refused or failed, as codes and as sentences for a person.

The sentences are message identifiers: the French stands in `egress/i18n/fr.po`. None of them ever carries
a password, a token or the query part of an address.
"""

from enum import StrEnum
from urllib.parse import urlsplit

from ckanext.lrtzc.translation import mark


class Code(StrEnum):
    """Stable codes of refusals and failures, for programs and tests."""

    ADDRESS = "address"
    SCHEME = "scheme"
    CREDENTIALS = "credentials"
    PORT = "port"
    UNKNOWN_HOST = "unknown_host"
    FORBIDDEN = "forbidden"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    TIMEOUT = "timeout"
    TOO_LARGE = "too_large"
    TOO_COMPRESSED = "too_compressed"
    ENCODING = "encoding"
    TRUNCATED = "truncated"
    REDIRECTS = "redirects"
    PROTOCOL = "protocol"
    STATUS = "status"


SENTENCES: dict[Code, str] = {
    Code.ADDRESS: mark("This is not a web address that can be called."),
    Code.SCHEME: mark("Only addresses that start with http:// or https:// are called."),
    Code.CREDENTIALS: mark("An address must not carry a name and a password."),
    Code.PORT: mark("The port %(port)s of %(host)s is not one that the portal calls."),
    Code.UNKNOWN_HOST: mark("The name %(host)s is not known on the network."),
    Code.FORBIDDEN: mark("%(host)s leads to a private or reserved address, which the portal never calls."),
    Code.UNREACHABLE: mark("%(host)s does not answer."),
    Code.TLS: mark("The security certificate of %(host)s could not be verified."),
    Code.TIMEOUT: mark("%(host)s took more than %(seconds)s s to answer."),
    Code.TOO_LARGE: mark("%(host)s sent more than %(megabytes)s MB."),
    Code.TOO_COMPRESSED: mark("%(host)s sent an answer that swells beyond reason when decompressed."),
    Code.ENCODING: mark("%(host)s sent an answer in a compression that could not be read."),
    Code.TRUNCATED: mark("%(host)s stopped before the end of its answer."),
    Code.REDIRECTS: mark("%(host)s redirects in a loop or too many times."),
    Code.PROTOCOL: mark("%(host)s does not answer as a web server does."),
    Code.STATUS: mark("%(host)s answered with the error %(status)s."),
}


def public_host(url: str) -> str:
    """Give the host of `url` alone (no user, password, path or query), or an empty text."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


class EgressError(Exception):
    """An outgoing call that was refused or failed.

    `code` is stable; `params` fill the sentence; `str(error)` is the sentence in English.
    """

    def __init__(self, code: Code, **params: object) -> None:
        self.code = code
        self.params: dict[str, object] = {"host": "", **params}
        super().__init__(self.sentence % self.params)

    def __reduce__(self):
        """Let the error cross a process boundary whole."""
        return (_restore, (self.code, self.params))

    @property
    def sentence(self) -> str:
        """The sentence with its named gaps, as it stands in the translation catalogue."""
        return SENTENCES[self.code]


def _restore(code: Code, params: dict[str, object]) -> EgressError:
    return EgressError(code, **params)
