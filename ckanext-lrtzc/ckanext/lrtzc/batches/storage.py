"""Where the raw form of batches is kept, and how it is received: counted, hashed, looked at, under a name of ours."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePath
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import IO, Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import file_keeper as fk
import sqlalchemy as sa
from ckan.lib import files, uploader

from .antivirus import look_at
from .domain.limits import Limits, readable_size
from .domain.problems import BatchError
from .model import Batch, Small

SMALL = "small"
"""How the location of a raw form begins that stands in the database."""
_BLOCK = 1 << 20


def limits() -> Limits:
    """Give the bounds that the configuration sets."""
    unpacked = int(tk.config["ckanext.lrtzc.batches.unpacked_size"]) << 20
    return Limits(
        file_bytes=max_size(), zip_bytes=unpacked, analysis_rows=int(tk.config["ckanext.lrtzc.batches.analysis_rows"])
    )


def max_size() -> int:
    """Give the size of the largest file accepted, in bytes (CKAN's own `ckan.max_resource_size`)."""
    return uploader.get_max_resource_size() << 20


def safe_name(name: str) -> str:
    r"""Give a file name without folder, control or invisible characters, 100 characters at most.

    >>> safe_name("..\\..\\Fréquentation 2024 <b>.csv")
    'Fréquentation 2024 b.csv'
    """
    name = PurePath(name.replace("\\", "/")).name
    name = unicodedata.normalize("NFC", name)
    name = re.sub(r"[^\w\s.,()+&'’=@%-]|[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]", "", name)
    name = re.sub(r"\s+", " ", name).strip(" .")
    stem, dot, extension = name.rpartition(".")
    if dot and len(name) > 100:
        name = f"{stem[: 99 - len(extension)]}.{extension[:20]}"
    return name[:100] or "fichier"


def store() -> Any:
    """Give the storage of the batches."""
    return files.get_storage(tk.config["ckanext.lrtzc.batches.storage"])


@dataclass(frozen=True)
class Received:
    """A file kept: where, how large (bytes), and its SHA-256 in hexadecimal."""

    location: str
    size: int
    sha256: str


def receive(stream: IO[bytes], batch_id: str, name: str) -> Received:
    """Keep what `stream` gives. Raises BatchError where it is too large or the antivirus refuses it."""
    bound = max_size()
    digest, size = hashlib.sha256(), 0
    with NamedTemporaryFile(prefix="lrtzc-batch-") as copy:
        while block := stream.read(_BLOCK):
            size += len(block)
            if size > bound:
                raise BatchError("too_large", limit=readable_size(bound))
            digest.update(block)
            copy.write(block)
        copy.flush()
        if not size:
            raise BatchError("empty_file")
        look_at(Path(copy.name))
        copy.seek(0)
        path = put(f"batches/{batch_id}/raw", copy, size, name)
    return Received(f"batch:{path}", size, digest.hexdigest())


def put(path: str, content: Any, size: int, name: str) -> str:
    """Keep `size` bytes of `content` at a place of the batches' storage, which is given back."""
    storage = store()
    location = fk.Location(path)
    storage.upload(location, fk.Upload(content, safe_name(name), size, "application/octet-stream"))
    return path


def put_refused(batch_id: str, lines: Iterator[bytes]) -> str:
    """Keep the list of refused rows; give its path."""
    with NamedTemporaryFile(prefix="lrtzc-batch-") as out:
        for line in lines:
            out.write(line)
        size = out.tell()
        out.seek(0)
        return put(f"batches/{batch_id}/refused.csv", out, size, "refused.csv")


def read_refused(batch_id: str) -> Iterator[bytes] | None:
    """Give the list of refused rows in parts, or None where there is none."""
    storage = store()
    data = fk.FileData(fk.Location(f"batches/{batch_id}/refused.csv"))
    if not storage.exists(data):
        return None
    return _parts(storage, data)


def _parts(storage: Any, data: fk.FileData) -> Iterator[bytes]:
    stream = storage.stream(data)
    try:
        yield from stream
    finally:
        if hasattr(stream, "close"):
            stream.close()


def _resource_file(resource_id: str) -> tuple[Any, str]:
    """Give the storage (None for CKAN's classic folder) and the place of a resource's file."""
    upload = uploader.get_resource_uploader({"id": resource_id, "url_type": "upload"})
    path = str(upload.get_path(resource_id))
    return getattr(upload, "storage", None), path


@contextmanager
def local_file(batch: Batch) -> Generator[Path]:
    """Give the raw form as a file of this machine. Raises BatchError where it is no longer there."""
    kind, _, place = batch.location.partition(":")
    if kind == SMALL:
        with NamedTemporaryFile(prefix="lrtzc-batch-") as copy:
            copy.write(_small(batch.id))
            copy.flush()
            yield Path(copy.name)
        return
    storage: Any
    storage, path = (store(), place) if kind == "batch" else _resource_file(place)
    if storage is None or not hasattr(storage, "stream"):
        if not Path(path).is_file():
            raise BatchError("file_gone")
        yield Path(path)
        return
    with _local(storage, path) as local:
        if local is None:
            raise BatchError("file_gone")
        yield local


@contextmanager
def as_local(path: str) -> Generator[Path | None]:
    """Give what stands at a place of the batches' storage as a file of this machine; None where nothing does."""
    with _local(store(), path) as local:
        yield local


@contextmanager
def _local(storage: Any, path: str) -> Generator[Path | None]:
    data = fk.FileData(fk.Location(path))
    if not storage.exists(data):
        yield None
        return
    if isinstance(storage, fk.adapters["ckan:fs"]):
        yield Path(storage.full_path(fk.Location(path)))
        return
    with TemporaryDirectory(prefix="lrtzc-batch-") as folder:
        local = Path(folder) / "raw"
        with local.open("wb") as out:
            for block in _parts(storage, data):
                out.write(block)
        yield local


def put_seen(batch_id: str, number: int, picture: Path) -> None:
    """Keep a small picture (WebP) that those who decide on a batch are shown."""
    with picture.open("rb") as content:
        put(_seen(batch_id, number), content, picture.stat().st_size, f"{number}.webp")


def read_seen(batch_id: str, number: int) -> bytes | None:
    """Give such a picture; None where there is none."""
    storage, data = store(), fk.FileData(fk.Location(_seen(batch_id, number)))
    return b"".join(_parts(storage, data)) if storage.exists(data) else None


def forget_seen(batch_id: str) -> None:
    """Remove what those who decide on a batch were shown."""
    storage = store()
    for name in list(storage.filtered_scan(prefix=f"batches/{batch_id}/seen/")):
        with suppress(fk.exc.MissingFileError):
            storage.remove(fk.FileData(fk.Location(str(name))))


def _seen(batch_id: str, number: int) -> str:
    return f"batches/{batch_id}/seen/{number}.webp"


def _small(batch_id: str) -> bytes:
    content = model.Session.scalar(sa.select(Small.content).where(Small.batch_id == batch_id))
    if content is None:
        raise BatchError("file_gone")
    return bytes(content)


def forget(batch_id: str) -> None:
    """Remove what is kept of a batch; what stands in the database goes with the caller's commit."""
    model.Session.execute(sa.delete(Small).where(Small.batch_id == batch_id))
    storage = store()
    for name in ("raw", "refused.csv"):
        with suppress(fk.exc.MissingFileError):
            storage.remove(fk.FileData(fk.Location(f"batches/{batch_id}/{name}")))
    forget_seen(batch_id)


def digest_of(path: Path) -> str:
    """Give the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
