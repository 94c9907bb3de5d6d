"""Pictures that people send: read as pictures, drawn anew, nothing else of the file kept. No room, and no plug-in."""

import io
import warnings
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

# Bytes and pixels above which a picture isn't read.
LARGEST = 8 * 1024 * 1024
_PIXELS = 40_000_000
FORMATS = ("JPEG", "PNG", "GIF", "WEBP")


class NoPicture(ValueError):
    """The file isn't a picture that can be read."""


def read_picture(stream: Any) -> Image.Image:
    """Give a picture upright, in RGB, without place, date or device: only what is seen of it.

    :param stream: a file open for reading, in bytes
    :raises NoPicture: where it isn't a JPEG, PNG, GIF or WebP picture of at most 8 MB and 40 million pixels.
    """
    content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise NoPicture("large")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
                if picture.width * picture.height > _PIXELS:
                    raise NoPicture("large")
                return ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Warning, Image.DecompressionBombError) as error:
        raise NoPicture("unreadable") from error
