"""Photos of people, small and square."""

import io
from typing import Any
from uuid import uuid4

from PIL import ImageOps
from werkzeug.datastructures import FileStorage

from ckanext.lrtzc.pictures import NoPicture, read_picture

__all__ = ["NoPicture", "redraw"]

SIDE = 256


def redraw(stream: Any) -> FileStorage:
    """Give a photo as a square PNG of 256 pixels.

    :raises NoPicture: where it can't be read as a picture.
    """
    made = io.BytesIO()
    ImageOps.fit(read_picture(stream), (SIDE, SIDE)).save(made, "PNG", optimize=True)
    made.seek(0)
    return FileStorage(made, filename=f"{uuid4()}.png", content_type="image/png")
