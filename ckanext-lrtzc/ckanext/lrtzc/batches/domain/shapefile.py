"""Shapefiles in a ZIP: shapes (.shp, .shx) beside the rows of a dBASE table (.dbf), with what describes them.

After the ESRI Shapefile Technical Description (July 1998). The ZIP is read in place, each of its files once, in step.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise, zip_longest
from tempfile import TemporaryFile
from typing import IO, Any

import numpy as np
import shapely

from .archives import Archive, check_archive, opened, shapefiles
from .coltypes import ColumnType
from .dbase import DbaseFile
from .headers import clean_headers
from .limits import Limits
from .problems import BatchError, Problem
from .projections import system_of, system_of_extent, unsaid
from .rows import chunked
from .tables import Frame, Source, chosen_of

_HEADER = 100
_SIGNATURE = 9994
# shapes of two dimensions; with heights 10 is added, with measures 20
_NAMES = {1: "Point", 3: "PolyLine", 5: "Polygon", 8: "MultiPoint"}
_KNOWN = {base + more: base for base in _NAMES for more in (0, 10, 20)}
# pairs of an outline and a hole that may lie in it: more are looked at for no surface
_PAIRS = 1_000_000
# smaller than this stands for “no number” (Technical Description, page 2)
_NO_DATA = -1e38


def _broken(reason: str) -> BatchError:
    return BatchError("bad_shapefile", reason=reason)


def _lines(parts: list[Any]) -> bytes:
    """Write lines of points, each an array of N × 2, as a LineString or MultiLineString of WKB."""
    written = [struct.pack("<BII", 1, 2, len(part)) + part.tobytes() for part in parts]
    return written[0] if len(written) == 1 else struct.pack("<BII", 1, 5, len(written)) + b"".join(written)


def _ring(ring: Any) -> bytes:
    return struct.pack("<I", len(ring)) + ring.tobytes()


def _surfaces(surfaces: list[list[Any]]) -> bytes:
    """Write surfaces, each its outline and its holes, as a Polygon or MultiPolygon of WKB."""
    written = [struct.pack("<BII", 1, 3, len(rings)) + b"".join(map(_ring, rings)) for rings in surfaces]
    return written[0] if len(written) == 1 else struct.pack("<BII", 1, 6, len(written)) + b"".join(written)


def _area(ring: Any) -> float:
    """Give the area of a ring, negative where it turns clockwise, as outlines do in Shapefiles."""
    x, y = (ring - ring[0]).T
    return float(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1])) / 2


def _with_holes(outlines: list[Any], holes: list[Any]) -> list[list[Any]]:
    """Give each outline with the holes that lie in it and in none smaller; a hole in no outline is a surface.

    Raises ValueError where there are more to compare than any map has.
    """
    shells: Any = shapely.polygons([shapely.linearrings(ring) for ring in outlines])
    areas: Any = shapely.area(shells)
    tree = shapely.STRtree(shells)
    surfaces: list[list[Any]] = [[ring] for ring in outlines]
    compared = 0
    for hole in holes:
        inner = shapely.polygons(hole)
        near = tree.query(inner)
        compared += len(near)
        if compared > _PAIRS:
            raise ValueError
        around = near[shapely.covers(shells[near], inner)]
        if len(around):
            surfaces[int(around[np.argmin(areas[around])])].append(hole)
        else:
            surfaces.append([hole])
    return surfaces


def _polygon(rings: list[Any]) -> bytes | None:
    if len(rings) == 1:
        return _surfaces([rings])
    areas = [_area(ring) for ring in rings]
    outlines = [ring for ring, area in zip(rings, areas, strict=True) if area < 0]
    holes = [ring for ring, area in zip(rings, areas, strict=True) if area > 0]
    if not all(map(math.isfinite, areas)):
        raise ValueError
    if not outlines:
        # turned the wrong way by a program that didn't know: what lies in an odd number of rings is inside
        area = shapely.build_area(shapely.multilinestrings([shapely.linestrings(ring) for ring in rings]))
        return None if area.is_empty else shapely.to_wkb(area)
    if len(outlines) == 1 or not holes:
        return _surfaces([[outlines[0], *holes]] if holes else [[ring] for ring in outlines])
    return _surfaces(_with_holes(outlines, holes))


def shape_of(content: bytes) -> str | None:
    """Give the shape of a record of a .shp as hexadecimal WKB of two dimensions; None where it has none.

    What can't be read gives a word that no geometry is read from, so that its row is refused and listed.
    """
    (kind,) = struct.unpack_from("<i", content)
    if kind == 0:
        return None
    base = _KNOWN.get(kind)
    if base is None:
        return "MultiPatch" if kind == 31 else f"Shape {kind}"
    try:
        found = _wkb(base, content)
    except (ValueError, struct.error, shapely.GEOSException):
        return _NAMES[base]
    return found.hex() if found else None


def _wkb(base: int, content: bytes) -> bytes | None:
    """Give WKB, None where there is no point. Raises ValueError or struct.error where the record isn't whole."""
    if base == 1:
        x, y = struct.unpack_from("<dd", content, 4)
        if (math.isnan(x) and math.isnan(y)) or min(x, y) < _NO_DATA:
            return None
        return struct.pack("<BIdd", 1, 1, x, y)
    if base == 8:
        (count,) = struct.unpack_from("<I", content, 36)
        if not count:
            return None
        head, points = struct.pack("<BI", 1, 1), np.frombuffer(content, "<f8", 2 * count, 40).reshape(-1, 2)
        return struct.pack("<BII", 1, 4, count) + b"".join(head + point.tobytes() for point in points)
    parts, count = struct.unpack_from("<II", content, 36)
    if not parts or not count:
        return None
    starts = np.frombuffer(content, "<i4", parts, 44).tolist()
    points = np.frombuffer(content, "<f8", 2 * count, 44 + 4 * parts).reshape(-1, 2)
    bounds = [*starts, count]
    if starts[0] != 0 or any(start > end for start, end in pairwise(bounds)):
        raise ValueError
    pieces = [points[start:end] for start, end in pairwise(bounds) if end > start]
    return _lines(pieces) if base == 3 else _polygon(pieces)


class _Shapes:
    """The records of a .shp in the order of its .shx; in their own order where there is none."""

    def __init__(self, file: IO[bytes], limits: Limits, *, seekable: bool):
        self._file, self._limits, self._seekable = file, limits, seekable
        head = file.read(_HEADER)
        if len(head) < _HEADER or struct.unpack_from(">i", head)[0] != _SIGNATURE:
            raise _broken(".shp: its header is cut or of another kind")
        self.end = struct.unpack_from(">i", head, 24)[0] * 2
        self.extent: tuple[float, float, float, float] = struct.unpack_from("<4d", head, 36)
        self._at = _HEADER

    def _read(self, size: int) -> bytes:
        found = self._file.read(size)
        self._at += len(found)
        if len(found) < size:
            raise _broken(".shp: it is cut before its end")
        return found

    def _go(self, place: int) -> None:
        if self._seekable:
            self._file.seek(place)
            self._at = place
        while self._at < place:
            self._read(min(place - self._at, 1 << 20))

    def _record(self, line: int) -> tuple[int, bytes]:
        number, words = struct.unpack(">ii", self._read(8))
        size = words * 2
        if size < 4:
            raise _broken(f".shp: record {line} has no length")
        if size > self._limits.row_bytes:
            raise BatchError("row_too_large", limit=f"{self._limits.row_bytes >> 20} Mo", line=line)
        return number, self._read(size)

    def in_order(self) -> Iterator[str | None]:
        """Give the shapes one after the other."""
        line = 0
        while self._at < self.end:
            line += 1
            number, content = self._record(line)
            if number != line:
                raise _broken(".shp: its records are not in order, and there is no .shx that says it")
            yield shape_of(content)

    def by_index(self, index: IO[bytes]) -> Iterator[str | None]:
        """Give the shapes in the order of a .shx."""
        for line, (place, size) in enumerate(_index(index), start=1):
            if not size:
                yield None
                continue
            self._go(place)
            yield shape_of(self._record(line)[1])


def _index(file: IO[bytes]) -> Iterator[tuple[int, int]]:
    """Give (place, size) in bytes of the records that a .shx lists. Raises BatchError."""
    head = file.read(_HEADER)
    if len(head) < _HEADER or struct.unpack_from(">i", head)[0] != _SIGNATURE:
        raise _broken(".shx: its header is cut or of another kind")
    left = struct.unpack_from(">i", head, 24)[0] * 2 - _HEADER
    while left >= 8:
        block = file.read(min(left // 8, 1 << 15) * 8)
        left -= len(block)
        if not block or len(block) % 8:
            raise _broken(".shx: it is cut before its end")
        for place, size in struct.iter_unpack(">ii", block):
            if place * 2 < _HEADER and size:
                raise _broken(".shx: it points outside the shapes")
            yield place * 2, size * 2


class ShapefileTable:
    """One Shapefile of a ZIP. Settings: `sheet` (which), `sheets` (those there are), `encoding`, `crs`.

    `crs` is None where nothing says what the coordinates are and they can't be guessed: the rows then have no place.
    """

    def __init__(self, source: Source, settings: dict[str, Any], limits: Limits):
        self.source, self.limits = source, limits
        layers = shapefiles(entry.filename for entry in check_archive(source, limits))
        sheet, self.problems = chosen_of(list(layers), settings.get("sheet"), next(iter(layers)))
        self._files = layers[sheet]
        with opened(source, limits) as archive:
            crs, said = self._system(archive, settings.get("crs"))
            rows, encoding = self._described(archive, settings.get("encoding"))
            self._ordered = self._is_ordered(archive)
        self.problems += said
        self.geographic = crs is not None
        self.settings: dict[str, Any] = {"sheet": sheet, "sheets": list(layers), "encoding": encoding, "crs": crs}
        self.headers = [name for name, _type in rows]
        self.names, changes = clean_headers(self.headers)
        self.problems += changes
        self.native: dict[str, ColumnType] = {
            name: kind for name, (_header, kind) in zip(self.names, rows, strict=True) if kind
        }

    def _beside(self, archive: Archive, ending: str) -> str | None:
        """Give the text of a small file that goes with the shapes."""
        if ending not in self._files:
            return None
        with archive.entry(self._files[ending]) as file:
            return file.read(1 << 16).decode("utf-8", "replace")

    def _system(self, archive: Archive, asked: int | str | None) -> tuple[int | str | None, list[Problem]]:
        with archive.entry(self._files["shp"]) as file:
            extent = _Shapes(file, self.limits, seekable=False).extent
        described = self._beside(archive, "prj")
        said = asked or (system_of(described) if described else None)
        if said:
            return said, []
        guess = system_of_extent(*extent)
        return guess, [unsaid(guess)]

    def _described(self, archive: Archive, asked: str | None) -> tuple[list[tuple[str, ColumnType | None]], str]:
        """Give the name and type of each column, and the encoding."""
        if "dbf" not in self._files:
            return [("id", ColumnType.INTEGER)], ""
        with archive.entry(self._files["dbf"]) as file:
            table = DbaseFile(file, asked, self._beside(archive, "cpg"))
        if table.left_out:
            self.problems.append(Problem("columns_left_out", {"names": ", ".join(table.left_out[:20])}))
        return list(zip(table.headers, table.types, strict=True)), table.encoding

    def _is_ordered(self, archive: Archive) -> bool:
        """Say whether the shapes come as their index lists them; programs put those that grew at the end."""
        if "shx" not in self._files:
            return True
        at = 0
        with archive.entry(self._files["shx"]) as file:
            for place, size in _index(file):
                if size and place < at:
                    return False
                at = place + size + 8 if size else at
        return True

    @contextmanager
    def _shapes(self, archive: Archive) -> Generator[Iterator[str | None]]:
        with ExitStack() as stack:
            file = stack.enter_context(archive.entry(self._files["shp"]))
            if not self._ordered:
                copy = stack.enter_context(TemporaryFile(prefix="lrtzc-batch-"))
                while block := file.read(1 << 20):
                    copy.write(block)
                copy.seek(0)
                file = copy
            shapes = _Shapes(file, self.limits, seekable=not self._ordered)
            if "shx" in self._files:
                yield shapes.by_index(stack.enter_context(archive.entry(self._files["shx"])))
            else:
                yield shapes.in_order()

    def frames(self) -> Iterator[Frame]:
        """Give the rows; positions count the records from 1, those that were deleted too."""
        with ExitStack() as stack:
            archive = stack.enter_context(opened(self.source, self.limits))
            shapes = stack.enter_context(self._shapes(archive))
            table: DbaseFile | None = None
            if "dbf" in self._files:
                file = stack.enter_context(archive.entry(self._files["dbf"]))
                table = DbaseFile(file, self.settings["encoding"], None)

            def rows() -> Iterator[tuple[int, list[str | None], str | None]]:
                if table is None:
                    for line, shape in enumerate(shapes, start=1):
                        yield line, [str(line)], shape
                    return
                without: list[str | None] = [None] * len(self.names)
                pairs = zip_longest(table.rows(), shapes, fillvalue=_NOTHING)
                for line, (row, shape) in enumerate(pairs, start=1):
                    if row is not None:
                        cells = without if row is _NOTHING else row
                        yield line, cells, None if shape is _NOTHING else shape

            total = table.count if table else None
            yield from chunked(self.names, rows(), self.limits.chunk_rows, geographic=self.geographic, total=total)
            if table is not None and table.mixed is not None:
                self.problems.append(table.mixed)

    def locate(self, positions: list[int]) -> dict[int, int]:
        """Give back the record numbers."""
        return {position: position for position in positions}


_NOTHING: Any = object()
