"""The light map."""

import re

from shapely.geometry import MultiPolygon, Polygon, box

from ckanext.lrtzc.theme.domain.drawing import draw, names_that_fit

NORTH = box(-1.2, 46.1, -1.0, 46.2)
SOUTH = Polygon(
    [(-1.2, 46.0), (-1.0, 46.0), (-1.0, 46.1), (-1.2, 46.1)], [[(-1.1, 46.04), (-1.09, 46.06), (-1.08, 46.04)]]
)
BOX = (-1.2, 46.0, -1.0, 46.2)


def points(path: str) -> list[tuple[int, int]]:
    """Read a path back into places."""
    found = []
    for ring in filter(None, path.split("z")):
        x, y, steps = re.fullmatch(r"M(-?\d+) (-?\d+)l(.*)", ring).groups()
        numbers = [int(number) for number in re.findall(r"-?\d+", steps)]
        place = (int(x), int(y))
        found.append(place)
        for across, down in zip(numbers[::2], numbers[1::2], strict=True):
            place = (place[0] + across, place[1] + down)
            found.append(place)
    return found


def test_places_stand_inside_the_drawing_and_north_is_up():
    drawing = draw({"n": NORTH, "s": SOUTH}, BOX, width=600, margin=8)
    places = [place for shape in drawing.shapes.values() for place in points(shape.path)]
    assert all(8 <= x <= 592 and 8 <= y <= drawing.height - 8 for x, y in places)
    assert drawing.shapes["n"].y < drawing.shapes["s"].y


def test_a_degree_of_longitude_is_shorter_than_one_of_latitude():
    assert 1.4 < draw({"n": NORTH}, BOX, width=600).height / 600 < 1.5


def test_islands_and_holes_are_drawn():
    drawing = draw({"two": MultiPolygon([NORTH, SOUTH])}, BOX)
    assert drawing.shapes["two"].path.count("M") == 3


def test_what_is_smaller_than_a_unit_leaves_no_broken_path():
    dust = box(-1.1, 46.1, -1.1 + 1e-9, 46.1 + 1e-9)
    assert draw({"dust": dust}, BOX).shapes["dust"].path == ""


def test_names_do_not_cover_each_other():
    places = [
        ("a", "La Rochelle", 200, 100),
        ("b", "Lagord", 210, 105),
        ("c", "Aytré", 210, 160),
        ("d", "Loin", 2, 300),
    ]
    assert names_that_fit(places, 600, 9) == {"a", "c"}
    assert names_that_fit(places, 600, 1) == {"a"}
