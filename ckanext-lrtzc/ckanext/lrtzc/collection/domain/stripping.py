"""Photos without what they say of place, person and device: taken out of the file, the picture's own bytes untouched.

Parts of a file are kept by a list of those that draw the picture; all others go, known or not. What stands after the
end of the picture goes always: it is no part of it, and where a file that is two things at once hides the second.

Sources: ITU-T T.81 annex B (JPEG), RFC 2083 and PNG third edition (chunks), WebP container specification, TIFF 6.0.
"""

import struct
import zlib
from collections.abc import Callable, Iterator

_PNG_KEPT = frozenset(
    [
        b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs",
        b"cICP", b"acTL", b"fcTL", b"fdAT",
    ]
)  # fmt: skip
_WEBP_KEPT = frozenset([b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"])
_WEBP_EXIF, _WEBP_XMP = 0x08, 0x04


class Broken(ValueError):
    """The file isn't built as its format says."""


def cleaned(data: bytes, code: str, *, keep: bool, orientation: int = 1) -> bytes:
    """Give a photo's bytes without what follows the picture and, unless `keep`, without anything said beside it.

    :param code: `jpeg`, `png` or `webp`
    :param orientation: how it is turned (Exif 2.32, tag 0x0112), which is kept, so that it is shown as before
    :raises Broken: where the file can't be followed to its end
    """
    work: dict[str, Callable[[bytes, bool, int], bytes]] = {"jpeg": _jpeg, "png": _png, "webp": _webp}
    try:
        return work[code](data, keep, orientation if 1 < orientation <= 8 else 1)
    except (struct.error, IndexError) as error:
        raise Broken("the file ends too early") from error


def _exif(orientation: int) -> bytes:
    """Give the smallest TIFF structure that says how a picture is turned."""
    return b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)


def _jpeg(data: bytes, keep: bool, orientation: int) -> bytes:
    out = [b"\xff\xd8"]
    if not keep and orientation > 1:
        payload = b"Exif\0\0" + _exif(orientation)
        out.append(b"\xff\xe1" + struct.pack(">H", len(payload) + 2) + payload)
    place = 2
    while True:
        if data[place] != 0xFF:
            raise Broken("a marker is missing")
        marker = data[place + 1]
        if marker == 0xFF:
            place += 1
        elif marker == 0xD9:
            out.append(b"\xff\xd9")
            return b"".join(out)
        elif marker == 0x01 or 0xD0 <= marker <= 0xD8:
            raise Broken("a marker stands where none may")
        else:
            end = place + 2 + struct.unpack_from(">H", data, place + 2)[0]
            segment = data[place:end]
            if len(segment) != end - place:
                raise Broken("a segment is cut")
            if keep or _draws(marker, segment):
                out.append(segment)
            place = end
            if marker == 0xDA:
                place = _scan_end(data, end)
                out.append(data[end:place])


def _draws(marker: int, segment: bytes) -> bool:
    """Say whether a segment of a JPEG is needed to draw it: tables, frames, JFIF, colour profile, Adobe's transform."""
    if marker == 0xE0:
        return segment[4:9] == b"JFIF\0"
    if marker == 0xE2:
        return segment[4:16] == b"ICC_PROFILE\0"
    if marker == 0xEE:
        return segment[4:9] == b"Adobe"
    return not (0xE0 <= marker <= 0xEF or marker == 0xFE)


def _scan_end(data: bytes, place: int) -> int:
    """Give where the coded data of a scan ends: at a marker that is neither a stuffed byte nor a restart."""
    while True:
        place = data.find(b"\xff", place)
        if place < 0 or place + 1 >= len(data):
            raise Broken("the picture has no end")
        following = data[place + 1]
        if following == 0xFF:
            place += 1
        elif following == 0 or 0xD0 <= following <= 0xD7:
            place += 2
        else:
            return place


def _chunks(data: bytes, start: int, form: str, *, padded: bool) -> Iterator[tuple[bytes, int, int]]:
    """Give (name, start of the payload, its length) of each chunk: sizes first in PNG, names first in RIFF."""
    place = start
    while place + 8 <= len(data):
        first, second = struct.unpack_from(form, data, place)
        name, size = (first, second) if padded else (second, first)
        if place + 8 + size > len(data):
            raise Broken("a chunk is cut")
        yield name, place + 8, size
        place += 8 + size + (size & 1 if padded else 4)


def _png(data: bytes, keep: bool, orientation: int) -> bytes:
    out = [data[:8]]
    for name, start, size in _chunks(data, 8, ">I4s", padded=False):
        if keep or name in _PNG_KEPT:
            out.append(data[start - 8 : start + size + 4])
        if name == b"IHDR" and not keep and orientation > 1:
            out.append(_png_chunk(b"eXIf", _exif(orientation)))
        if name == b"IEND":
            return b"".join(out)
    raise Broken("the picture has no end")


def _png_chunk(name: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + name + payload + struct.pack(">I", zlib.crc32(name + payload))


def _webp(data: bytes, keep: bool, orientation: int) -> bytes:
    whole = data[: 8 + struct.unpack_from("<I", data, 4)[0]]
    out: list[bytes] = []
    extended = False
    for name, start, size in _chunks(whole, 12, "<4sI", padded=True):
        payload = whole[start : start + size]
        if name == b"VP8X" and not keep:
            extended = True
            flags = payload[0] & ~(_WEBP_EXIF | _WEBP_XMP) | (_WEBP_EXIF if orientation > 1 else 0)
            payload = bytes([flags]) + payload[1:]
        if keep or name in _WEBP_KEPT:
            out.append(_riff_chunk(name, payload))
    if not keep and extended and orientation > 1:
        out.append(_riff_chunk(b"EXIF", _exif(orientation)))
    body = b"WEBP" + b"".join(out)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _riff_chunk(name: bytes, payload: bytes) -> bytes:
    return name + struct.pack("<I", len(payload)) + payload + (b"\0" if len(payload) & 1 else b"")
