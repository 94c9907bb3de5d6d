"""The tables that small batches feed: described, made empty, and widened."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from psycopg2 import sql

from ckanext.lrtzc.ledger.api import record_in

from .domain.coltypes import ColumnType
from .domain.geometry import Geometry
from .loading import building, widening
from .loading.building import Shape
from .loading.tables import existing, work


@dataclass(frozen=True)
class RowColumn:
    """A column of such a table: its name, its type, its text for people, and notes on its values."""

    name: str
    type: ColumnType
    label: str = ""
    notes: str = ""


@dataclass(frozen=True)
class RowTable:
    """The table that small batches feed: its columns in order, the one that tells rows apart, and where rows are.

    `place` names the column with the location of a row: two numbers, latitude first (`point`), or well-known text
    (`wkt`), as `written` says; empty where rows have no place.
    """

    columns: tuple[RowColumn, ...]
    key: str
    place: str = ""
    written: str = "point"

    @property
    def types(self) -> dict[str, ColumnType]:
        """The types by column, in order."""
        return {column.name: column.type for column in self.columns}

    @property
    def geometry(self) -> Geometry | None:
        """How loading reads where rows are."""
        return Geometry(self.written, column=self.place) if self.place else None

    def places(self, rows: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
        """Give where rows are, as GeoJSON geometries; those that can't be read are left out."""
        if not self.place:
            return []
        texts = [row.get(self.place) or "" for row in rows]
        if self.written == "point":
            found = [re.findall(r"-?\d+(?:\.\d+)?", text) for text in texts]
            pairs = [(float(one[0]), float(one[1])) for one in found if len(one) > 1]
            return [{"type": "Point", "coordinates": [x, y]} for y, x in pairs]
        shapes = shapely.from_wkt([text for text in texts if text], on_invalid="ignore")
        return [json.loads(shapely.to_geojson(shape)) for shape in shapes if shape is not None]

    @property
    def infos(self) -> dict[str, dict[str, str]]:
        """The dictionary of the columns that have texts."""
        return {
            column.name: {"label": column.label, "notes": column.notes}
            for column in self.columns
            if column.label or column.notes
        }


def prepare_table(resource_id: str, shape: RowTable, user: str) -> list[str]:
    """Make a resource's empty table, or add to it the columns that it lacks; note it in the ledger.

    :returns: the columns that hold another type than they should; then nothing is changed
    """
    wanted = Shape(resource_id, shape.types, bool(shape.place))
    wanted.comments = {name: {"_info": info} for name, info in shape.infos.items()}
    with work() as cursor:
        before = existing(cursor, resource_id)
        if before is not None:
            wrong = [name for name, kind in shape.types.items() if before.types.get(name, kind.value) != kind.value]
            if wrong:
                return wrong
            widening.add(cursor, wanted, before)
        else:
            _create(cursor, wanted, shape.key)
        record_in(
            cursor.connection, "resource.dictionary", actor=user or None, object_type="resource", object_id=resource_id
        )
    return []


def _create(cursor: Any, wanted: Shape, key: str) -> None:
    table = wanted.resource_id
    building.create(cursor, table, wanted)
    cursor.execute(sql.SQL("ALTER TABLE {} SET LOGGED").format(sql.Identifier(table)))
    building.add_key(cursor, table)
    for index in building.indexes(wanted, 0):
        index.create(cursor, table, index.name)
    name = building.index_name(table, key)
    building.Index("btree", key, name).create(cursor, table, name)
    building.finish(cursor, table, wanted)
    building.count_rows(cursor, table, 0)
