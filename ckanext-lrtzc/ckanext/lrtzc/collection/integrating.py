"""How a batch of files becomes part of a collection: each looked at apart, all of them there at one commit."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.model.types import make_uuid

from ckanext.lrtzc.batches.api import (
    BROKEN_ENTRY,
    BatchError,
    BatchKind,
    Integrated,
    Limits,
    Piece,
    Source,
    check_archive,
    look_at,
    put_seen,
    readable_size,
    safe_name,
)
from ckanext.lrtzc.collection import publishing, store
from ckanext.lrtzc.collection.domain.archive import Entry, entries, free_name
from ckanext.lrtzc.collection.domain.kinds import FORMATS, Kind
from ckanext.lrtzc.collection.domain.outcome import Outcome
from ckanext.lrtzc.collection.domain.problems import Code, Refused
from ckanext.lrtzc.collection.model import Collection, File, now
from ckanext.lrtzc.collection.reading import Reader

log = logging.getLogger(__name__)

NAME = "collection"
"""The name of this kind of batch."""
REPLACES = "replaces"
"""Where a batch says which file it replaces, by its identifier."""
LISTED = 1_000
"""Files of which a report says one by one what became of them; the counts are of all."""
PICTURED = 48
"""Files of which those who decide on a batch see a small picture."""
_BLOCK = 1 << 20
_AT_ONCE = 100
_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 6))")


def limits() -> Limits:
    """Give the bounds that the configuration sets."""
    unpacked = int(tk.config["ckanext.lrtzc.batches.unpacked_size"]) << 20
    return Limits(zip_bytes=unpacked, zip_entries=int(tk.config["ckanext.lrtzc.collection.files"]))


def file_bytes() -> int:
    """Give the size of the largest file of a collection, in bytes."""
    return int(tk.config["ckanext.lrtzc.collection.file_size"]) << 20


class CollectionBatches(BatchKind):
    """Batches of files, as an archive: the one that was sent, or made of the files sent together."""

    def look(self, piece: Piece, raw: Path) -> dict[str, Any]:
        """Count the files. Raises BatchError where the archive is unsafe, too large or empty."""
        found = _entries(raw)
        if not found:
            raise BatchError("no_file")
        return {"files": len(found), "size": sum(one.size for one in found)}

    def seen(self, piece: Piece, raw: Path) -> dict[str, Any]:
        """Name the first files that would come in, with their sizes in bytes; of some make small pictures.

        :returns: `files`, each with `name`, `size` and whether there is a `picture`; `places` of photos that keep
            theirs
        """
        found = _entries(raw)[:LISTED]
        seen: dict[str, Any] = {
            "files": [{"name": safe_name(one.name), "size": one.size, "picture": False} for one in found]
        }
        collection = Collection.get(piece.resource_id)
        if collection is None:
            return seen
        places: list[dict[str, Any]] = []
        with zipfile.ZipFile(raw) as archive, Reader() as reader:
            for number, entry in enumerate(found[:PICTURED]):
                outcome = _previewed(collection, archive, entry, reader, piece.id, number)
                if outcome is None:
                    continue
                seen["files"][number]["picture"] = bool(outcome.picture)
                if outcome.longitude is not None and outcome.latitude is not None:
                    places.append({"type": "Point", "coordinates": [outcome.longitude, outcome.latitude]})
        return seen | ({"places": places} if places else {})

    def integrate(self, piece: Piece, raw: Path, tell: Callable[[str, float], None]) -> Integrated:
        """Add the files to their collection. Raises BatchError where none can be taken."""
        model.Session.execute(_LOCK, {"name": f"collection {piece.resource_id}"})
        collection = Collection.get(piece.resource_id)
        if collection is None:
            raise BatchError("collection_gone")
        taking = _Taking(piece, collection)
        try:
            with zipfile.ZipFile(raw) as archive, Reader() as reader:
                found = _entries(raw)
                for number, entry in enumerate(found):
                    tell("loading", number / len(found))
                    taking.take(archive, entry, reader)
            report = taking.end()
            publishing.publish(collection, piece)
        except BaseException:
            model.Session.rollback()
            store.remove(taking.put)
            raise
        store.remove(taking.replaced)
        return Integrated(report, erase_raw=taking.counts["stripped"] > 0)


def _previewed(
    collection: Collection, archive: zipfile.ZipFile, entry: Entry, reader: Reader, batch_id: str, number: int
) -> Outcome | None:
    """Keep a small picture of a file for those who decide on its batch; None where it would not be taken."""
    if entry.is_link:
        return None
    with TemporaryDirectory(prefix="lrtzc-collection-") as name:
        folder = Path(name)
        try:
            _unpack(archive, entry, folder / "sent")
            _look(folder / "sent")
            kind, strip = Kind(collection.kind), not collection.keeps_position
            outcome = reader.read(folder / "sent", kind, folder, strip=strip, name=safe_name(entry.name))
        except Refused:
            return None
        if outcome.picture:
            put_seen(batch_id, number, Path(outcome.picture))
        return outcome


def _entries(raw: Path) -> list[Entry]:
    return entries(check_archive(Source(raw, raw.name), limits()))


@dataclass
class _Taking:
    """One run over a batch's files."""

    piece: Piece
    collection: Collection
    put: list[str] = field(default_factory=list[str])
    replaced: list[str] = field(default_factory=list[str])
    counts: Counter[str] = field(default_factory=Counter[str])
    listed: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    rows: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def __post_init__(self) -> None:
        # a worker cut off between the files' commit and the batch's: what it brought in is brought in again
        replaced = self.piece.given.get(REPLACES)
        if not replaced:
            own = sa.delete(File).where(File.batch_id == self.piece.id)
            model.Session.execute(own, execution_options={"synchronize_session": False})
        query = sa.select(File.id, File.name, File.sha256, File.sent_sha256)
        query = query.where(File.collection_id == self.collection.resource_id)
        known = model.Session.execute(query).all()
        self.old: Any = None
        if replaced:
            self.old = model.Session.get(File, replaced)
            if self.old is None or self.old.collection_id != self.collection.resource_id:
                raise BatchError("collection_gone")
        self.names = {str(name).lower() for id_, name, _kept, _sent in known if id_ != replaced}
        self.sums = {each for _id, _name, kept, sent in known for each in (kept, sent)}

    def take(self, archive: zipfile.ZipFile, entry: Entry, reader: Reader) -> None:
        """Take one file, or note why not."""
        self.counts["received"] += 1
        name = safe_name(entry.name)
        with TemporaryDirectory(prefix="lrtzc-collection-") as folder:
            try:
                self._take(archive, entry, name, Path(folder), reader)
            except Refused as refused:
                self.counts["duplicates" if refused.code is Code.DUPLICATE else "refused"] += 1
                self._note(name, refused.code, refused.params)

    def _take(self, archive: zipfile.ZipFile, entry: Entry, name: str, folder: Path, reader: Reader) -> None:
        if entry.is_link:
            raise Refused(Code.LINK)
        if self.old is not None and self.counts["kept"]:
            raise Refused(Code.OTHER_KIND, found="several")
        sent = folder / "sent"
        sum_ = _unpack(archive, entry, sent)
        if sum_ in self.sums:
            raise Refused(Code.DUPLICATE)
        _look(sent)
        strip = not self.collection.keeps_position
        outcome = reader.read(sent, Kind(self.collection.kind), folder, strip=strip, name=name)
        kept = Path(outcome.file) if outcome.file else sent
        kept_sum = _sum(kept) if outcome.file else sum_
        if kept_sum in self.sums:
            raise Refused(Code.DUPLICATE)
        self.sums |= {sum_, kept_sum}
        self._keep(kept, kept_sum, outcome)
        self._add(self._name(name, outcome), kept.stat().st_size, kept_sum, sum_, outcome)

    def _name(self, name: str, outcome: Outcome) -> str:
        fitting = FORMATS[outcome.format].name_for(name)
        if fitting != name:
            outcome.said.append(Code.RENAMED)
        free = free_name(fitting, self.names)
        if free != fitting:
            outcome.said.append(Code.SAME_NAME)
        for code in outcome.said:
            if code is Code.POSITION_REMOVED:
                self.counts["stripped"] += 1
            elif code is not Code.NO_TEXT:
                self._note(name, code, {"name": free})
        return free

    def _keep(self, kept: Path, sum_: str, outcome: Outcome) -> None:
        id_ = self.collection.resource_id
        pairs = [(store.place_of(id_, sum_), kept, FORMATS[outcome.format].mimetype)]
        if outcome.picture:
            pairs.append((store.place_of(id_, sum_, small=True), Path(outcome.picture), "image/webp"))
        for place, path, mimetype in pairs:
            if store.put(place, path, mimetype):
                self.put.append(place)

    def _add(self, name: str, size: int, sum_: str, sent_sum: str, outcome: Outcome) -> None:
        self.counts["kept"] += 1
        row = {
            "batch_id": self.piece.id,
            "name": name,
            "format": outcome.format,
            "size": size,
            "sha256": sum_,
            "sent_sha256": sent_sum,
            "has_picture": bool(outcome.picture),
            "added": now(),
            "taken": dt.datetime.fromisoformat(outcome.taken) if outcome.taken else None,
            "width": outcome.width,
            "height": outcome.height,
            "longitude": outcome.longitude,
            "latitude": outcome.latitude,
            "pages": outcome.pages,
            "duration": outcome.duration,
            "title": outcome.title,
            "words": outcome.words,
        }
        if self.old is not None:
            self.replaced = [place for place in places_of(self.old) if sum_ != self.old.sha256]
            model.Session.execute(sa.update(File).where(File.id == self.old.id).values(row))
            return
        self.rows.append({"id": make_uuid(), "collection_id": self.collection.resource_id, "caption": "", **row})
        if len(self.rows) >= _AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        """Write the rows so far into the transaction, so that ten thousand are never held at once."""
        if self.rows:
            model.Session.execute(sa.insert(File), self.rows)
            self.rows = []

    def _note(self, name: str, code: Code, params: dict[str, Any]) -> None:
        if len(self.listed) < LISTED:
            self.listed.append({"name": name, "code": code.value, "params": params})

    def end(self) -> dict[str, Any]:
        """Write what is left, and give the report. Raises BatchError, with it, where nothing is new."""
        self._flush()
        names = ("received", "kept", "duplicates", "refused", "stripped")
        report = {"files": {name: self.counts[name] for name in names}, "listed": self.listed}
        if not self.counts["kept"] and not self.counts["duplicates"]:
            error = BatchError("no_good_file")
            error.report = report
            raise error
        return report


def places_of(file: File) -> list[str]:
    """Give the names under which a file and its small picture are kept."""
    return [store.place_of(file.collection_id, file.sha256, small=small) for small in (False, True)]


def _unpack(archive: zipfile.ZipFile, entry: Entry, target: Path) -> str:
    """Unpack one file, never more of it than the bound whatever it declares; give its SHA-256 in hexadecimal."""
    bound, size, digest = file_bytes(), 0, hashlib.sha256()
    try:
        with archive.open(entry.info) as packed, target.open("wb") as out:
            while block := packed.read(_BLOCK):
                size += len(block)
                if size > bound:
                    raise Refused(Code.TOO_LARGE, limit=readable_size(bound))
                digest.update(block)
                out.write(block)
    except BROKEN_ENTRY as error:
        raise Refused(Code.UNREADABLE) from error
    if not size:
        raise Refused(Code.EMPTY)
    return digest.hexdigest()


def _look(path: Path) -> None:
    """Have the antivirus look at a file by itself: within an archive it may not have. An infected one is refused."""
    try:
        look_at(path)
    except BatchError as error:
        if error.problem.code != "infected":
            raise
        raise Refused(Code.INFECTED, reason=str(error.problem.params.get("reason", ""))) from error


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
