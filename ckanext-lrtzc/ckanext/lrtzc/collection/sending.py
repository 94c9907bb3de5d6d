"""Files that were sent together, as the one archive that a batch keeps."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

import ckan.plugins.toolkit as tk
from werkzeug.datastructures import FileStorage

from ckanext.lrtzc.batches.api import BatchError, look_at, safe_name
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


def is_infected(error: BaseException | None) -> bool:
    """Say whether an error is that the antivirus refused what was sent."""
    return isinstance(error, BatchError) and error.problem.code == "infected"


def infected(files: list[FileStorage]) -> list[str]:
    """Give the names of the files sent together that the antivirus refuses; of one alone its refusal says enough."""
    found: list[str] = []
    for file in files if len(files) > 1 else ():
        file.stream.seek(0)
        with NamedTemporaryFile(prefix="lrtzc-collection-") as copy:
            shutil.copyfileobj(file.stream, copy, _BLOCK)
            copy.flush()
            try:
                look_at(Path(copy.name))
            except BatchError as error:
                if is_infected(error):
                    found.append(safe_name(file.filename or ""))
    return found


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
