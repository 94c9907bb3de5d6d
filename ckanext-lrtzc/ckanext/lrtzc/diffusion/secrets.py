"""The secrets that sign messages: shown once, kept sealed, replaced without a gap."""

import datetime as dt
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.diffusion.domain.signing import new_secret
from ckanext.lrtzc.diffusion.model import Intent, Listener, Subscription, now
from ckanext.lrtzc.personal.api import SealBroken, StoreAway, open_sealed, seal, sealed_anew

# For so long the secret that was replaced signs too, beside the new one.
OVERLAP = dt.timedelta(hours=24)
_AT_ONCE = 200


def _place(column: str, row_id: str, kind: Any = Subscription) -> str:
    return f"{kind.__tablename__}.{column}:{row_id}"


def give_secret(subscription: Subscription) -> str:
    """Give a subscription a new secret, which is shown now and never again; one it had signs for a day more."""
    if subscription.secret is not None:
        former = open_sealed(subscription.secret, _place("secret", subscription.id))
        subscription.former_secret = seal(former, _place("former_secret", subscription.id))
        subscription.former_until = now() + OVERLAP
    secret = new_secret()
    subscription.secret = seal(secret, _place("secret", subscription.id))
    return secret


def keys_of(subscription: Subscription) -> list[str]:
    """Give the secrets that sign a message now, the newest first."""
    if subscription.secret is None:
        return []
    keys = [open_sealed(subscription.secret, _place("secret", subscription.id))]
    if subscription.former_secret and subscription.former_until and subscription.former_until > now():
        keys.append(open_sealed(subscription.former_secret, _place("former_secret", subscription.id)))
    return keys


def keep_credentials(subscription: Subscription, secrets: Mapping[str, str]) -> None:
    """Seal the credentials of a place that data is sent to.

    :raises ValidationError: the portal has no key to seal with.
    """
    try:
        sealed = seal(json.dumps(dict(secrets)), _place("credentials", subscription.id)) if secrets else None
    except StoreAway:
        told = tk._("Credentials can't be kept: this portal has no key to seal them with. Tell its administrators.")
        raise tk.ValidationError({"kind": [told]}) from None
    subscription.credentials = sealed


def credentials_of(subscription: Subscription) -> dict[str, str] | None:
    """Give the credentials of such a place by name; None where they can't be read any more."""
    if subscription.credentials is None:
        return {}
    try:
        return json.loads(open_sealed(bytes(subscription.credentials), _place("credentials", subscription.id)))
    except (StoreAway, SealBroken):
        return None


def seal_hub(row: Listener | Intent, secret: str) -> None:
    """Seal what signs the feeds that a program is sent, to one row of the hub; the row has its id already.

    :raises StoreAway: the portal has no key to seal with
    """
    row.secret = seal(secret, _place("secret", row.id, type(row))) if secret else None


def hub_secret(row: Listener | Intent) -> str:
    """Give what signs, empty where the program gave none.

    :raises StoreAway, SealBroken: it can't be read any more
    """
    return open_sealed(bytes(row.secret), _place("secret", row.id, type(row))) if row.secret else ""


def look_after(_sender: object = None, **_: object) -> None:
    """Forget replaced secrets whose time is over, and seal the others with the portal's newest key; commits."""
    over = sa.update(Subscription).where(Subscription.former_until < now())
    model.Session.execute(over.values(former_secret=None, former_until=None))
    model.Session.commit()
    for kind, column in ((Subscription, "secret"), (Subscription, "credentials"), (Listener, "secret")):
        _seal_anew(kind, column)


def _seal_anew(kind: type[Subscription] | type[Listener], column: str) -> None:
    last, sealed = "", getattr(kind, column)
    while rows := list(
        model.Session.execute(
            sa.select(kind.id, sealed.label("sealed"))
            .where(kind.id > last, sealed.is_not(None))
            .order_by(kind.id)
            .limit(_AT_ONCE)
        )
    ):
        for row in rows:
            # what can't be read any more is said when it is used
            with suppress(SealBroken):
                if anew := sealed_anew(bytes(row.sealed), _place(column, row.id, kind)):
                    same = sa.update(kind).where(kind.id == row.id, sealed == row.sealed)
                    model.Session.execute(same.values({column: anew}))
        model.Session.commit()
        last = rows[-1].id
