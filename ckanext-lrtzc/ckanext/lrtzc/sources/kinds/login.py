"""How web servers are shown who asks: by a password (RFC 7617), a token, or OAuth 2.0 client credentials (RFC 6749)."""

import base64
import json
from urllib.parse import urlencode

from ckanext.lrtzc.egress.client import Client
from ckanext.lrtzc.egress.domain.body import Limits
from ckanext.lrtzc.egress.domain.errors import EgressError, public_host
from ckanext.lrtzc.sources.domain.faults import Code, Fault, OutFault
from ckanext.lrtzc.sources.kinds.base import PASSWORD, USERNAME, Field, Settings
from ckanext.lrtzc.translation import mark

FIELDS = (
    Field(
        "login",
        mark("Signing in"),
        control="select",
        choices=(
            ("", mark("None: the address is open to all")),
            ("basic", mark("Name and password")),
            ("token", mark("Token")),
            ("oauth2", mark("OAuth 2.0, client credentials")),
        ),
    ),
    USERNAME,
    PASSWORD,
    Field("token", mark("Token"), control="password", secret=True),
    Field(
        "token_header",
        mark("How the token is sent"),
        control="select",
        choices=(("authorization", "Authorization: Bearer"), ("x-api-key", "X-Api-Key"), ("apikey", "Apikey")),
    ),
    Field("token_url", mark("Address that gives access tokens (OAuth 2.0)"), control="url", bound=True),
    Field("client_id", mark("Client identifier (OAuth 2.0)")),
    Field("client_secret", mark("Client secret (OAuth 2.0)"), control="password", secret=True),
    Field("scope", mark("Scope (OAuth 2.0)")),
)
_NEEDED = {
    "basic": ("username", "password"),
    "token": ("token",),
    "oauth2": ("token_url", "client_id", "client_secret"),
}


def headers(settings: Settings, client: Client) -> dict[str, str]:
    """Give the headers that show who asks; a token of OAuth 2.0 is asked for anew.

    :raises Fault: something isn't filled in, or no token is given.
    """
    way = settings.get("login")
    for name in _NEEDED.get(way, ()):
        if not settings.get(name):
            raise Fault(Code.NEEDED, field=name)
    match way:
        case "basic":
            return {"authorization": _basic(settings.get("username"), settings.get("password"))}
        case "token":
            header, token = settings.get("token_header", "authorization"), _line(settings.get("token"))
            return {header: f"Bearer {token}" if header == "authorization" else token}
        case "oauth2":
            return {"authorization": f"Bearer {_access_token(settings, client)}"}
        case _:
            return {}


def _basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def _line(text: str) -> str:
    return "".join(letter for letter in text if 32 < ord(letter) < 127)


def _access_token(settings: Settings, client: Client) -> str:
    asked = {"grant_type": "client_credentials"}
    if settings.get("scope"):
        asked["scope"] = settings.get("scope")
    address = settings.get("token_url")
    sent = {
        "authorization": _basic(settings.get("client_id"), settings.get("client_secret")),
        "content-type": "application/x-www-form-urlencoded",
        "accept": "application/json",
    }
    bounds = Limits(seconds=30, size=100_000, redirects=0)
    try:
        answer = client.fetch(address, method="POST", headers=sent, body=urlencode(asked).encode(), limits=bounds)
    except EgressError as error:
        raise OutFault(error) from None
    host = public_host(address)
    try:
        said = json.loads(answer.body)
        token = _line(str(said["access_token"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Fault(Code.TOKEN, field="token_url", host=host, said=_reason(answer.body, answer.status)) from None
    if not 200 <= answer.status < 300 or not token:
        raise Fault(Code.TOKEN, field="token_url", host=host, said=_reason(answer.body, answer.status))
    return token


def _reason(body: bytes, status: int) -> str:
    """Give the server's own word on its refusal (RFC 6749, 5.2), which is one of few, or its status."""
    try:
        word = json.loads(body)["error"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return str(status)
    return word if isinstance(word, str) and word.replace("_", "").isalpha() and len(word) < 40 else str(status)
