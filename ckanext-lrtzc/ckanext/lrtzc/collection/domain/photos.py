"""Photos: what is said in them, a small picture, and the file as it is kept."""

import contextlib
import datetime as dt
import math
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

from ckanext.lrtzc.collection.domain.kinds import Format
from ckanext.lrtzc.collection.domain.outcome import Outcome
from ckanext.lrtzc.collection.domain.problems import Code, Refused
from ckanext.lrtzc.collection.domain.stripping import Broken, cleaned

SIDE = 360
"""Pixels of the longer side of a small picture."""
#: Pixels above which a picture isn't read. A JPEG is read at an eighth of its size, unless it is progressive, whose
#: coefficients are all held at once.
_PIXELS, _PIXELS_AT_ONCE = 120_000_000, 50_000_000
_EXIF, _GPS = 0x8769, 0x8825
_ORIENTATION, _TAKEN, _CHANGED = 0x0112, 0x9003, 0x0132


def read(path: Path, form: Format, folder: Path, *, strip: bool) -> Outcome:
    """Look at a photo, and put into `folder` what is kept of it: the file, and a small picture in WebP.

    :param strip: take out of it all that isn't the picture, its position first
    :raises Refused: where it can't be read as a picture, has too many pixels, or a position can't be taken out of it
    """
    outcome = Outcome(form.code)
    orientation, said_where = _look(path, form, folder, outcome)
    data = path.read_bytes()
    size = len(data.rstrip(b"\0"))
    try:
        kept = cleaned(data, form.code, keep=True)
        del data
        if size > len(kept):
            outcome.said.append(Code.TRAILING)
        if strip:
            kept = cleaned(kept, form.code, keep=False, orientation=orientation)
    except Broken as error:
        raise Refused(Code.UNREADABLE) from error
    if strip:
        if said_where:
            outcome.said.append(Code.POSITION_REMOVED)
        outcome.longitude = outcome.latitude = None
    target = folder / "kept"
    target.write_bytes(kept)
    if strip and says_where(target, form):
        raise Refused(Code.NOT_STRIPPED)
    outcome.file = str(target)
    return outcome


def _look(path: Path, form: Format, folder: Path, outcome: Outcome) -> tuple[int, bool]:
    """Read a picture once: size, date, place, a small one; give how it is turned, and whether it says where."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            Image.MAX_IMAGE_PIXELS = None  # ours is judged before a pixel is read
            with Image.open(path, formats=(form.code.upper(),)) as picture:
                _judge(picture, form)
                exif = picture.getexif()
                orientation = int(exif.get(_ORIENTATION) or 1)
                where = _where(exif)
                outcome.taken = _taken(exif)
                turned = 5 <= orientation <= 8
                outcome.width, outcome.height = picture.size[::-1] if turned else picture.size
                if where:
                    outcome.longitude, outcome.latitude = where
                mentions = where is not None or bool(exif.get_ifd(_GPS)) or _xmp_says_where(picture)
                outcome.picture = _small(picture, folder)
    except Refused:
        raise
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        EOFError,
    ) as error:
        raise Refused(Code.UNREADABLE) from error
    except (OverflowError, ZeroDivisionError, AttributeError, Image.DecompressionBombError) as error:
        raise Refused(Code.UNREADABLE) from error
    return orientation, mentions


def _judge(picture: Image.Image, form: Format) -> None:
    at_once = form.code != "jpeg" or bool(picture.info.get("progressive"))
    limit = _PIXELS_AT_ONCE if at_once else _PIXELS
    if picture.width * picture.height > limit or getattr(picture, "n_frames", 1) > 500:
        raise Refused(Code.TOO_MANY_PIXELS, limit=limit // 1_000_000)


def _small(picture: Image.Image, folder: Path) -> str:
    """Draw a small picture, turned upright, without anything said beside it; give its path."""
    picture.draft("RGB", (SIDE * 2, SIDE * 2))
    small = picture.copy() if picture.width <= SIDE * 2 else picture
    small.thumbnail((SIDE * 2, SIDE * 2), Image.Resampling.BOX, reducing_gap=2.0)
    upright = ImageOps.exif_transpose(small)
    mode = "RGBA" if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info else "RGB"
    drawn = upright.convert(mode)
    drawn.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    bare = Image.new(mode, drawn.size)
    bare.paste(drawn)
    target = folder / "small"
    bare.save(target, "WEBP", quality=62, method=4)
    return str(target)


def says_where(path: Path, form: Format) -> bool:
    """Say whether a photo still tells where it was taken."""
    with Image.open(path, formats=(form.code.upper(),)) as picture:
        return bool(picture.getexif().get_ifd(_GPS)) or _xmp_says_where(picture)


def _xmp_says_where(picture: Image.Image) -> bool:
    said = picture.info.get("xmp") or b""
    text = said.encode("utf-8", "replace") if isinstance(said, str) else bytes(said)
    others = " ".join(str(value)[:100_000] for key, value in picture.info.items() if key not in ("exif", "icc_profile"))
    return b"GPSL" in text or "GPSL" in others


def _taken(exif: Image.Exif) -> str | None:
    """Give when it was taken, as the camera's clock said: ISO 8601 without a zone."""
    for value in (exif.get_ifd(_EXIF).get(_TAKEN), exif.get(_CHANGED)):
        with contextlib.suppress(TypeError, ValueError):
            moment = dt.datetime.strptime(str(value).strip("\0 ")[:19], "%Y:%m:%d %H:%M:%S")
            if 1826 <= moment.year <= 2200:
                return moment.isoformat()
    return None


def _where(exif: Image.Exif) -> tuple[float, float] | None:
    """Give longitude and latitude in degrees (WGS 84); None where it isn't said, or not sensibly (Exif 2.32, 4.6.6)."""
    gps: Mapping[int, Any] = exif.get_ifd(_GPS)
    try:
        latitude = _degrees(gps[2]) * (-1 if str(gps.get(1, "N")).upper().startswith("S") else 1)
        longitude = _degrees(gps[4]) * (-1 if str(gps.get(3, "E")).upper().startswith("W") else 1)
    except (KeyError, TypeError, ValueError, ZeroDivisionError, IndexError):
        return None
    sensible = math.isfinite(latitude) and math.isfinite(longitude) and abs(latitude) <= 90 and abs(longitude) <= 180
    return (round(longitude, 7), round(latitude, 7)) if sensible and (longitude or latitude) else None


def _degrees(value: Any) -> float:
    degrees, minutes, seconds = (float(part) for part in value)
    return degrees + minutes / 60 + seconds / 3600
