"""Offers as pages and programs read them."""

from collections.abc import Iterable
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.objects.api import TYPES
from ckanext.lrtzc.transfers.model import Offer, State
from ckanext.lrtzc.transfers.parties import Party, names_of, parties_of

MOST = 200
"""Objects that a page offers to transfer."""


def described(offers: Iterable[Offer], user: Any) -> list[dict[str, Any]]:
    """Give offers with the names of what and whom they concern, in four statements whatever their number."""
    offers = list(offers)
    ids = {offer.package_id for offer in offers}
    rows = model.Session.execute(
        sa.select(
            model.Package.id, model.Package.name, model.Package.title, model.Package.type, model.Package.state
        ).where(model.Package.id.in_(ids))
    )
    packages = {row.id: row for row in rows}
    sides = {offer.id: (Party(offer.from_kind, offer.from_id), Party(offer.to_kind, offer.to_id)) for offer in offers}
    names = names_of({party for both in sides.values() for party in both})
    mine = set(parties_of(user))

    def side(party: Party) -> dict[str, Any]:
        return {"kind": party.kind, "id": party.id, "title": names[party], "me": party.id in mine}

    return [
        {
            "id": offer.id,
            "state": offer.state,
            "offered": offer.offered.isoformat(),
            "closed": offer.closed.isoformat() if offer.closed else None,
            "reason": offer.reason or "",
            "package": _package(packages.get(offer.package_id), offer),
            "from": side(sides[offer.id][0]),
            "to": side(sides[offer.id][1]),
        }
        for offer in offers
    ]


def _package(row: Any, offer: Offer) -> dict[str, Any]:
    """Give what both sides may know of an object: its title, so that the taker knows what is offered."""
    if row is None:
        return {"id": offer.package_id, "name": "", "title": tk._("An object erased since"), "type": "dataset"}
    return {"id": row.id, "name": row.name, "title": row.title or row.name, "type": row.type, "state": row.state}


def transferable(user: Any) -> list[dict[str, Any]]:
    """List what a person may offer and isn't offered yet: `id`, `name`, `title`, `type`, the latest change first."""
    mine, package = parties_of(user), model.Package
    standing = sa.select(Offer.package_id).where(Offer.state == State.OFFERED)
    found = model.Session.execute(
        sa.select(package.id, package.name, package.title, package.type)
        .where(package.type.in_([*TYPES]), package.state != "deleted", package.id.not_in(standing))
        .where(
            sa.or_(
                package.owner_org.in_(mine),
                sa.and_(package.owner_org.is_(None), package.creator_user_id == user.id),
            )
        )
        .order_by(package.metadata_modified.desc())
        .limit(MOST)
    )
    return [dict(row) for row in found.mappings()]
