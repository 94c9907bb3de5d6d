"""The package's door: the portal's own client, set up from its configuration.

>>> from ckanext.lrtzc.egress import api as egress
>>> answer = egress.fetch("https://www.data.gouv.fr/api/1/datasets/").raise_for_status()
"""

import ipaddress
from collections.abc import Mapping
from typing import IO

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.egress.client import Answer, Client, Line
from ckanext.lrtzc.egress.domain.addresses import AllowList, check_addresses, check_port, parse_target
from ckanext.lrtzc.egress.domain.body import Limits
from ckanext.lrtzc.egress.domain.errors import Code, EgressError

__all__ = ["Answer", "Client", "Code", "EgressError", "Limits", "Line", "check", "client", "explain", "fetch"]


def client(limits: Limits | None = None) -> Client:
    """Give a client that knows the deployment's allow-list (`ckanext.lrtzc.egress.allowed_hosts`)."""
    words = tk.config.get("ckanext.lrtzc.egress.allowed_hosts") or ""
    entries = words.split() if isinstance(words, str) else words
    return Client(AllowList.parse(entries), limits)


def check(url: str) -> None:
    """Look at an address that will be called later: its form, its port, and where it is a number, what it leads to.

    Names are resolved when they are called, and looked at then.

    :raises EgressError: it would be refused.
    """
    target, allowed = parse_target(url), client().allowed
    check_port(target, allowed)
    try:
        ipaddress.ip_address(target.host)
    except ValueError:
        return
    check_addresses(target, [target.host], allowed)


def fetch(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    limits: Limits | None = None,
    to: IO[bytes] | None = None,
) -> Answer:
    """Call `url` with the portal's client: see `Client.fetch`.

    :raises EgressError: refused or failed.
    """
    return client(limits).fetch(url, method=method, headers=headers, body=body, to=to)


def explain(error: EgressError) -> str:
    """Say `error` in the language of the request (the site's own outside of one)."""
    return tk._(error.sentence) % error.params
