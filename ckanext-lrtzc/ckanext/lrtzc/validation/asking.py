"""Ask the moderators that an owner named about batches, in the transaction in which these begin to wait."""

from __future__ import annotations

from typing import Any

import ckan.model as model

from ckanext.lrtzc.batches.api import Reach, waiting_of
from ckanext.lrtzc.ledger.api import record
from ckanext.lrtzc.moderation import api as moderation
from ckanext.lrtzc.validation.model import WHOLE, Demand

KIND = "batch"
"""What moderators decide on, as the room of moderation knows it."""


def hold_demands(package_id: str) -> None:
    """Keep the demands of a dataset for oneself until the transaction ends."""
    moderation.hold([("demand", package_id)])


def reach(package_id: str, resource_id: str) -> Reach:
    """Say which batches of a resource people decide on."""
    demand = Demand.on(package_id, resource_id)
    if demand is None:
        return Reach.NOTHING
    return Reach.ALL if demand.every else Reach.SENT


def ask_about(batch: Any) -> bool:
    """Open a case about a batch that begins to wait; say whether anybody is to be asked."""
    hold_demands(batch.package_id)
    demand = Demand.on(batch.package_id, batch.resource_id)
    if demand is None:
        return False
    author = batch.author or None
    moderation.open_case(KIND, batch.id, author, demand.policy, demand.moderators, demand.timing)
    details = {"dataset": batch.package_id, "resource": batch.resource_id, "sha256": batch.sha256}
    record("vote.ask", actor=author, object_type=KIND, object_id=batch.id, details=details)
    return True


def renew(package_id: str, demand: Demand) -> list[str]:
    """Give the batches that wait, and on which nobody voted yet, to those whom a demand names now.

    :returns: the cases of which to tell
    """
    own = {each.resource_id for each in Demand.of_package(package_id)} - {WHOLE}
    theirs = [
        batch_id
        for batch_id, resource_id in waiting_of(package_id)
        if (resource_id == demand.resource_id if demand.resource_id else resource_id not in own)
    ]
    model.Session.flush()
    return moderation.renew_some(KIND, theirs, demand.policy, demand.moderators, demand.timing)
