"""The batch as it is stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Set
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.model.types import make_uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from .domain.states import SETTLED, Event, State, after


def now() -> dt.datetime:
    """Give the time, in UTC."""
    return dt.datetime.now(dt.UTC)


class Batch(tk.BaseModel):
    """A piece of incoming data and what became of it.

    `origin`: upload (page or API), resource (a file given to CKAN's own actions) or datastore (records sent to
    `datastore_create`). `location` is where the raw form is: `batch:<path>` in the batches' storage, or
    `resource:<id>` for the file of a resource. `settings` is how it is or will be loaded, `analysis` what was found in
    it, `report` what loading gave. `unattended` batches are confirmed without a person. `held`: since when a
    confirmed batch waits for its resource's hour or number; `going`: since when it waits no more (see `timing`).
    """

    __tablename__ = "lrtzc_batches_batch"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True, default=make_uuid)
    package_id: Mapped[str] = mapped_column(sa.Text)
    resource_id: Mapped[str] = mapped_column(sa.Text)
    author: Mapped[str] = mapped_column(sa.Text)
    origin: Mapped[str] = mapped_column(sa.Text)
    state: Mapped[str] = mapped_column(sa.Text, default=State.RECEIVED.value)
    name: Mapped[str] = mapped_column(sa.Text)
    location: Mapped[str] = mapped_column(sa.Text)
    size: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    sha256: Mapped[str] = mapped_column(sa.Text, default="")
    unattended: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    analysis: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    report: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    file_modified: Mapped[str | None] = mapped_column(sa.Text)
    rows_read: Mapped[int | None] = mapped_column(sa.BigInteger)
    rows_accepted: Mapped[int | None] = mapped_column(sa.BigInteger)
    rows_corrected: Mapped[int | None] = mapped_column(sa.BigInteger)
    rows_refused: Mapped[int | None] = mapped_column(sa.BigInteger)
    created: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)
    changed: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now, onupdate=now)
    held: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    going: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))

    def happen(self, event: Event) -> None:
        """Move to the state that `event` leads to; raises TransitionError."""
        self.state = after(State(self.state), event).value
        if self.state not in (State.CONFIRMED, State.LOADING):
            # should it come so far again, it waits again
            self.held = self.going = None

    @classmethod
    def get(cls, batch_id: str, *, lock: bool = False) -> Batch | None:
        """Give a batch by its id, read anew; with `lock`, others wait to change it until the transaction ends."""
        query = sa.select(cls).where(cls.id == batch_id).execution_options(populate_existing=True)
        return model.Session.scalar(query.with_for_update() if lock else query)

    @classmethod
    def of_package(cls, package_id: str, limit: int, offset: int) -> list[Batch]:
        """Give the batches of a dataset, the newest first."""
        query = sa.select(cls).where(cls.package_id == package_id).order_by(cls.created.desc())
        return list(model.Session.scalars(query.limit(limit).offset(offset)))

    @classmethod
    def last_settings(cls, resource_id: str) -> dict[str, Any]:
        """Give the settings of the last batch integrated into a resource, or nothing."""
        query = (
            sa.select(cls.settings)
            .where(cls.resource_id == resource_id, cls.state == State.INTEGRATED.value, cls.origin != "datastore")
            .order_by(cls.changed.desc())
            .limit(1)
        )
        return model.Session.scalar(query) or {}

    @classmethod
    def known_files(cls, package_id: str) -> set[tuple[str, str | None]]:
        """Give (resource, time of its file) of the files of a dataset that became batches."""
        query = sa.select(cls.resource_id, cls.file_modified).where(cls.package_id == package_id)
        return {(resource, modified) for resource, modified in model.Session.execute(query)}

    def count(self, report: Mapping[str, Any]) -> None:
        """Note how many rows a report tells of; none of them is in."""
        counts = report.get("counts") or {}
        self.rows_read, self.rows_refused = counts.get("read"), counts.get("refused")
        self.rows_corrected, self.rows_accepted = counts.get("corrected"), None

    def as_dict(self) -> dict[str, Any]:
        """Give what the actions answer."""
        keys = (
            "id", "package_id", "resource_id", "author", "origin", "state", "name", "size", "sha256", "unattended",
            "settings", "analysis", "report", "rows_read", "rows_accepted", "rows_corrected", "rows_refused",
        )  # fmt: skip
        times = {key: getattr(self, key).isoformat() for key in ("created", "changed")}
        return {key: getattr(self, key) for key in keys} | times


class Small(tk.BaseModel):
    """The raw form of a batch that is small, in the database rather than in a file (see `together`)."""

    __tablename__ = "lrtzc_batches_small"

    batch_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)


def living() -> set[str]:
    """Give the batches that are being loaded, by id."""
    query = sa.select(Batch.id).where(Batch.state == State.LOADING.value)
    return set(model.Session.scalars(query))


def settled(ids: Set[str]) -> set[str]:
    """Give those of some batches, by id, that nobody can try again."""
    query = sa.select(Batch.id).where(Batch.id.in_(ids), Batch.state.in_([state.value for state in SETTLED]))
    return set(model.Session.scalars(query))
