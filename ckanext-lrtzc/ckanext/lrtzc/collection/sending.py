"""Files that were sent together, as the one archive that a batch keeps."""

from __future__ import annotations

import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from tempfile import NamedTemporaryFile
from typing import IO, Any

import ckan.plugins.toolkit as tk
from werkzeug.datastructures import FileStorage

from ckanext.lrtzc.batches.api import safe_name
from ckanext.lrtzc.collection.domain.archive import free_name

_BLOCK = 1 << 20
#: How an archive begins: with a file, or with its end where it holds none.
_ARCHIVE = (b"PK\x03\x04", b"PK\x05\x06")


@contextmanager
def raw_form(files: list[FileStorage]) -> Generator[tuple[IO[bytes], str]]:
    """Give what a batch keeps of files, and its name: an archive sent alone as it is, all else packed in one."""
    first = files[0]
    if len(files) == 1 and _is_archive(first):
        yield first.stream, safe_name(first.filename or "")
        return
    with NamedTemporaryFile(prefix="lrtzc-collection-") as packed:
        taken: set[str] = set()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as made:
            for file in files:
                info = zipfile.ZipInfo(free_name(safe_name(file.filename or ""), taken))
                with made.open(info, "w", force_zip64=True) as out:
                    while block := file.stream.read(_BLOCK):
                        out.write(block)
        packed.seek(0)
        yield packed, _name(files)


def _is_archive(file: FileStorage) -> bool:
    """Say whether a file is an archive of files, rather than a document that is one inside."""
    head = file.stream.read(4)
    file.stream.seek(0)
    return head in _ARCHIVE and (file.filename or "").lower().endswith(".zip")


def _name(files: list[Any]) -> str:
    first = safe_name(files[0].filename or "")
    if len(files) == 1:
        return first
    others = len(files) - 1
    return tk.ungettext("{name} and {n} other", "{name} and {n} others", others).format(name=first[:60], n=others)
