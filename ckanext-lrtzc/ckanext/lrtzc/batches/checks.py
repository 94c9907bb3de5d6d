"""Checks of batches that other rooms give."""

from __future__ import annotations

import ckan.plugins as p
from ckan.plugins.interfaces import Interface

from .domain.checking import BatchCheck, Load
from .judges import ACCEPTED
from .loading.loader import Mode
from .model import Batch
from .proposal import plan_of

RELEASED = "released"
"""Where a batch's settings say that it goes in although too much of it is wrong."""


class IBatchChecks(Interface):
    """Judge the rows of batches before they are published."""

    def get_batch_check(self, load: Load) -> BatchCheck | None:
        """Give a check of a load, new for each; None where there is nothing to check."""
        return None


def load_of(batch: Batch) -> Load:
    """Give what checks are told of a batch's load."""
    plan = plan_of(batch.settings)
    return Load(
        batch.package_id,
        batch.resource_id,
        batch.author,
        {column.name: column.type for column in plan.columns},
        plan.geometry is not None,
        bool(batch.settings.get(RELEASED) or batch.settings.get(ACCEPTED)),
        tuple(batch.settings.get("key", ())) if batch.settings.get("mode") == Mode.UPSERT else (),
    )


def checks_of(load: Load) -> tuple[BatchCheck, ...]:
    """Give the checks that rooms have for a load."""
    found = (plugin.get_batch_check(load) for plugin in p.PluginImplementations(IBatchChecks))
    return tuple(check for check in found if check is not None)
