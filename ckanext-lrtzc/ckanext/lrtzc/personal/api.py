"""The door of the personal store: identities, requests that wait for a link, means of signing in.

    from ckanext.lrtzc.personal.api import Identity, identities

    identities.keep(user.id, Identity("", "Camille", "Essai", "1990-05-17"))

Every function raises `StoreAway` where the store doesn't answer; the catalogue works without it.
"""

from collections.abc import Iterator

import ckan.plugins as p

from ckanext.lrtzc.interfaces import IPersonalData, PersonalHolding
from ckanext.lrtzc.personal import factors, identities, requests
from ckanext.lrtzc.personal.domain.cipher import SealBroken, same, token_digest
from ckanext.lrtzc.personal.factors import Factor
from ckanext.lrtzc.personal.identities import Identity
from ckanext.lrtzc.personal.requests import Request
from ckanext.lrtzc.personal.sealing import ROTATED, open_sealed, seal, sealed_anew
from ckanext.lrtzc.personal.store import StoreAway

__all__ = [
    "ROTATED",
    "Factor",
    "Identity",
    "Request",
    "SealBroken",
    "StoreAway",
    "factors",
    "holdings",
    "identities",
    "open_sealed",
    "requests",
    "same",
    "seal",
    "sealed_anew",
    "token_digest",
]


def holdings() -> Iterator[tuple[str, PersonalHolding]]:
    """Give all that is declared of personal data, by name, over all extensions.

    Those of the rooms that others stand on come last: what is held by an address is found by the account, while it is.
    """
    for plugin in reversed(list(p.PluginImplementations(IPersonalData))):
        yield from plugin.get_personal_data().items()
