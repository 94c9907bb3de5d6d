"""Columns added to a table that people read: they see all of them at once, filled, and don't wait meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from psycopg2 import sql

from ..domain.tables import GEOMETRY
from .building import Index, Shape, index_name, lock_for_change, write_dictionary
from .tables import Existing, existing, work

# what begins with an underscore isn't among the columns that CKAN's DataStore shows
_PASSING = "_lrtzc_new_"


def _lacked(shape: Shape, before: Existing) -> dict[str, str]:
    """Give the types of the columns that the resource's table lacks."""
    lacked = {name: kind.value for name, kind in shape.types.items() if name not in before.types}
    if shape.geometry and GEOMETRY not in before.hidden:
        lacked[GEOMETRY] = "geometry(Geometry, 4326)"
    return lacked


def _place_index(cursor: Any, shape: Shape) -> None:
    name = index_name(shape.resource_id, GEOMETRY)
    Index("gist", shape.passing.get(GEOMETRY, GEOMETRY), name).create(cursor, shape.resource_id, name)


def add(cursor: Any, shape: Shape, before: Existing) -> None:
    """Add to the resource's table the columns it lacks, for all to see at once."""
    lacked = _lacked(shape, before)
    _add_columns(cursor, shape.resource_id, lacked)
    if GEOMETRY in lacked:
        _place_index(cursor, shape)
    write_dictionary(cursor, shape.resource_id, shape)


def begin(shape: Shape, before: Existing) -> None:
    """Add to the resource's table the columns it lacks, empty and under names that nobody is shown.

    To add a column one must be alone with the table, and remain so until the end of the transaction. So it is done in
    one of its own, and readers don't wait while the columns are filled. `finish` gives them their names.
    """
    lacked = _lacked(shape, before)
    shape.passing = {name: f"{_PASSING}{number}" for number, name in enumerate(lacked)}
    left = _left(before)
    if not lacked and not left:
        return
    with work() as cursor:
        lock_for_change(cursor, shape.resource_id)
        _drop_columns(cursor, shape.resource_id, left)
        _add_columns(cursor, shape.resource_id, {shape.passing[name]: kind for name, kind in lacked.items()})


def finish(cursor: Any, shape: Shape) -> None:
    """Give the columns that `begin` added their names; nobody reads until the transaction is committed."""
    if GEOMETRY in shape.passing:
        _place_index(cursor, shape)
    if shape.passing:
        lock_for_change(cursor, shape.resource_id)
    for name, passing in shape.passing.items():
        cursor.execute(
            sql.SQL("ALTER TABLE {} RENAME COLUMN {} TO {}").format(
                *map(sql.Identifier, (shape.resource_id, passing, name))
            )
        )
    write_dictionary(cursor, shape.resource_id, shape)


def undo(cursor: Any, resource_id: str) -> None:
    """Take away columns that a load added and didn't come to fill."""
    before = existing(cursor, resource_id)
    if before is not None and (left := _left(before)):
        lock_for_change(cursor, resource_id)
        _drop_columns(cursor, resource_id, left)


def _left(before: Existing) -> list[str]:
    return [name for name in before.hidden if name.startswith(_PASSING)]


def _add_columns(cursor: Any, table: str, columns: Mapping[str, str]) -> None:
    for name, kind in columns.items():
        cursor.execute(
            sql.SQL("ALTER TABLE {} ADD COLUMN {} {}").format(
                sql.Identifier(table), sql.Identifier(name), sql.SQL(kind)
            )
        )


def _drop_columns(cursor: Any, table: str, columns: Iterable[str]) -> None:
    for name in columns:
        cursor.execute(sql.SQL("ALTER TABLE {} DROP COLUMN {}").format(sql.Identifier(table), sql.Identifier(name)))
