"""What is kept of sources, of what was taken of them, and of their runs. Times are aware, in UTC."""

from __future__ import annotations

import datetime as dt
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.model.types import make_uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ckanext.lrtzc.sources.domain.states import State


def now() -> dt.datetime:
    """Give the present moment, aware."""
    return dt.datetime.now(dt.UTC)


class Source(tk.BaseModel):
    """Where files come from, for which dataset, and when.

    `options` are the settings of its kind; `secrets` its credentials, sealed. `owner_id` is the account that its
    batches are sent for. `resource_id` is the file that all of it feeds; without one each file found has its own.
    `least` and `most` bound a file's size in bytes, `expected` its format. `failures` counts the runs in a row that
    failed; `silence_days` is for how long nothing new may come (0: as long as one likes).
    """

    __tablename__ = "lrtzc_sources_source"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True, default=make_uuid)
    package_id: Mapped[str] = mapped_column(sa.Text)
    owner_id: Mapped[str] = mapped_column(sa.Text)
    title: Mapped[str] = mapped_column(sa.Text)
    kind: Mapped[str] = mapped_column(sa.Text)
    address: Mapped[str] = mapped_column(sa.Text)
    options: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    secrets: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    resource_id: Mapped[str | None] = mapped_column(sa.Text)
    mode: Mapped[str] = mapped_column(sa.Text, default="replace")
    key: Mapped[list[str]] = mapped_column(JSONB, default=list)
    expected: Mapped[str] = mapped_column(sa.Text, default="")
    least: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    most: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    schedule: Mapped[str] = mapped_column(sa.Text, default="manual")
    paused: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    next_run: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    failures: Mapped[int] = mapped_column(sa.Integer, default=0)
    silence_days: Mapped[int] = mapped_column(sa.Integer, default=0)
    last_new: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)
    silence_told: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    created: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)

    @classmethod
    def get(cls, source_id: str, *, lock: bool = False) -> Source | None:
        """Give a source, read anew; with `lock`, others wait to change it until the transaction ends."""
        query = sa.select(cls).where(cls.id == source_id).execution_options(populate_existing=True)
        return model.Session.scalar(query.with_for_update() if lock else query)

    @classmethod
    def feeds(cls, resource_id: str) -> bool:
        """Say whether what sources find goes into a file, be it by their setting or since they made it."""
        made = sa.exists().where(Taken.source_id == cls.id, Taken.resource_id == resource_id)
        query = sa.select(sa.exists().where(sa.or_(cls.resource_id == resource_id, made)))
        return bool(model.Session.scalar(query))


class Taken(tk.BaseModel):
    """The version of a file that was taken last: `mark` as its kind gives it, and the SHA-256 of its bytes."""

    __tablename__ = "lrtzc_sources_taken"

    source_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    name: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    mark: Mapped[str] = mapped_column(sa.Text, default="")
    sha256: Mapped[str] = mapped_column(sa.Text, default="")
    resource_id: Mapped[str] = mapped_column(sa.Text, default="")
    moment: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)


class Run(tk.BaseModel):
    """One look at a source. `volume` is the bytes read; `sentence` with `params` says why it fell short or failed."""

    __tablename__ = "lrtzc_sources_run"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True, default=make_uuid)
    source_id: Mapped[str] = mapped_column(sa.Text)
    state: Mapped[str] = mapped_column(sa.Text, default=State.WAITING.value)
    by_hand: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    started: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)
    beat: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)
    finished: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    found: Mapped[int] = mapped_column(sa.Integer, default=0)
    taken: Mapped[int] = mapped_column(sa.Integer, default=0)
    same: Mapped[int] = mapped_column(sa.Integer, default=0)
    refused: Mapped[int] = mapped_column(sa.Integer, default=0)
    volume: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    sentence: Mapped[str] = mapped_column(sa.Text, default="")
    params: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)


class Line(tk.BaseModel):
    """What became of one file in a run: taken as a batch, or refused for a reason."""

    __tablename__ = "lrtzc_sources_line"

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=True)
    run_id: Mapped[str] = mapped_column(sa.Text)
    name: Mapped[str] = mapped_column(sa.Text)
    size: Mapped[int | None] = mapped_column(sa.BigInteger)
    batch_id: Mapped[str] = mapped_column(sa.Text, default="")
    sentence: Mapped[str] = mapped_column(sa.Text, default="")
    params: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
