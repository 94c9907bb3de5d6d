"""Maps of a selection: where it lies, its features when they are few, its tiles when they are many."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ckanext.lrtzc.explore.api import Selection
from ckanext.lrtzc.explore.domain.columns import Kind
from ckanext.lrtzc.explore.domain.filters import Box
from ckanext.lrtzc.explore.statements import WGS84

FEATURES = 2000
TILE_FEATURES = 5000
DEEPEST = 18
_MERCATOR = 3857
_EXTENT = 4096
_GRID = 48
_MARGIN = 64 / 4096
_HALF = 20_037_508.342789
_WORLD = sa.func.ST_MakeEnvelope(-_HALF, -_HALF, _HALF, _HALF, 3857)
_NAME = 80
_DIGITS = 6
_EXTENT_SAMPLE = 200_000


@dataclass(frozen=True)
class Tile:
    """A tile of the world in the usual scheme (Web Mercator, `x` eastwards, `y` southwards)."""

    z: int
    x: int
    y: int

    @property
    def exists(self) -> bool:
        """Say whether there is such a tile."""
        return 0 <= self.z <= DEEPEST and 0 <= self.x < 2**self.z and 0 <= self.y < 2**self.z


def _name(selection: Selection) -> sa.ColumnElement[Any]:
    column = next((column for column in selection.table.columns if column.kind is Kind.TEXT), None)
    if column is None:
        return sa.cast(selection.source.key, sa.Text())
    return sa.func.left(selection.source.column(column.id), _NAME)


def extent(selection: Selection, connection: sa.Connection) -> Box | None:
    """Give the rectangle that holds the selection (of at most 200,000 of its rows), or None."""
    geometry = selection.source.geometry
    placed = selection.statement([geometry.label("g")]).where(geometry.is_not(None)).limit(_EXTENT_SAMPLE).subquery()
    box = sa.func.ST_Extent(placed.c.g)
    edges = [sa.func.ST_XMin(box), sa.func.ST_YMin(box), sa.func.ST_XMax(box), sa.func.ST_YMax(box)]
    found = connection.execute(sa.select(*edges)).one()
    return None if found[0] is None else Box(*(float(edge) for edge in found))


def features(selection: Selection, connection: sa.Connection) -> tuple[list[Any], bool]:
    """Give the first features of a selection as `(key, name, GeoJSON text)`, and whether there are more."""
    geometry = selection.source.geometry
    statement = (
        selection.statement([selection.source.key, _name(selection), sa.func.ST_AsGeoJSON(geometry, _DIGITS)])
        .where(geometry.is_not(None))
        .order_by(selection.source.key)
        .limit(FEATURES + 1)
    )
    found = connection.execute(statement).all()
    return list(found[:FEATURES]), len(found) > FEATURES


def tile(selection: Selection, connection: sa.Connection, wanted: Tile) -> bytes:
    """Give a vector tile (MVT 2) of the selection in a layer `rows`.

    Up to 5,000 features they are themselves, with `key` and `name`; above, they become points on a grid, each with
    the `count` of rows around it.
    """
    source = selection.source
    bounds = sa.func.ST_TileEnvelope(wanted.z, wanted.x, wanted.y)
    window = sa.func.ST_Transform(sa.func.ST_TileEnvelope(wanted.z, wanted.x, wanted.y, _WORLD, _MARGIN), WGS84)
    inside = source.geometry.op("&&", is_comparison=True)(window)
    crowd = selection.statement([sa.literal(1)]).where(inside).limit(TILE_FEATURES + 1).subquery()
    crowded = (connection.scalar(sa.select(sa.func.count()).select_from(crowd)) or 0) > TILE_FEATURES
    if crowded:
        cell = 2 * _HALF / 2**wanted.z / _GRID
        point = sa.func.ST_SnapToGrid(sa.func.ST_Transform(sa.func.ST_Centroid(source.geometry), _MERCATOR), cell)
        groups = (
            selection.statement([point.label("p"), sa.func.count().label("count")])
            .where(inside)
            .group_by(sa.literal_column("1"))
            .subquery()
        )
        rows = sa.select(sa.func.ST_AsMVTGeom(groups.c.p, bounds, _EXTENT, 64, True).label("geom"), groups.c.count)
    else:
        flat = sa.func.ST_Transform(source.geometry, _MERCATOR)
        rows = selection.statement(
            [
                sa.func.ST_AsMVTGeom(flat, bounds, _EXTENT, 64, True).label("geom"),
                source.key.label("key"),
                _name(selection).label("name"),
            ]
        ).where(inside)
    drawn = rows.subquery("drawn")
    layer = sa.func.ST_AsMVT(sa.text("drawn.*"), "rows", _EXTENT, "geom")
    made = connection.scalar(sa.select(layer).select_from(drawn).where(drawn.c.geom.is_not(None)))
    return bytes(made or b"")
