"""Pictures of reuses, drawn anew in two sizes."""

import io
from typing import Any

from PIL import Image, ImageOps

from ckanext.lrtzc.pictures import read_picture

LARGE, SMALL = (1200, 900), (320, 180)
"""Pixels: the most of the large one, all of the small one."""
_QUALITY = 75


def draw(stream: Any) -> tuple[bytes, bytes]:
    """Give a picture as WebP, large (its shape kept) and small (cut to 16:9).

    :raises ckanext.lrtzc.pictures.NoPicture: where it can't be read as one
    """
    picture = read_picture(stream)
    # Never drawn larger than it was sent.
    large = ImageOps.contain(picture, LARGE) if picture.width > LARGE[0] or picture.height > LARGE[1] else picture
    return _webp(large), _webp(ImageOps.fit(picture, SMALL))


def _webp(picture: Image.Image) -> bytes:
    made = io.BytesIO()
    picture.save(made, "WEBP", quality=_QUALITY)
    return made.getvalue()
