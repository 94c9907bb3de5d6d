"""Curves of well-known binary made of straight lines, since neither GEOS nor the map draws others.

Curved types are those of SQL/MM (ISO/IEC 13249-3:2016, section 4.2.3), in the binary of OGC 06-103r4 with heights and
measures as ISO or PostGIS write them. Points stand on the circle at most `STEP` apart, seen from its centre, as GDAL
makes them (OGR_ARC_STEPSIZE, 4° unless told): a chord strays from its arc by 0.06 % of the radius at most. The points
that the curve is given by stay as they are, and an arc has the same points in both directions, so that neighbours that
share it leave no gap.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

STEP = math.radians(4)
MOST_POINTS = 1_000_000
"""Points that the lines of one geometry may have: a file could ask for ninety times its own weight."""
_NESTED = 32
_STRAIGHT = 1e-10
_Points = NDArray[np.float64]


class _Type(IntEnum):
    LINE = 2
    POLYGON = 3
    MULTI_LINE = 5
    MULTI_POLYGON = 6
    COLLECTION = 7
    CIRCULAR = 8
    COMPOUND = 9
    CURVE_POLYGON = 10
    MULTI_CURVE = 11
    MULTI_SURFACE = 12


_POINT, _MULTI_POINT = 1, 4
# what a geometry holds, and what it becomes
_MEMBERS = {
    _Type.COMPOUND: (_Type.LINE, _Type.CIRCULAR),
    _Type.CURVE_POLYGON: (_Type.LINE, _Type.CIRCULAR, _Type.COMPOUND),
    _Type.MULTI_CURVE: (_Type.LINE, _Type.CIRCULAR, _Type.COMPOUND),
    _Type.MULTI_SURFACE: (_Type.POLYGON, _Type.CURVE_POLYGON),
    _Type.MULTI_LINE: (_Type.LINE,),
    _Type.MULTI_POLYGON: (_Type.POLYGON,),
}
_MULTI = {
    _Type.MULTI_CURVE: _Type.MULTI_LINE,
    _Type.MULTI_SURFACE: _Type.MULTI_POLYGON,
    _Type.MULTI_LINE: _Type.MULTI_LINE,
    _Type.MULTI_POLYGON: _Type.MULTI_POLYGON,
    _Type.COLLECTION: _Type.COLLECTION,
}


def may_curve(wkb: bytes) -> bool:
    """Say whether a geometry is of a type that may have curves in it, by its head alone."""
    try:
        kind, _dimensions, _order, _at = _head(wkb, 0)
    except (ValueError, struct.error):
        return False
    return kind >= _Type.COLLECTION and kind <= _Type.MULTI_SURFACE


def straight(wkb: bytes) -> bytes:
    """Give the geometry of straight lines that a curved one stands for, of two dimensions, little-endian.

    :param wkb: a geometry of which `may_curve` holds; a collection is given back with all it holds
    :raises ValueError: it isn't whole, isn't allowed in its place, or would have more than `MOST_POINTS`
    """
    try:
        reader = _Reader(wkb)
        return reader.geometry(None, 0)
    except struct.error as error:
        raise ValueError("cut") from error


def _head(wkb: bytes, at: int) -> tuple[int, int, str, int]:
    """Give type, dimensions, order of bytes, and where what follows begins."""
    if wkb[at : at + 1] not in (b"\x00", b"\x01"):
        raise ValueError("order")
    order = "<" if wkb[at] else ">"
    (code,) = struct.unpack_from(f"{order}I", wkb, at + 1)
    flags, iso = code >> 29, (code & 0x1FFFFFFF) // 1000
    if iso > 3:
        raise ValueError("type")
    height, measure = bool(flags & 4) or iso in (1, 3), bool(flags & 2) or iso in (2, 3)
    return (code & 0x1FFFFFFF) % 1000, 2 + height + measure, order, at + (9 if flags & 1 else 5)


@dataclass
class _Reader:
    """Reads a geometry from its beginning; `_at` is where it stands, `_made` how many points it made."""

    wkb: bytes
    at: int = 0
    made: int = 0

    def geometry(self, allowed: tuple[_Type, ...] | None, depth: int) -> bytes:
        """Give the next geometry as one of straight lines."""
        code, dimensions, order, self.at = _head(self.wkb, self.at)
        if code in (_POINT, _MULTI_POINT) and allowed is None and depth:
            return self._points_as_such(code, dimensions, order)
        kind = _Type(code)
        if depth > _NESTED or (allowed is not None and kind not in allowed):
            raise ValueError("place")
        if kind in (_Type.LINE, _Type.CIRCULAR, _Type.COMPOUND):
            return _line(self._curve(kind, dimensions, order))
        count = self._count(order, 4)
        if kind is _Type.POLYGON:
            return _polygon([self._row(order, dimensions) for _ring in range(count)])
        if kind is _Type.CURVE_POLYGON:
            return _polygon([self._member(kind) for _ring in range(count)])
        parts = [self.geometry(_MEMBERS.get(kind), depth + 1) for _part in range(count)]
        return _written(_MULTI[kind], count) + b"".join(parts)

    def _member(self, parent: _Type) -> _Points:
        code, dimensions, order, self.at = _head(self.wkb, self.at)
        if code not in _MEMBERS[parent]:
            raise ValueError("place")
        return self._curve(_Type(code), dimensions, order)

    def _curve(self, kind: _Type, dimensions: int, order: str) -> _Points:
        """Give the points of a curve of any kind."""
        if kind is _Type.LINE:
            return self._row(order, dimensions)
        if kind is _Type.CIRCULAR:
            return self._arcs(self._row(order, dimensions))
        parts: list[_Points] = []
        for _part in range(self._count(order, 5)):
            points = self._member(kind)
            if not len(points):
                continue
            if parts:
                if not np.allclose(parts[-1][-1], points[0], rtol=1e-9, atol=1e-12):
                    raise ValueError("parts that don't join")
                points = points[1:]
            parts.append(points)
        return np.concatenate(parts) if parts else np.empty((0, 2))

    def _arcs(self, given: _Points) -> _Points:
        """Give the points of arcs, each through three points of which the last begins the next."""
        if not len(given):
            return given
        if len(given) < 3 or len(given) % 2 == 0:
            raise ValueError("points of an arc")
        parts = [given[:1]]
        for first in range(0, len(given) - 2, 2):
            parts.append(arc(*given[first : first + 3])[1:])
            self._more(len(parts[-1]))
        return np.concatenate(parts)

    def _row(self, order: str, dimensions: int) -> _Points:
        """Give the next points with their count before them, of two dimensions."""
        count = self._count(order, 8 * dimensions)
        self._more(count)
        found = np.frombuffer(self.wkb, f"{order}f8", count * dimensions, self.at).reshape(count, dimensions)
        self.at += 8 * dimensions * count
        return found[:, :2].astype(np.float64)

    def _points_as_such(self, code: int, dimensions: int, order: str) -> bytes:
        if code == _POINT:
            x, y = struct.unpack_from(f"{order}2d", self.wkb, self.at)
            self.at += 8 * dimensions
            return struct.pack("<BI2d", 1, _POINT, x, y)
        parts: list[bytes] = []
        for _part in range(count := self._count(order, 5 + 8 * dimensions)):
            member, more, other, self.at = _head(self.wkb, self.at)
            if member != _POINT:
                raise ValueError("place")
            parts.append(self._points_as_such(_POINT, more, other))
        return struct.pack("<BII", 1, _MULTI_POINT, count) + b"".join(parts)

    def _count(self, order: str, each: int) -> int:
        """Give how many of `each` bytes at least follow. Raises ValueError where there is no room for them."""
        (count,) = struct.unpack_from(f"{order}I", self.wkb, self.at)
        self.at += 4
        if count * each > len(self.wkb) - self.at:
            raise ValueError("count")
        return count

    def _more(self, points: int) -> None:
        self.made += points
        if self.made > MOST_POINTS:
            raise ValueError("points")


def arc(start: _Points, middle: _Points, end: _Points) -> _Points:
    """Give points of the arc from `start` through `middle` to `end`, these three among them exactly.

    Where start and end are one it is the whole circle, of which the middle is the opposite point; where the three
    stand in a line, so do the points (ISO/IEC 13249-3:2016, section 4.2.3.2).

    >>> len(arc(np.array([1.0, 0.0]), np.array([0.0, 1.0]), np.array([-1.0, 0.0])))
    47
    """
    if tuple(start) > tuple(end):
        return arc(end, middle, start)[::-1]
    if np.array_equal(start, end):
        centre, turn = (start + middle) / 2, 1.0
    else:
        centre, turn = _centre(start, middle, end)
    if not turn or not np.isfinite(centre).all() or np.array_equal(start, middle):
        return np.array([start, middle, end])
    parts = [_part(start, middle, centre, turn), _part(middle, end, centre, turn), end.reshape(1, 2)]
    return np.concatenate(parts)


def _centre(start: _Points, middle: _Points, end: _Points) -> tuple[_Points, float]:
    """Give the centre of the circle through three points, and on which side it turns: 1 left, -1 right, 0 on none.

    The circumcentre seen from `start`: where the perpendicular bisectors of two chords meet.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        (ax, ay), (bx, by) = middle - start, end - start
        a, b = ax * ax + ay * ay, bx * bx + by * by
        double = 2 * (ax * by - ay * bx)
        if not abs(double) > _STRAIGHT * math.sqrt(a * b):
            return start, 0.0
        return start + np.array([by * a - ay * b, ax * b - bx * a]) / double, math.copysign(1.0, double)


def _part(first: _Points, last: _Points, centre: _Points, turn: float) -> _Points:
    """Give the points from `first` on and without `last`, along the circle."""
    one, other = first - centre, last - centre
    begins = math.atan2(one[1], one[0])
    sweep = (turn * (math.atan2(other[1], other[0]) - begins)) % math.tau
    steps = max(1, math.ceil(sweep / STEP - 1e-9))
    angles = begins + turn * sweep * np.arange(1, steps) / steps
    radius = math.hypot(*one)
    between = centre + radius * np.column_stack((np.cos(angles), np.sin(angles)))
    return np.concatenate((first.reshape(1, 2), between))


def _written(kind: _Type, count: int) -> bytes:
    return struct.pack("<BII", 1, kind, count)


def _line(points: _Points) -> bytes:
    return _written(_Type.LINE, len(points)) + points.astype("<f8").tobytes()


def _polygon(rings: list[_Points]) -> bytes:
    rows = (struct.pack("<I", len(ring)) + ring.astype("<f8").tobytes() for ring in rings)
    return _written(_Type.POLYGON, len(rings)) + b"".join(rows)
