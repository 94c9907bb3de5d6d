"""The surfaces that a file has already, as rules on how surfaces lie ask for them."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import shapely

from ckanext.lrtzc.batches.api import Load, lying_beside, overlapped, rows_replaced
from ckanext.lrtzc.quality.domain.surfaces import MOST_BYTES, MOST_SURFACES, There


class LyingThere(There):
    """The surfaces of the file that a load is for."""

    def __init__(self, load: Load):
        self._load = load
        self._replaced = np.array([], dtype=np.int64)

    def replace(self, data: pl.DataFrame) -> None:
        """Leave out the rows whose place those of a chunk take, by their key."""
        if self._load.key:
            found = rows_replaced(self._load.resource_id, data, self._load.key, self._load.types)
            self._replaced = np.union1d(self._replaced, found)

    def overlapped(self, shapes: Any, least: Any) -> Any:
        """Ask the database, which stops at the first that a shape overlaps."""
        found = overlapped(self._load.resource_id, _written(shapes), least.tolist(), self._replaced)
        return None if found is None else np.array(found, dtype=np.int64)

    def beside(self, shapes: Any) -> Any:
        """Ask the database for those whose boxes meet."""
        written = _written(shapes)
        found = lying_beside(self._load.resource_id, written, self._replaced, MOST_SURFACES, MOST_BYTES)
        return None if found is None else shapely.from_wkb(np.array(found, dtype=object))


def _written(shapes: Any) -> list[str]:
    return shapely.to_wkb(shapely.set_srid(shapes, 4326), hex=True, include_srid=True).tolist()
