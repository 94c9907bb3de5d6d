"""The rules of retention, and what became of them: runs are never erased."""

from __future__ import annotations

import datetime as dt
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.model.types import make_uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ckanext.lrtzc.clock import local_day
from ckanext.lrtzc.retention.domain.due import Kind, State, Terms

RUNNING, DONE, FAILED = "running", "done", "failed"


def now() -> dt.datetime:
    """Give the time, in UTC."""
    return dt.datetime.now(dt.UTC)


class Rule(tk.BaseModel):
    """How long something is kept: see `domain.due.Terms`.

    `emptied`: of old rows only this column's values go. `held_by` and `hold_reason`: who keeps it, and why.
    """

    __tablename__ = "lrtzc_retention_rule"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True, default=make_uuid)
    package_id: Mapped[str] = mapped_column(sa.Text)
    kind: Mapped[str] = mapped_column(sa.Text)
    resource_id: Mapped[str | None] = mapped_column(sa.Text)
    column_name: Mapped[str | None] = mapped_column(sa.Text)
    days: Mapped[int | None] = mapped_column(sa.Integer)
    on_day: Mapped[dt.date | None] = mapped_column(sa.Date)
    warn_days: Mapped[int] = mapped_column(sa.Integer)
    state: Mapped[str] = mapped_column(sa.Text, default=State.STANDING.value)
    created: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)
    created_by: Mapped[str] = mapped_column(sa.Text)
    warned: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    ran: Mapped[dt.date | None] = mapped_column(sa.Date)
    hold_reason: Mapped[str] = mapped_column(sa.Text, default="")
    emptied: Mapped[str | None] = mapped_column(sa.Text)
    held_by: Mapped[str | None] = mapped_column(sa.Text)

    @classmethod
    def get(cls, rule_id: str, *, lock: bool = False) -> Rule | None:
        """Give a rule by its id, read anew; with `lock`, others wait to change it."""
        query = sa.select(cls).where(cls.id == rule_id).execution_options(populate_existing=True)
        return model.Session.scalar(query.with_for_update() if lock else query)

    def terms(self, published: dt.datetime) -> Terms:
        """Give what it says, for the rules to judge.

        :param published: when its dataset was made
        """
        return Terms(
            Kind(self.kind),
            State(self.state),
            local_day(published),
            self.warn_days,
            self.days,
            self.on_day,
            local_day(self.warned) if self.warned else None,
            self.ran,
        )


class Run(tk.BaseModel):
    """What a rule destroyed, or is destroying: `result` says what was reached, and what could not be.

    `title` is what the dataset was called, `before` the day before which rows went. A run that was cut off stays
    `running`, and is gone on with.
    """

    __tablename__ = "lrtzc_retention_run"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True, default=make_uuid)
    rule_id: Mapped[str] = mapped_column(sa.Text)
    package_id: Mapped[str] = mapped_column(sa.Text)
    resource_id: Mapped[str | None] = mapped_column(sa.Text)
    kind: Mapped[str] = mapped_column(sa.Text)
    title: Mapped[str] = mapped_column(sa.Text)
    before: Mapped[dt.date | None] = mapped_column(sa.Date)
    state: Mapped[str] = mapped_column(sa.Text, default=RUNNING)
    started: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)
    ended: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    result: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)

    def as_dict(self) -> dict[str, Any]:
        """Give what the actions answer."""
        keys = ("id", "rule_id", "package_id", "resource_id", "kind", "title", "state", "result")
        return {key: getattr(self, key) for key in keys} | {
            key: getattr(self, key) and getattr(self, key).isoformat() for key in ("before", "started", "ended")
        }
