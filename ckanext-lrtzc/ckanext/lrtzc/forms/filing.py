"""Where files of answers, and of forms themselves, are kept: under the identifier of their form and their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import file_keeper as fk
from ckan.lib import files

from ckanext.lrtzc.forms.model import File, Media


def _storage() -> Any:
    return files.get_storage(tk.config["ckanext.lrtzc.forms.storage"])


def _location(form_id: str, file_id: str) -> fk.Location:
    return fk.Location(f"forms/{form_id}/{file_id}")


def put(file: File | Media, path: Path) -> None:
    """Keep the content of a file."""
    with path.open("rb") as content:
        upload = fk.Upload(content, file.id, file.size, file.mimetype)
        _storage().upload(_location(file.form_id, file.id), upload)


def remove(some: Iterable[File | Media]) -> None:
    """Erase what is kept of files; what isn't there is left."""
    storage = _storage()
    for file in some:
        with suppress(fk.exc.MissingFileError):
            storage.remove(fk.FileData(_location(file.form_id, file.id)))


def remove_all(form_id: str) -> None:
    """Erase all files of a form and of the answers to it."""
    storage = _storage()
    for name in list(storage.filtered_scan(prefix=f"forms/{form_id}/")):
        with suppress(fk.exc.MissingFileError):
            storage.remove(fk.FileData(fk.Location(str(name))))


def parts(file: File | Media) -> Iterator[bytes]:
    """Give the content of a file in parts, the first of which is read now.

    :raises file_keeper.exc.MissingFileError: where it is no longer there
    """
    stream = _storage().stream(fk.FileData(_location(file.form_id, file.id)))
    each = iter(stream)
    first = next(each, b"")

    def rest() -> Iterator[bytes]:
        try:
            yield first
            yield from each
        finally:
            if hasattr(stream, "close"):
                stream.close()

    return rest()
