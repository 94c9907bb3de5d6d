"""People whom a room has decide on batches: who is asked, and what of it a batch undergoes."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import ckan.plugins as p
from ckan.plugins.interfaces import Interface

if TYPE_CHECKING:
    from .model import Batch

ACCEPTED = "accepted"
"""Where a batch's settings say that those who were asked let it in."""


class Reach(StrEnum):
    """Which batches of a resource people decide on: none, those that a check sends to them, or all."""

    NOTHING = "nothing"
    SENT = "sent"
    ALL = "all"


class IBatchJudges(Interface):
    """Have people decide on batches that passed their checks, before anything of them is published.

    Whatever the room does in a call, but `told`, belongs to the session's transaction, which the caller commits.
    """

    def get_reach(self, package_id: str, resource_id: str) -> Reach:
        """Say which batches of a resource people decide on."""
        return Reach.NOTHING

    def hold_batch(self, batch_id: str) -> None:
        """Keep a batch for oneself until the transaction ends; called before its row is locked."""

    def ask_about(self, batch: Batch) -> bool:
        """Ask about a batch, which waits from now on; say whether there is anybody to ask."""
        return False

    def ask_no_more(self, batch_id: str) -> None:
        """Ask no more about a batch, which was taken back."""

    def told(self, batch_id: str) -> None:
        """Tell those who are asked about a batch; called once that is committed."""


def _rooms() -> list[IBatchJudges]:
    return list(p.PluginImplementations(IBatchJudges))


def reach(package_id: str, resource_id: str) -> Reach:
    """Say which batches of a resource people decide on, by whatever room."""
    found = {room.get_reach(package_id, resource_id) for room in _rooms()}
    return next((each for each in (Reach.ALL, Reach.SENT) if each in found), Reach.NOTHING)


def reach_of(batch: Batch) -> Reach:
    """Say whether people decide on a batch yet; those who accepted it aren't asked again."""
    return Reach.NOTHING if batch.settings.get(ACCEPTED) else reach(batch.package_id, batch.resource_id)


def hold(batch_id: str) -> None:
    """Keep a batch for oneself until the transaction ends."""
    for room in _rooms():
        room.hold_batch(batch_id)


def ask(batch: Batch) -> bool:
    """Have those asked who decide on a batch; say whether there is anybody."""
    asked = [room.ask_about(batch) for room in _rooms()]
    return any(asked)


def ask_no_more(batch_id: str) -> None:
    """Have nobody asked about a batch any more."""
    for room in _rooms():
        room.ask_no_more(batch_id)


def tell(batch_id: str) -> None:
    """Have those told who are asked about a batch."""
    for room in _rooms():
        room.told(batch_id)
