"""Rules offered for a file, out of the rows that it has."""

from __future__ import annotations

import ckan.model as model
import ckan.plugins.toolkit as tk
import polars as pl

from ckanext.lrtzc.batches.api import Load, rows_in, stored
from ckanext.lrtzc.quality.check import around_of
from ckanext.lrtzc.quality.domain.rules import Kind, Rule
from ckanext.lrtzc.quality.domain.suggestions import suggested

MOST_ROWS = 20_000


def suggestions(resource_id: str, user_id: str) -> tuple[int, list[Rule]]:
    """Give how many rows were looked at, and the rules that all of them keep.

    Whoever calls has asked the access decision.

    :raises ValidationError: the file holds no rows
    """
    table, resource = stored(resource_id), model.Session.get(model.Resource, resource_id)
    if table is None or resource is None:
        raise tk.ValidationError({"resource_id": [tk._("This resource holds no rows.")]})
    load = Load(str(resource.package_id), resource_id, user_id, table.types, table.placed)
    frames = list(rows_in(resource_id, table.types, placed=table.placed, most=MOST_ROWS))
    if not frames:
        return 0, []
    data = pl.concat(frames)
    around = around_of(load, [Rule(Kind.TERRITORY)] if table.placed else [])
    return len(data), suggested(data, table.types, around, placed=table.placed)
