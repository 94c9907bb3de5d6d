"""ZIP files: bounds before anything is unpacked, and the one table inside."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path, PurePosixPath

from .limits import Limits, readable_size
from .problems import BatchError, Problem
from .tables import Source

_TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".ods", ".json", ".geojson", ".xml", ".parquet")


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
    bound = min(limits.zip_bytes, source.path.stat().st_size * limits.zip_ratio + (10 << 20))
    written = 0
    try:
        with zipfile.ZipFile(source.path) as archive, archive.open(chosen) as packed, target.open("wb") as out:
            while block := packed.read(1 << 20):
                written += len(block)
                if written > bound:
                    raise BatchError("zip_bomb", limit=readable_size(limits.zip_bytes))
                out.write(block)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise BatchError("bad_zip", reason=str(error)[:200]) from error
    return Source(target, PurePosixPath(chosen).name), chosen, problems
