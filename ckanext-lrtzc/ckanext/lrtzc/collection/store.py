"""Where files and their small pictures are kept: under the identifier of their collection and their sum."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import file_keeper as fk
from ckan.lib import files

SMALL = ".webp"
"""What is added to the name of a file for that of its small picture."""


def _storage() -> Any:
    return files.get_storage(tk.config["ckanext.lrtzc.collection.storage"])


def place_of(collection_id: str, sha256: str, *, small: bool = False) -> str:
    """Give the name under which a file is kept, or its small picture."""
    return f"collections/{collection_id}/{sha256}{SMALL if small else ''}"


def put(place: str, path: Path, mimetype: str) -> bool:
    """Keep a file under a name made of its sum; give whether it wasn't there yet."""
    storage = _storage()
    location = fk.Location(place)
    if storage.exists(fk.FileData(location)):
        return False
    with path.open("rb") as content:
        storage.upload(location, fk.Upload(content, path.name, path.stat().st_size, mimetype))
    return True


def remove(places: Iterable[str]) -> None:
    """Remove what is kept under these names; what isn't there is left."""
    storage = _storage()
    for place in places:
        with suppress(fk.exc.MissingFileError):
            storage.remove(fk.FileData(fk.Location(place)))


def remove_all(collection_id: str) -> None:
    """Remove all that is kept of a collection."""
    storage = _storage()
    remove([str(name) for name in list(storage.filtered_scan(prefix=f"collections/{collection_id}/"))])


def local_path(place: str) -> Path | None:
    """Give the path of a file where the storage is a folder of this machine, None elsewhere."""
    storage = _storage()
    return Path(storage.full_path(fk.Location(place))) if isinstance(storage, fk.adapters["ckan:fs"]) else None


def parts(place: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """Give a file, or its bytes from `start` to before `end`, in parts.

    :raises file_keeper.exc.MissingFileError: where it is no longer there
    """
    storage = _storage()
    data = fk.FileData(fk.Location(place))
    stream = storage.stream(data) if (start, end) == (0, None) else storage.range(data, start, end)
    try:
        yield from stream
    finally:
        if hasattr(stream, "close"):
            stream.close()


def can_range() -> bool:
    """Say whether the storage gives a part of a file."""
    return bool(_storage().supports(fk.Capability.RANGE))
