"""Batches that become something else than rows: a room says what, and all the rest of a batch's life stays the same."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ckan.plugins as p
from ckan.plugins.interfaces import Interface

from ckanext.lrtzc.interfaces import Sender

if TYPE_CHECKING:
    from .model import Batch

KIND = "kind"
"""Where a batch's settings name its kind; rows have none."""


@dataclass(frozen=True)
class Piece:
    """What a kind is told of a batch: whose it is, for what, and what its sender decided (`given`)."""

    id: str
    package_id: str
    resource_id: str
    author: str
    name: str
    given: Mapping[str, Any]


@dataclass(frozen=True)
class Integrated:
    """What came of a batch: its report, and whether its raw form must not be kept any longer."""

    report: dict[str, Any]
    erase_raw: bool = False


class BatchKind(ABC):
    """A kind of batch. Both verbs may be called again after a cut, and then do the same."""

    @abstractmethod
    def look(self, piece: Piece, raw: Path) -> dict[str, Any]:
        """Look at the raw form, and give what a page shows of it. Raises BatchError where it can't be taken."""

    @abstractmethod
    def integrate(self, piece: Piece, raw: Path, tell: Callable[[str, float], None]) -> Integrated:
        """Make it part of the data: all of it at the commit that ends it, nothing before.

        :param tell: takes the phase (`loading`) and the share done (0 to 1)
        :raises BatchError: where nothing of it can be taken
        """

    def seen(self, piece: Piece, raw: Path) -> dict[str, Any]:
        """Give what is shown of it to those who decide whether it goes in."""
        return {}

    def sender(self, piece: Piece) -> Sender | None:
        """Say where its author is reached who has no account, or follows it on a page of their own."""
        return None


class IBatchKinds(Interface):
    """Give kinds of batches."""

    def get_batch_kinds(self) -> Mapping[str, BatchKind]:
        """Give kinds by a name that stays, for instance `{"collection": CollectionBatches()}`."""
        return {}

    def get_refusal_of_rows(self, package_id: str) -> str:
        """Say why a dataset takes no file of rows, as a sentence for people; nothing where it does."""
        return ""

    def get_way_in(self, package_id: str) -> str:
        """Give the address of the page that sends files to a dataset which takes none of rows; nothing for others."""
        return ""


def refusal_of_rows(package_id: str) -> str:
    """Give the first reason for which a dataset takes no file of rows; nothing where there is none."""
    said = (plugin.get_refusal_of_rows(package_id) for plugin in p.PluginImplementations(IBatchKinds))
    return next(filter(None, said), "")


def way_in(package_id: str) -> str:
    """Give the page that sends files to a dataset which takes none of rows; nothing for all others."""
    said = (plugin.get_way_in(package_id) for plugin in p.PluginImplementations(IBatchKinds))
    return next(filter(None, said), "")


def kind_of(batch: Batch) -> BatchKind | None:
    """Give the kind of a batch, None for rows. Raises KeyError where its room is switched off."""
    name = batch.settings.get(KIND)
    return _kinds()[name] if name else None


def _kinds() -> dict[str, BatchKind]:
    return {
        name: kind for plugin in p.PluginImplementations(IBatchKinds) for name, kind in plugin.get_batch_kinds().items()
    }


def piece_of(batch: Batch) -> Piece:
    """Give what a kind is told of a batch."""
    given = batch.settings.get("given") or {}
    return Piece(batch.id, batch.package_id, batch.resource_id, batch.author, batch.name, given)
