"""Curves made of straight lines: their points stand on their circles, and what is no curve is refused."""

import math
import struct

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ckanext.lrtzc.batches.domain import curves
from ckanext.lrtzc.batches.domain.curves import STEP, arc, may_curve, straight

LINE, CIRCULAR, COMPOUND, CURVE_POLYGON, MULTI_CURVE, MULTI_SURFACE = 2, 8, 9, 10, 11, 12
CIRCLE = [(2, 1), (0, 1), (2, 1)]
"""A whole circle around (1, 1), of a radius of 1."""


def head(kind, order="<", more=0):
    return struct.pack(f"{order}BI", order == "<", kind + more)


def points(given, order="<"):
    given = list(given)
    cells = [value for point in given for value in point]
    return struct.pack(f"{order}I{len(cells)}d", len(given), *cells)


def curve(kind, given, order="<", more=0):
    return head(kind, order, more) + points(given, order)


def holder(kind, *parts, order="<", more=0):
    return head(kind, order, more) + struct.pack(f"{order}I", len(parts)) + b"".join(parts)


def made(wkb):
    assert may_curve(wkb)
    return shapely.from_wkb(straight(wkb))


coordinates = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 3))
places = st.tuples(coordinates, coordinates).map(np.array)


@settings(max_examples=300, deadline=None)
@given(places, st.floats(0.01, 1e5), st.floats(0, math.tau), st.floats(0.01, 6.2), st.floats(0.05, 0.95), st.booleans())
def test_the_points_of_an_arc_stand_on_its_circle_no_further_apart_than_said(centre, radius, begins, sweep, at, left):
    turn = 1 if left else -1
    start, middle, end = (
        centre + radius * np.array([math.cos(begins + turn * part), math.sin(begins + turn * part)])
        for part in (0, sweep * at, sweep)
    )
    found = arc(start, middle, end)
    assert np.array_equal(found[0], start)
    assert np.array_equal(found[-1], end)
    assert (found == middle).all(axis=1).any()
    # what floating-point numbers this far from the origin can tell of a centre, from points this close together
    slack = 1e-9 * (np.abs(centre).max() + radius) / min(1, sweep * min(at, 1 - at)) ** 2
    assume(slack < radius / 100)
    assert np.abs(np.hypot(*(found - centre).T) - radius).max() <= slack
    chords = np.hypot(*np.diff(found, axis=0).T)
    assert chords.max() <= 2 * radius * math.sin(STEP / 2) + 4 * slack
    # all the way from the start to the end, on its own side
    assert chords.sum() == pytest.approx(radius * sweep, rel=0.001, abs=8 * slack * len(found))
    assert np.array_equal(arc(end, middle, start), found[::-1]), "neighbours that share it leave no gap"


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.floats(), st.floats()), min_size=3, max_size=9))
def test_whatever_the_numbers_the_ends_are_those_given(given):
    assume(len(given) % 2)
    with np.errstate(all="ignore"):
        found = curves._Reader(curve(CIRCULAR, given)).geometry(None, 0)
    count = struct.unpack_from("<I", found, 5)[0]
    cells = np.frombuffer(found, "<f8", offset=9).reshape(count, 2)
    for place, point in ((0, given[0]), (-1, given[-1])):
        assert np.array_equal(cells[place], np.array(point, dtype=float), equal_nan=True)
    assert count <= 182 * (len(given) // 2) + 1


def test_points_in_a_line_are_joined_by_it():
    assert made(curve(CIRCULAR, [(0, 0), (1, 1), (2, 2)])).wkt == "LINESTRING (0 0, 1 1, 2 2)"
    assert made(curve(CIRCULAR, [(0, 0), (0, 0), (2, 2)])).wkt == "LINESTRING (0 0, 0 0, 2 2)"
    assert made(curve(CIRCULAR, [])).is_empty


def test_a_half_circle_turns_as_its_middle_says():
    above, below = (made(curve(CIRCULAR, [(0, 0), (1, y), (2, 0)])) for y in (1, -1))
    assert above.bounds == pytest.approx((0, 0, 2, 1))
    assert below.bounds == pytest.approx((0, -1, 2, 0))
    assert len(above.coords) == 47, "a step of at most 4 degrees, on each side of the middle"


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("more", "extra"), [(0, 0), (1000, 1), (2000, 1), (3000, 2), (1 << 31, 1), (3 << 30, 2)])
def test_all_kinds_are_made_of_lines_with_heights_measures_and_in_both_orders(order, more, extra):
    def longer(given):
        return [(*point, *[7.0] * extra) for point in given]

    def one(kind, given):
        return curve(kind, longer(given), order, more)

    def many(kind, *parts):
        return holder(kind, *parts, order=order, more=more)

    compound = many(COMPOUND, one(CIRCULAR, [(0, 0), (1, 1), (2, 0)]), one(LINE, [(2, 0), (0, 0)]))
    disc = many(CURVE_POLYGON, one(CIRCULAR, CIRCLE))
    holed = many(
        CURVE_POLYGON, one(LINE, [(0, 0), (4, 0), (4, 4), (0, 4), (0, 0)]), one(CIRCULAR, [(3, 2), (1, 2), (3, 2)])
    )
    square = (
        head(3, order, more) + struct.pack(f"{order}I", 1) + points(longer([(5, 5), (6, 5), (6, 6), (5, 5)]), order)
    )
    assert made(compound).length == pytest.approx(math.pi + 2, rel=1e-3)
    assert made(compound).is_ring
    for wkb, area in (
        (disc, math.pi), (many(CURVE_POLYGON, compound), math.pi / 2), (holed, 16 - math.pi),
        (many(MULTI_SURFACE, disc, square), math.pi + 0.5),
    ):  # fmt: skip
        found = made(wkb)
        assert found.is_valid
        assert found.area == pytest.approx(area, rel=2e-3)
    lines = made(many(MULTI_CURVE, compound, one(LINE, [(0, 0), (1, 0)]), one(CIRCULAR, CIRCLE)))
    assert (lines.geom_type, len(lines.geoms)) == ("MultiLineString", 3)
    point = head(1, order, more) + points(longer([(1, 2)]), order)[4:]
    several = made(many(7, point, many(4, point, point), disc, many(5, one(LINE, [(0, 0), (1, 1)])), many(6, square)))
    kinds = [part.geom_type for part in several.geoms]
    assert kinds == ["Point", "MultiPoint", "Polygon", "MultiLineString", "MultiPolygon"]
    assert several.geoms[1].wkt == "MULTIPOINT ((1 2), (1 2))"
    assert not several.has_z


@pytest.mark.parametrize(
    "wkb",
    [
        b"", b"\x01", b"\x02\x08\x00\x00\x00", head(CIRCULAR), curve(CIRCULAR, CIRCLE)[:-1],
        curve(CIRCULAR, [(0, 0), (1, 1)]), curve(CIRCULAR, [(0, 0)]), curve(CIRCULAR, [(0, 0), (1, 1), (2, 0), (3, 3)]),
        head(CIRCULAR) + struct.pack("<I", 0xFFFFFFFF), head(CURVE_POLYGON) + struct.pack("<I", 0xFFFFFFFF),
        head(COMPOUND) + struct.pack("<I", 1 << 31),
        holder(COMPOUND, curve(LINE, [(0, 0), (1, 0)]), curve(LINE, [(2, 0), (3, 0)])),
        holder(CURVE_POLYGON, holder(CURVE_POLYGON)), holder(MULTI_SURFACE, curve(CIRCULAR, CIRCLE)),
        holder(COMPOUND, holder(COMPOUND)), holder(MULTI_CURVE, head(1) + bytes(16)), holder(7, head(15) + bytes(4)),
        holder(7, head(4)), head(CIRCULAR, more=9000) + bytes(4), head(7) + struct.pack("<I", 1),
    ],
)  # fmt: skip
def test_what_is_no_whole_curve_is_refused(wkb):
    if may_curve(wkb):
        with pytest.raises(ValueError, match=r".+"):
            straight(wkb)


def test_what_nests_without_end_or_would_weigh_too_much_is_refused(monkeypatch):
    with pytest.raises(ValueError, match="place"):
        straight(struct.pack("<BII", 1, 7, 1) * 300_000)
    wkb = curve(CIRCULAR, [(n, n % 2) for n in range(99_999)])
    monkeypatch.setattr(curves, "MOST_POINTS", 200_000)
    with pytest.raises(ValueError, match="points"):
        straight(wkb)


def test_what_has_no_curves_is_left_to_others():
    for shape in (shapely.Point(1, 1), shapely.box(0, 0, 1, 1), shapely.MultiPoint([(1, 1)])):
        assert not may_curve(shapely.to_wkb(shape))
