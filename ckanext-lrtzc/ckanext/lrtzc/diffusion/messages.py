"""What a message says to its subscriber now: as much as the access decision gives their account at this moment."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.access.api import Action, decide
from ckanext.lrtzc.batches.api import Version, versions_at
from ckanext.lrtzc.diffusion.domain import message
from ckanext.lrtzc.diffusion.model import Delivery, Subscription
from ckanext.lrtzc.diffusion.secrets import keys_of
from ckanext.lrtzc.translation import speaking

_FORMATS = ("csv", "json", "parquet")
_FILES = "files"


log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Claimed:
    """A message that this process is to send: where, what, and the secrets that sign it.

    `body` is None where nothing may be said; `failing`: the receiver failed lately; `broken`: it couldn't be written.
    """

    id: int
    message_id: str
    subscription_id: str
    address: str
    failing: bool
    keys: tuple[str, ...] = ()
    body: bytes | None = None
    broken: bool = False


def written(claims: Sequence[tuple[Delivery, Subscription, Any]]) -> list[Claimed]:
    """Write the messages of (delivery, subscription, account)."""
    places = [(each.resource_id, each.number) for each, _, _ in claims if each.resource_id and each.number]
    versions = versions_at(places)
    resources = _by_id(model.Resource, [place[0] for place in places])
    packages = _by_id(model.Package, [subscription.package_id for _, subscription, _ in claims])
    told = []
    # addresses without the prefix of a language
    with speaking(str(tk.config["ckan.locale_default"])):
        for delivery, subscription, account in claims:
            package = packages.get(subscription.package_id)
            version = versions.get((delivery.resource_id or "", delivery.number or 0))
            one = Claimed(
                delivery.id, delivery.message_id, subscription.id, subscription.address, subscription.failures > 0
            )
            try:
                if package is None:
                    said = None
                elif delivery.resource_id is None:
                    said = _test(delivery, package, account)
                else:
                    said = _version(version, package, resources.get(delivery.resource_id), account)
                told.append(replace(one, body=said, keys=tuple(keys_of(subscription)) if said else ()))
            except Exception:
                # Whatever one message fails of, the others go.
                log.exception("A message of the subscription %s could not be written", subscription.id)
                told.append(replace(one, broken=True))
    return told


def _by_id(kind: Any, ids: Sequence[str]) -> dict[str, Any]:
    return {row.id: row for row in model.Session.scalars(sa.select(kind).where(kind.id.in_(set(ids))))}


def _dataset(package: Any) -> dict[str, Any]:
    address = tk.h.url_for(f"{package.type}.read", id=package.id, qualified=True)
    return {"id": package.id, "name": package.name, "title": package.title or package.name, "url": address}


def _test(delivery: Delivery, package: Any, account: Any) -> bytes | None:
    if not decide({"user": account.name}, package.id, None, Action.SEE).permitted:
        return None
    return test_message(delivery, package)


def test_message(delivery: Delivery, package: Any) -> bytes:
    """Write a test."""
    return message.body(message.TEST, delivery.created, {"dataset": _dataset(package)})


def _version(version: Version | None, package: Any, resource: Any, account: Any) -> bytes | None:
    data = version_facts(version, package, resource, account.name)
    return None if version is None or data is None else message.body(message.NEW_VERSION, version.happened, data)


def version_facts(version: Version | None, package: Any, resource: Any, user: str) -> dict[str, Any] | None:
    """Give what is said of a version to an account, by name, empty for everybody; None where they may not read it."""
    if version is None or resource is None or resource.state != "active":
        return None
    decision = decide({"user": user}, package.id, resource.id, Action.TAKE)
    if not decision.permitted:
        return None
    partial = not decision.whole
    # how many rows there are says something of those that are held back
    counts = (None, None) if partial else (version.came, version.rows)
    came = message.Came(version.number, version.mode, version.happened, *counts, partial)
    page = {"id": package.id, "resource_id": resource.id, "qualified": True}
    named = {
        "id": resource.id,
        "name": resource.name or "",
        "url": tk.h.url_for(f"{package.type}_resource.read", **page),
    }
    full: dict[str, str] = {}
    delta = None
    if version.mode != _FILES:
        full = {name: tk.h.url_for("lrtzc_explore.export", name=name, **page) for name in _FORMATS}
        if version.changed is not None:
            delta = tk.h.url_for("lrtzc_explore.export", name="csv", since=version.number - 1, **page)
    return message.version_data(_dataset(package), named, came, full, delta)
