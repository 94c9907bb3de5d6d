"""Views of the shore, drawn: the photos of the collection `littoral-en-images`.

Each is a JPEG that says, as a phone's photo does, when and where it was taken. Drawn at twice their size, so that
edges are smooth; the same bytes each time.
"""

import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from kit import chance
from PIL import Image, ImageDraw

WIDTH, HEIGHT = 960, 720
_WIDE, _HIGH = 2 * WIDTH, 2 * HEIGHT
_IMAGE_DESCRIPTION, _CHANGED, _EXIF, _TAKEN, _GPS = 0x010E, 0x0132, 0x8769, 0x9003, 0x8825
Colour = tuple[int, int, int]
Drawing = Callable[["Canvas"], None]


class Canvas:
    """A sky that passes from one colour to another, on which a scene is drawn."""

    def __init__(self, name: str, top: Colour, bottom: Colour):
        depth = Image.linear_gradient("L").resize((_WIDE, _HIGH))
        self.picture = Image.composite(
            Image.new("RGB", depth.size, bottom), Image.new("RGB", depth.size, top), depth.point(_quickly)
        )
        self.pen = ImageDraw.Draw(self.picture)
        self.chance: Random = chance(f"scene {name}")

    def ground(self, line: float, colour: Colour, swell: float = 0.0, waves: float = 1.0) -> None:
        """Fill what lies under a line, given as a part of the height, which swells by another."""
        start = self.chance.random() * math.tau
        edge = [
            (x, _HIGH * (line + swell * math.sin(start + waves * math.tau * x / _WIDE) + swell / 3 * math.sin(x / 97)))
            for x in range(0, _WIDE + 24, 24)
        ]
        self.pen.polygon([(0, _HIGH), *edge, (_WIDE, _HIGH)], fill=colour)

    def glints(self, top: float, bottom: float, colour: Colour, count: int) -> None:
        """Lay short level strokes between two heights, longer the nearer they are."""
        for _ in range(count):
            depth = self.chance.random() ** 1.6
            y, x = _HIGH * (top + (bottom - top) * depth), self.chance.random() * _WIDE
            long, thick = 30 + 220 * depth, 2 + 9 * depth
            self.pen.ellipse((x - long, y - thick, x + long, y + thick), fill=colour)

    def sun(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """Set the sun or the moon."""
        x, y, radius = x * _WIDE, y * _HIGH, radius * _HIGH
        self.pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)

    def birds(self, count: int, top: float, bottom: float, colour: Colour) -> None:
        """Have birds pass, between two heights."""
        for _ in range(count):
            x, y = self.chance.random() * _WIDE, _HIGH * self.chance.uniform(top, bottom)
            wing = self.chance.uniform(14, 34)
            for side in (-1, 1):
                box = (x + min(0, 2 * side * wing), y - wing / 2, x + max(0, 2 * side * wing), y + wing)
                self.pen.arc(box, 200, 340, fill=colour, width=7)

    def grass(self, left: float, right: float, foot: float, height: float, colour: Colour, count: int) -> None:
        """Let blades stand between two sides, each leaning its own way."""
        for _ in range(count):
            x, y = _WIDE * self.chance.uniform(left, right), _HIGH * (foot + self.chance.uniform(-0.02, 0.05))
            lean, tall = self.chance.gauss(0.25, 0.35), _HIGH * height * self.chance.uniform(0.5, 1)
            middle = (x + lean * tall * 0.3, y - tall * 0.6)
            self.pen.line([(x, y), middle, (x + lean * tall, y - tall)], fill=colour, width=6, joint="curve")

    def shape(self, colour: Colour, *points: tuple[float, float]) -> None:
        """Fill a shape, given by its corners in parts of width and height."""
        self.pen.polygon([(x * _WIDE, y * _HIGH) for x, y in points], fill=colour)

    def stroke(self, colour: Colour, width: int, *points: tuple[float, float]) -> None:
        """Draw a line through points, in parts of width and height."""
        self.pen.line([(x * _WIDE, y * _HIGH) for x, y in points], fill=colour, width=width, joint="curve")


def _quickly(depth: int) -> int:
    """Pass to the second colour by the middle of the picture, where the ground begins."""
    return min(255, depth * 2)


def _mudflat(on: Canvas) -> None:
    on.sun(0.72, 0.3, 0.05, (255, 236, 196))
    on.ground(0.46, (142, 172, 186))
    on.ground(0.5, (128, 116, 100), 0.008, 1.5)
    on.glints(0.53, 0.98, (160, 158, 148), 70)
    on.shape(
        (176, 188, 190),
        (0.44, 0.5),
        (0.48, 0.5),
        (0.5, 0.6),
        (0.63, 0.76),
        (0.5, 1),
        (0.18, 1),
        (0.5, 0.77),
        (0.45, 0.62),
    )
    on.birds(17, 0.12, 0.42, (70, 74, 84))


def _hut(on: Canvas) -> None:
    on.sun(0.3, 0.5, 0.075, (255, 214, 140))
    on.ground(0.56, (74, 92, 128))
    on.glints(0.58, 0.98, (214, 150, 122), 80)
    dark = (38, 36, 52)
    for x in (0.56, 0.62, 0.7, 0.76):
        on.stroke(dark, 14, (x, 0.45), (x + 0.008, 0.86))
    on.stroke(dark, 12, (0.56, 0.62), (0.76, 0.74))
    on.shape(dark, (0.54, 0.34), (0.78, 0.34), (0.78, 0.47), (0.54, 0.47))
    on.shape((58, 50, 62), (0.52, 0.345), (0.66, 0.25), (0.8, 0.345))
    on.shape((255, 206, 132), (0.6, 0.375), (0.65, 0.375), (0.65, 0.43), (0.6, 0.43))
    on.stroke(dark, 10, (0.56, 0.38), (0.4, 0.3))
    for x in (0.33, 0.47):
        on.stroke(dark, 5, (0.4, 0.3), (x, 0.52))
    on.stroke(dark, 5, (0.33, 0.52), (0.4, 0.55), (0.47, 0.52))


def _dune(on: Canvas) -> None:
    on.ground(0.52, (88, 148, 168))
    on.glints(0.53, 0.62, (206, 224, 226), 30)
    on.ground(0.62, (226, 206, 166), 0.05, 0.8)
    on.ground(0.76, (212, 188, 144), 0.04, 1.2)
    on.grass(0.02, 0.5, 0.74, 0.2, (104, 128, 84), 150)
    on.grass(0.6, 0.98, 0.88, 0.24, (84, 112, 70), 140)
    for post in range(9):
        x = 0.5 + post * 0.055
        on.stroke((120, 98, 74), 12, (x, 0.68 + post * 0.012), (x, 0.6 + post * 0.006))
    on.stroke((120, 98, 74), 5, (0.5, 0.63), (0.94, 0.69))


def _oysters(on: Canvas) -> None:
    on.ground(0.42, (150, 168, 172))
    on.ground(0.47, (134, 128, 118), 0.004)
    on.glints(0.5, 0.98, (166, 168, 164), 50)
    for row in range(9):
        near, far = -0.45 + row * 0.24, 0.36 + row * 0.035
        on.shape((62, 62, 58), (far, 0.49), (far + 0.012, 0.49), (near + 0.12, 1), (near, 1))
        on.shape((96, 92, 82), (far, 0.485), (far + 0.012, 0.485), (near + 0.12, 0.96), (near, 0.96))
    on.birds(6, 0.1, 0.36, (92, 100, 108))


def _cliff(on: Canvas) -> None:
    on.ground(0.54, (70, 132, 150))
    on.glints(0.56, 0.96, (150, 190, 198), 60)
    on.shape((232, 222, 198), (0.44, 0.3), (1, 0.2), (1, 0.86), (0.66, 0.82), (0.5, 0.74), (0.47, 0.6))
    for layer in range(7):
        rise = layer * 0.075
        on.stroke((202, 188, 158), 9, (0.455 + layer * 0.008, 0.35 + rise), (0.7, 0.31 + rise), (1, 0.29 + rise))
    on.shape((112, 136, 84), (0.42, 0.3), (0.62, 0.255), (1, 0.175), (1, 0.235), (0.6, 0.3), (0.45, 0.325))
    on.shape((178, 162, 132), (0.4, 0.9), (0.5, 0.74), (0.68, 0.82), (1, 0.85), (1, 1), (0.3, 1))
    on.birds(8, 0.1, 0.28, (244, 246, 246))


def _marsh(on: Canvas) -> None:
    on.ground(0.44, (112, 134, 96), 0.01, 2)
    on.ground(0.48, (126, 142, 92))
    for top, left, right in ((0.52, 0.1, 0.42), (0.52, 0.52, 0.9), (0.64, -0.05, 0.44), (0.64, 0.55, 1.05)):
        deep = 0.08 + (top - 0.5) * 0.6
        on.shape((158, 196, 208), (left, top), (right, top), (right + 0.03, top + deep), (left - 0.06, top + deep))
    on.shape((158, 196, 208), (-0.1, 0.86), (0.4, 0.86), (0.36, 1), (-0.1, 1))
    on.grass(0.0, 1.0, 0.62, 0.06, (92, 108, 62), 160)
    on.grass(0.4, 0.72, 0.96, 0.3, (122, 112, 62), 150)
    on.birds(5, 0.14, 0.36, (80, 86, 92))


def _beacon(on: Canvas) -> None:
    for number in range(60):
        y = 0.4 * on.chance.random()
        on.sun(on.chance.random(), y, 0.0012 + 0.0014 * (number % 3), (198, 208, 232))
    on.shape((112, 112, 122), (0.615, 0.27), (0, 0.12), (0, 0.3))
    on.ground(0.62, (28, 40, 70))
    on.glints(0.64, 0.98, (66, 84, 122), 60)
    on.shape((18, 22, 38), (0.46, 0.72), (0.82, 0.72), (1, 0.84), (1, 1), (0.3, 1))
    on.shape((226, 222, 214), (0.585, 0.34), (0.655, 0.34), (0.68, 0.74), (0.56, 0.74))
    for band in (0.42, 0.56):
        on.shape((176, 66, 58), (0.58, band), (0.66, band), (0.668, band + 0.07), (0.572, band + 0.07))
    on.shape((40, 42, 54), (0.57, 0.325), (0.67, 0.325), (0.67, 0.345), (0.57, 0.345))
    on.shape((255, 226, 140), (0.595, 0.24), (0.645, 0.24), (0.645, 0.325), (0.595, 0.325))
    on.shape((40, 42, 54), (0.585, 0.24), (0.62, 0.19), (0.655, 0.24))


def _hedge(on: Canvas) -> None:
    on.ground(0.47, (112, 160, 178))
    on.ground(0.5, (196, 186, 112), 0.006, 1)
    on.ground(0.62, (172, 174, 92), 0.01, 0.7)
    for row in range(11):
        on.stroke((150, 152, 78), 8, (0.46 + row * 0.012, 0.6), (-0.7 + row * 0.24, 1))
    for bush in range(26):
        near = bush / 25
        x, y, round_ = 0.99 - 0.5 * near**0.7, 0.76 - 0.25 * near, 0.11 - 0.085 * near
        shade = on.chance.randint(-12, 12)
        on.sun(x, y - round_ / 2, round_, (74 + shade, 108 + shade, 62 + shade))
    on.birds(4, 0.12, 0.36, (86, 96, 100))


@dataclass(frozen=True)
class Scene:
    """What is drawn, the colours of its sky, and where (degrees) and when it is said to have been taken."""

    draw: Drawing
    sky: tuple[Colour, Colour]
    place: tuple[float, float]
    moment: str


SCENES = {
    "vasiere-esnandes.jpg": Scene(_mudflat, ((188, 208, 220), (246, 226, 204)), (-1.1263, 46.2532), "2025:10:18 08:40"),
    "carrelet-houmeau.jpg": Scene(_hut, ((86, 84, 132), (250, 168, 116)), (-1.1987, 46.1951), "2025:11:30 17:25"),
    "dune-aytre.jpg": Scene(_dune, ((112, 174, 214), (222, 238, 240)), (-1.1298, 46.1214), "2026:03:21 14:10"),
    "huitres-nieul.jpg": Scene(_oysters, ((164, 176, 186), (222, 224, 222)), (-1.1859, 46.2126), "2026:04:02 11:05"),
    "falaise-angoulins.jpg": Scene(_cliff, ((96, 164, 210), (214, 236, 242)), (-1.1371, 46.0998), "2026:05:14 16:45"),
    "marais-tasdon.jpg": Scene(_marsh, ((172, 202, 220), (244, 236, 214)), (-1.1389, 46.1467), "2026:06:06 07:30"),
    "feu-la-rochelle.jpg": Scene(_beacon, ((22, 28, 58), (110, 92, 128)), (-1.1702, 46.1489), "2026:08:08 22:15"),
    "haie-marsilly.jpg": Scene(_hedge, ((128, 182, 216), (230, 240, 238)), (-1.1437, 46.2318), "2026:09:19 10:20"),
}  # fmt: skip


def _sixties(degrees: float) -> tuple[float, float, float]:
    """Give degrees, minutes and seconds, as Exif writes a place."""
    minutes, whole = math.modf(abs(degrees))
    seconds, minutes = math.modf(minutes * 60)
    return (whole, minutes, round(seconds * 60, 2))


def _taken(scene: Scene) -> Image.Exif:
    exif = Image.Exif()
    moment = f"{scene.moment}:00"
    exif[_IMAGE_DESCRIPTION] = "Drawn by a script (sample content, CC0)"
    exif[_CHANGED] = moment
    exif.get_ifd(_EXIF)[_TAKEN] = moment
    longitude, latitude = scene.place
    exif.get_ifd(_GPS).update({1: "N", 2: _sixties(latitude), 3: "W" if longitude < 0 else "E", 4: _sixties(longitude)})
    return exif


def _photo(name: str) -> bytes:
    scene = SCENES[name]
    canvas = Canvas(name, *scene.sky)
    scene.draw(canvas)
    out = io.BytesIO()
    small = canvas.picture.resize((WIDTH, HEIGHT), Image.Resampling.BOX)
    small.save(out, "JPEG", quality=80, exif=_taken(scene))
    return out.getvalue()


FILES: dict[str, Callable[[], bytes]] = {name: lambda name=name: _photo(name) for name in SCENES}
