"""What a person's workspace shows of transfers: the offers that wait, for their answer or for others'."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.interfaces import Block
from ckanext.lrtzc.transfers import listing, parties
from ckanext.lrtzc.transfers.model import Offer, State

SHOWN = 10


def standing(user: Any) -> dict[str, list[dict[str, Any]]] | None:
    """Give the offers that wait: `received` and `made`, the latest first; None where none does."""
    mine = parties.parties_of(user)
    concerned = sa.or_(Offer.to_id.in_(mine), Offer.from_id.in_(mine), Offer.offered_by == user.id)
    to_me = Offer.to_id.in_(mine)
    query = sa.select(Offer).where(concerned, Offer.state == State.OFFERED)
    # those that wait for an answer of the person come first
    rows = model.Session.scalars(query.order_by(to_me.desc(), Offer.offered.desc(), Offer.id).limit(SHOWN))
    told = listing.described(rows, user)
    if not told:
        return None
    return {
        "received": [each for each in told if each["to"]["id"] in mine],
        "made": [each for each in told if each["to"]["id"] not in mine],
    }


BLOCKS = {"transfers": Block(lambda: tk._("Transfers that wait"), "transfers/block.html", standing)}
