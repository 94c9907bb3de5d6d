"""Tables that another room changes between reading and typing, as the owner of the data has declared."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import ckan.plugins as p
from ckan.plugins.interfaces import Interface

from .domain.limits import Limits
from .domain.opening import open_table
from .domain.problems import BatchError
from .domain.tables import Source, Table

PREPARED = "prepared"
"""Where a batch's settings keep what was declared when it was read: it is loaded as it was looked at."""


class IBatchPreparing(Interface):
    """Change the tables of batches before their columns are typed."""

    def get_preparation(self, resource_id: str) -> dict[str, Any] | None:
        """Give what is declared for a resource now, as JSON can hold it; None where nothing is."""
        return None

    def prepare_table(self, declared: dict[str, Any], table: Table, *, first: bool = False) -> Table:
        """Give the table as it is declared to become. Raises BatchError where that can't be done.

        With `first`, its rows are looked at to propose how to load them: what asks others for each row may leave most
        of them without what it would be told.
        What a `Reporting` table gives the report of the batch keeps.
        """
        return table


def declared_for(resource_id: str) -> dict[str, Any] | None:
    """Give what is declared for a resource now; None where nothing is."""
    found = (room.get_preparation(resource_id) for room in p.PluginImplementations(IBatchPreparing))
    return next((each for each in found if each), None)


def _prepared(declared: dict[str, Any], table: Table, *, first: bool) -> Table:
    rooms = list(p.PluginImplementations(IBatchPreparing))
    if not rooms:
        # what the rows are to become is not known: better none than others
        raise BatchError("step_away")
    for room in rooms:
        table = room.prepare_table(declared, table, first=first)
    return table


@contextmanager
def prepared_table(
    source: Source,
    settings: dict[str, Any] | None,
    limits: Limits,
    declared: dict[str, Any] | None,
    *,
    first: bool = False,
) -> Generator[Table]:
    """Open a file as a table, changed as it was declared; `first` as in `prepare_table`. Raises BatchError."""
    with open_table(source, settings, limits) as table:
        yield _prepared(declared, table, first=first) if declared else table
