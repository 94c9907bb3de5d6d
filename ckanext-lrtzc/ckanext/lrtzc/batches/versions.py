"""The numbered versions of a resource's data: one for each batch that became part of it.

A version is written in the transaction that says its batch is integrated, and `lrtzc:version` is sent there: what
another room writes on hearing of it is committed with it, or not at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from .domain.states import State
from .model import Batch, now
from .storage import SMALL

SIGNAL = "lrtzc:version"
FILES, RECORDS, DESTROY = "files", "records", "destroy"
_UNITED = sa.text(
    "SELECT coalesce(range_agg(one), '{}')::text "
    "FROM lrtzc_batches_version v, unnest(v.changed::int8multirange) AS one "
    "WHERE v.resource_id = :resource AND v.number > :number"
)


class Version(tk.BaseModel):
    """What a resource's data became.

    `mode`: replace, append, upsert, `files` (of a collection), `records` (changed by CKAN's actions) or `destroy` (old
    rows were destroyed; `batch_id` then names what did it). `came`: rows that it brought; `rows`: how many there are
    since. `changed`: the keys of the rows that came or changed, as text of PostgreSQL's int8multirange; None where all
    of it is new, some is gone, or they are too scattered to be named.
    """

    __tablename__ = "lrtzc_batches_version"

    resource_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    number: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    package_id: Mapped[str] = mapped_column(sa.Text)
    batch_id: Mapped[str | None] = mapped_column(sa.Text)
    mode: Mapped[str] = mapped_column(sa.Text)
    came: Mapped[int | None] = mapped_column(sa.BigInteger)
    rows: Mapped[int | None] = mapped_column(sa.BigInteger)
    changed: Mapped[str | None] = mapped_column(sa.Text)
    happened: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True))


def note(
    resource_id: str,
    package_id: str,
    mode: str,
    *,
    batch_id: str | None = None,
    came: int | None = None,
    rows: int | None = None,
    changed: str | None = None,
) -> int | None:
    """Give a number to what a resource's data became, in the caller's transaction; a batch that has a number keeps it.

    :returns: the number, from 1 on; None where the batch has one already
    """
    session: Any = model.Session
    # two batches of a resource may end at the same instant: the lock goes with the transaction
    session.execute(sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 2))"), {"name": resource_id})
    last = sa.select(sa.func.coalesce(sa.func.max(Version.number), 0) + 1).where(Version.resource_id == resource_id)
    values = {
        "resource_id": resource_id,
        "number": last.scalar_subquery(),
        "package_id": package_id,
        "batch_id": batch_id,
        "mode": mode,
        "came": came,
        "rows": rows,
        "changed": changed,
        "happened": now(),
    }
    statement = insert(Version).values(**values).on_conflict_do_nothing(constraint="lrtzc_batches_version_batch")
    number = session.scalar(statement.returning(Version.number))
    if number is not None:
        tk.signals.ckanext.signal(SIGNAL).send(resource_id, package_id=package_id, number=number)
    return number


def versions_at(places: Collection[tuple[str, int]]) -> dict[tuple[str, int], Version]:
    """Give versions by their (resource, number), in one statement."""
    query = sa.select(Version).where(sa.tuple_(Version.resource_id, Version.number).in_(list(places)))
    return {(one.resource_id, one.number): one for one in model.Session.scalars(query)}


def under_way(resource_id: str) -> bool:
    """Say whether rows may be in a resource's table that no version tells of yet: a batch is about to be integrated."""
    small = sa.and_(
        Batch.location.startswith(f"{SMALL}:"),
        Batch.state.in_([State.RECEIVED.value, State.CONFIRMED.value]),
        # those that wait for their resource's hour aren't about to be
        sa.or_(Batch.held.is_(None), Batch.going.is_not(None)),
    )
    loading = sa.or_(Batch.state == State.LOADING.value, small)
    return bool(model.Session.scalar(sa.select(sa.exists().where(Batch.resource_id == resource_id, loading))))


@dataclass(frozen=True)
class Told:
    """A version with what is known of its batch: the name of what was sent, and the account that sent it."""

    version: Version
    sent: str
    author: str


def history(resource_id: str, limit: int, offset: int = 0) -> tuple[int, list[Told]]:
    """Give how many versions a resource has, and some of them, the newest first, by two statements."""
    mine = Version.resource_id == resource_id
    count = model.Session.scalar(sa.select(sa.func.count()).select_from(Version).where(mine)) or 0
    query = (
        sa.select(Version, Batch.name, Batch.author)
        .outerjoin(Batch, Batch.id == Version.batch_id)
        .where(mine)
        .order_by(Version.number.desc())
        .limit(limit)
        .offset(offset)
    )
    return count, [Told(row[0], row[1] or "", row[2] or "") for row in model.Session.execute(query)]


def version_told(resource_id: str, number: int) -> Told | None:
    """Give one version of a resource; None where there is no such."""
    query = (
        sa.select(Version, Batch.name, Batch.author)
        .outerjoin(Batch, Batch.id == Version.batch_id)
        .where(Version.resource_id == resource_id, Version.number == number)
    )
    row = model.Session.execute(query).first()
    return None if row is None else Told(row[0], row[1] or "", row[2] or "")


def keys_hold(resource_id: str, before: int, after: int) -> bool:
    """Say whether rows have the same number (`_id`) in two versions: nothing between them numbered them anew."""
    # a table that was emptied begins anew
    anew = sa.or_(Version.mode == "replace", sa.and_(Version.mode == RECORDS, sa.func.coalesce(Version.rows, 0) == 0))
    between = sa.and_(Version.resource_id == resource_id, Version.number > before, Version.number <= after)
    return not model.Session.scalar(sa.select(sa.exists().where(between, anew)))


def key_of(resource_id: str) -> tuple[str, ...]:
    """Give the columns that tell a resource's rows apart, as its last batch said; none where nobody said."""
    return tuple(Batch.last_settings(resource_id).get("key") or ())


def last_version(resource_id: str) -> int:
    """Give the number of a resource's version of now, 0 where it has none."""
    query = sa.select(sa.func.max(Version.number)).where(Version.resource_id == resource_id)
    return model.Session.scalar(query) or 0


def changed_since(resource_id: str, number: int) -> str | None:
    """Give the keys of the rows that came or changed after a version, as text of an int8multirange.

    :returns: None where they aren't known: since then all of it was replaced, or the version isn't there
    """
    if not 0 < number <= last_version(resource_id):
        return None
    later = sa.exists().where(Version.resource_id == resource_id, Version.number > number, Version.changed.is_(None))
    if model.Session.scalar(sa.select(later)):
        return None
    return str(model.Session.scalar(_UNITED, {"resource": resource_id, "number": number}))
