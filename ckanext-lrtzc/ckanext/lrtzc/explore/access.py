"""What a person may read of a resource: the one place where rows can be filtered and columns masked.

Today it is CKAN's own right to read the resource's table. A finer decision adds its predicates to the `Grant`, and
every page, tile, chart and export follows, since all of them read through `api.select`.
"""

from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context

from ckanext.lrtzc.explore.statements import RowCondition


@dataclass(frozen=True)
class Grant:
    """What is granted of a table: conditions on its rows, and the columns that must not be seen.

    A column in `hidden` doesn't exist for the reader: it can be neither shown, filtered, sorted nor searched.
    """

    conditions: tuple[RowCondition, ...] = ()
    hidden: frozenset[str] = frozenset()


def grant(context: Context, resource: dict[str, Any]) -> Grant:
    """Decide what the person of the context may read of a resource; raises NotAuthorized."""
    tk.check_access("datastore_search", context, {"resource_id": resource["id"]})
    return Grant()
