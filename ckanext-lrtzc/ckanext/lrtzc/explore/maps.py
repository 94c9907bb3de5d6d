"""Maps of a selection: its features when they are few, its tiles when they are many."""

import math
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ckanext.lrtzc.explore.api import Selection
from ckanext.lrtzc.tabular.conditions import WGS84
from ckanext.lrtzc.tabular.domain.columns import Kind
from ckanext.lrtzc.tabular.reading import planned

FEATURES = 2000
TILE_FEATURES = 5000
TILE_SAMPLE = 200_000
DEEPEST = 18
_MERCATOR = 3857
_EXTENT = 4096
_GRID = 48
_MARGIN = 64 / 4096
_HALF = 20_037_508.342789
_WORLD = sa.func.ST_MakeEnvelope(-_HALF, -_HALF, _HALF, _HALF, 3857)
_NAME = 80
_DIGITS = 6


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

    @property
    def flattening(self) -> float:
        """Give how many degrees of latitude are as long on the tile as one of longitude, in its middle."""
        northing = math.pi * (1 - 2 * (self.y + 0.5) / 2**self.z)
        return 1 / math.cosh(northing)


def _name(selection: Selection) -> sa.ColumnElement[Any]:
    column = next((column for column in selection.table.columns if column.kind is Kind.TEXT), None)
    if column is None:
        return sa.cast(selection.source.key, sa.Text())
    return sa.func.left(selection.source.column(column.id), _NAME)


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


def _crowd(
    selection: Selection,
    connection: sa.Connection,
    wanted: Tile,
    inside: sa.ColumnElement[bool],
    bounds: sa.ColumnElement[Any],
) -> sa.Select[Any]:
    """Put the rows of a tile together on a grid; beyond 200,000 they are counted on a sample of the table's pages."""
    expected = planned(connection, selection.statement([sa.literal(1)]).where(inside))
    scale = 1.0
    if expected > TILE_SAMPLE and selection.table.estimate:
        scale = expected / TILE_SAMPLE
        selection = selection.sampled(100.0 / scale)
        inside = _inside(selection, wanted)
    degrees = 360 / 2**wanted.z / _GRID
    point = sa.func.ST_SnapToGrid(sa.func.ST_Centroid(selection.source.geometry), degrees, degrees * wanted.flattening)
    groups = (
        selection.statement([point.label("p"), sa.func.count().label("rows")])
        .where(inside)
        .group_by(sa.literal_column("1"))
        .subquery()
    )
    placed = sa.func.ST_AsMVTGeom(sa.func.ST_Transform(groups.c.p, _MERCATOR), bounds, _EXTENT, 64, True)
    return sa.select(placed.label("geom"), sa.cast(sa.func.round(groups.c.rows * scale), sa.Integer()).label("count"))


def _inside(selection: Selection, wanted: Tile) -> sa.ColumnElement[bool]:
    window = sa.func.ST_TileEnvelope(wanted.z, wanted.x, wanted.y, _WORLD, _MARGIN)
    return selection.source.geometry.op("&&", is_comparison=True)(sa.func.ST_Transform(window, WGS84))


def tile(selection: Selection, connection: sa.Connection, wanted: Tile) -> bytes:
    """Give a vector tile (MVT 2) of the selection in a layer `rows`.

    Up to 5,000 features they are themselves, with `key` and `name`; above, they become points on a grid, each with
    the `count` of rows around it.
    """
    source = selection.source
    bounds = sa.func.ST_TileEnvelope(wanted.z, wanted.x, wanted.y)
    inside = _inside(selection, wanted)
    crowd = selection.statement([sa.literal(1)]).where(inside).limit(TILE_FEATURES + 1).subquery()
    crowded = (connection.scalar(sa.select(sa.func.count()).select_from(crowd)) or 0) > TILE_FEATURES
    if crowded:
        rows = _crowd(selection, connection, wanted, inside, bounds)
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
