"""ZIP files: bounds before anything is unpacked, and the one table inside."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

from .limits import Limits, readable_size
from .problems import BatchError, Problem
from .tables import Source

_TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".ods", ".json", ".geojson", ".xml", ".parquet", ".gpkg", ".siard")
BROKEN_ENTRY = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)
"""What the standard library raises of entries that are broken, cut or packed in a way it doesn't know."""


def check_archive(source: Source, limits: Limits) -> list[zipfile.ZipInfo]:
    """Give the entries of a ZIP that is safe to unpack; raise BatchError when it isn't.

    Bounds: number of entries, sizes declared, the ratio of sizes, names that leave the folder, passwords.
    Declared sizes may lie: `unpack` counts what comes out.
    """
    try:
        with zipfile.ZipFile(source.path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise BatchError("bad_zip", reason=str(error)[:200]) from error
    if len(entries) > limits.zip_entries:
        raise BatchError("zip_entries", count=len(entries), limit=limits.zip_entries)
    packed = max(source.path.stat().st_size, 1)
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > limits.zip_bytes or (unpacked > 10 << 20 and unpacked > packed * limits.zip_ratio):
        raise BatchError("zip_bomb", limit=readable_size(limits.zip_bytes))
    for entry in entries:
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
            raise BatchError("zip_unsafe_name", name=entry.filename[:100])
        if entry.flag_bits & 0x1:
            raise BatchError("zip_encrypted")
    return entries


def candidates(entries: list[zipfile.ZipInfo]) -> list[str]:
    """Give the names of the entries that may be tables, the files of systems left out."""
    names = [entry.filename for entry in entries if entry.filename.lower().endswith(_TABLES)]
    return [name for name in names if not name.startswith("__MACOSX/") and not PurePosixPath(name).name.startswith(".")]


def shapefiles(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Give the Shapefiles among the names of a ZIP: by what their files are called, that of each ending (`shp`…)."""
    found: dict[str, dict[str, str]] = {}
    for name in names:
        path = PurePosixPath(name)
        if path.name and not name.startswith("__MACOSX/") and not path.name.startswith("."):
            found.setdefault(str(path.with_suffix("")), {}).setdefault(path.suffix[1:].lower(), name)
    return {stem: files for stem, files in found.items() if "shp" in files}


def unpack(source: Source, entry: str | None, folder: Path, limits: Limits) -> tuple[Source, str, list[Problem]]:
    """Unpack one table into `folder`, under a name of ours; give it, its name in the ZIP and what to say.

    Raises BatchError; never writes more than the bound whatever the entry declares.
    """
    names = candidates(check_archive(source, limits))
    if not names or (entry is not None and entry not in names):
        raise BatchError("zip_nothing")
    chosen = entry or names[0]
    problems = [] if entry or len(names) == 1 else [Problem("zip_several", {"names": ", ".join(names[:10])})]
    target = folder / "unpacked"
    with opened(source, limits) as archive, archive.entry(chosen) as packed, target.open("wb") as out:
        while block := packed.read(1 << 20):
            out.write(block)
    return Source(target, PurePosixPath(chosen).name), chosen, problems


class Archive:
    """A ZIP whose entries are read in place; none gives more than the bound, whatever it declares."""

    def __init__(self, archive: zipfile.ZipFile, bound: int, told: int):
        self._archive, self._bound, self._told = archive, bound, told

    def size(self, name: str) -> int:
        """Give the size of an entry in bytes, as declared."""
        return self._archive.getinfo(name).file_size

    @contextmanager
    def entry(self, name: str) -> Generator[IO[bytes]]:
        """Open an entry. Raises BatchError, also from its `read`."""
        try:
            with self._archive.open(name) as packed:
                yield io.BufferedReader(_Counted(packed, self._bound, self._told), 1 << 16)
        except BROKEN_ENTRY as error:
            raise BatchError("bad_zip", reason=str(error)[:200]) from error


class _Counted(io.RawIOBase):
    """Gives what an entry holds until it is more than it should."""

    def __init__(self, packed: IO[bytes], left: int, told: int):
        self._packed, self._left, self._told = packed, left, told

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        block = self._packed.read(len(buffer))
        self._left -= len(block)
        if self._left < 0:
            raise BatchError("zip_bomb", limit=readable_size(self._told))
        buffer[: len(block)] = block
        return len(block)


@contextmanager
def opened(source: Source, limits: Limits) -> Generator[Archive]:
    """Open a ZIP that `check_archive` let through, to read its entries in place. Raises BatchError."""
    bound = min(limits.zip_bytes, source.path.stat().st_size * limits.zip_ratio + (10 << 20))
    try:
        archive = zipfile.ZipFile(source.path)
    except (*BROKEN_ENTRY, ValueError) as error:
        raise BatchError("bad_zip", reason=str(error)[:200]) from error
    with archive:
        yield Archive(archive, bound, limits.zip_bytes)
