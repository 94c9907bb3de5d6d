"""Files of a collection as they are listed: by words and days, a page at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import ckan.model as model
import sqlalchemy as sa
from sqlalchemy.orm import undefer

from ckanext.lrtzc.collection.model import Collection, File

PAGE = 24
LONGEST = 200
PLACES = 2_000
"""Places shown on a map, at most."""
_AT_ONCE = 500


@dataclass(frozen=True)
class Wanted:
    """Which files: by words of their name, caption, title or text, by the days on which they were taken, and by place.

    `within` is west, south, east, north, in degrees.
    """

    words: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    within: tuple[float, float, float, float] | None = None

    @property
    def narrows(self) -> bool:
        """Say whether it leaves out some."""
        return bool(self.words or self.since or self.until or self.within)


@dataclass(frozen=True)
class Found:
    """A page of files, and how many there are in all."""

    files: list[File]
    count: int


@dataclass(frozen=True)
class Spot:
    """Where a file was taken: degrees of longitude and latitude (WGS 84)."""

    id: str
    name: str
    longitude: float
    latitude: float


def _condition(collection: Collection, wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = [File.collection_id == collection.resource_id]
    if words := wanted.words[:LONGEST].replace("\0", ""):
        like = sa.or_(File.name.icontains(words, autoescape=True), File.caption.icontains(words, autoescape=True))
        found.append(sa.or_(File.found_by.op("@@")(sa.func.websearch_to_tsquery("french", words)), like))
    day = sa.cast(sa.func.coalesce(File.taken, sa.cast(File.added, sa.DateTime())), sa.Date)
    if wanted.since:
        found.append(day >= wanted.since)
    if wanted.until:
        found.append(day <= wanted.until)
    if wanted.within:
        west, south, east, north = wanted.within
        found += [File.longitude.between(west, east), File.latitude.between(south, north)]
    return found


def files(collection: Collection, wanted: Wanted, limit: int = PAGE, offset: int = 0) -> Found:
    """Give a page of files, in the order in which they came."""
    conditions = _condition(collection, wanted)
    count = model.Session.scalar(sa.select(sa.func.count()).select_from(File).where(*conditions)) or 0
    query = sa.select(File).where(*conditions).order_by(File.place).limit(limit).offset(offset)
    return Found(list(model.Session.scalars(query)), count)


def file(collection: Collection, file_id: str) -> File | None:
    """Give a file of a collection; None for those of others."""
    query = sa.select(File).where(File.id == file_id, File.collection_id == collection.resource_id)
    return model.Session.scalar(query)


def around(found: File) -> tuple[File | None, File | None]:
    """Give the files before and after one."""
    near = sa.select(File).where(File.collection_id == found.collection_id).limit(1)
    before = model.Session.scalar(near.where(File.place < found.place).order_by(File.place.desc()))
    after = model.Session.scalar(near.where(File.place > found.place).order_by(File.place))
    return before, after


def chosen(collection: Collection, ids: list[str]) -> list[File]:
    """Give files by their identifiers, those of others left out; all of them where none is named."""
    query = sa.select(File).where(File.collection_id == collection.resource_id).order_by(File.place)
    return list(model.Session.scalars(query.where(File.id.in_(ids)) if ids else query))


def spots(collection: Collection, wanted: Wanted) -> list[Spot]:
    """Give where files were taken, as far as that is kept: the first 2,000."""
    query = sa.select(File.id, File.name, File.longitude, File.latitude).where(
        *_condition(collection, wanted), File.longitude.is_not(None)
    )
    return [Spot(*row) for row in model.Session.execute(query.order_by(File.place).limit(PLACES))]


def extent(found: list[Spot]) -> list[float] | None:
    """Give west, south, east and north of places; None where there is none."""
    if not found:
        return None
    longitudes, latitudes = [one.longitude for one in found], [one.latitude for one in found]
    return [min(longitudes), min(latitudes), max(longitudes), max(latitudes)]


def texts(collection: Collection) -> Iterator[tuple[File, str]]:
    """Give each file with the texts by which it is found, read a few hundred at a time."""
    last = -1
    while True:
        query = sa.select(File).where(File.collection_id == collection.resource_id, File.place > last)
        some = list(model.Session.scalars(query.options(undefer(File.words)).order_by(File.place).limit(_AT_ONCE)))
        for one in some:
            yield one, " ".join((one.name.rpartition(".")[0], one.caption, one.title, one.words))
            last = one.place
        if len(some) < _AT_ONCE:
            return


def holding(collection: Collection, words: list[str]) -> tuple[File, str] | None:
    """Give the first file that holds one of these words, and its text."""
    query = (
        sa.select(File)
        .where(
            File.collection_id == collection.resource_id,
            File.found_by.op("@@")(sa.func.websearch_to_tsquery("french", " or ".join(words))),
        )
        .options(undefer(File.words))
        .order_by(File.place)
        .limit(1)
    )
    found = model.Session.scalar(query)
    return (found, " ".join((found.title, found.caption, found.words, found.name))) if found else None
