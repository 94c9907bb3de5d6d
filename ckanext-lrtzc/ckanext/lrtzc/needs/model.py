"""Needs, who supports them, what is said of them, what producers answer."""

from __future__ import annotations

import datetime as dt

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.model.types import make_uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ckanext.lrtzc.moderation.api import Proposed
from ckanext.lrtzc.needs.domain.status import Status

_NEED, _COMMENT = "lrtzc_needs_need.id", "lrtzc_needs_comment.id"


def now() -> dt.datetime:
    """Give the time, in UTC."""
    return dt.datetime.now(dt.UTC)


class Need(Proposed, tk.BaseModel):
    """A need as it is shown; what waits for moderators is in `proposal`, with the same names."""

    __tablename__ = "lrtzc_needs_need"

    why: Mapped[str] = mapped_column(sa.Text, default="")
    axis: Mapped[str] = mapped_column(sa.Text, default="")
    communes: Mapped[list[str]] = mapped_column(JSONB, default=list)
    status: Mapped[str] = mapped_column(sa.Text, default=Status.OPEN.value)


class Support(tk.BaseModel):
    """A person who wants the same; the key counts each once."""

    __tablename__ = "lrtzc_needs_support"

    need_id: Mapped[str] = mapped_column(sa.ForeignKey(_NEED, ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    given: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)


class Comment(tk.BaseModel):
    """What somebody says of a need; `cleared`: moderators read it after a report, and keep it."""

    __tablename__ = "lrtzc_needs_comment"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True, default=make_uuid)
    need_id: Mapped[str] = mapped_column(sa.ForeignKey(_NEED, ondelete="CASCADE"))
    author_id: Mapped[str | None] = mapped_column(sa.Text)
    text: Mapped[str] = mapped_column(sa.Text)
    posted: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)
    removed: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    cleared: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    restricted: Mapped[bool] = mapped_column(sa.Boolean, default=False)

    @classmethod
    def shown(cls) -> sa.ColumnElement[bool]:
        """Say in SQL which everybody reads."""
        return sa.and_(cls.removed.is_(None), cls.restricted.is_(False))


class Report(tk.BaseModel):
    """A person who asks moderators to read a comment, and why."""

    __tablename__ = "lrtzc_needs_report"

    comment_id: Mapped[str] = mapped_column(sa.ForeignKey(_COMMENT, ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    reason: Mapped[str] = mapped_column(sa.Text)
    made: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)


class Answer(tk.BaseModel):
    """What an organisation answers; its last word stands. `package_id`: what meets the need."""

    __tablename__ = "lrtzc_needs_answer"

    need_id: Mapped[str] = mapped_column(sa.ForeignKey(_NEED, ondelete="CASCADE"), primary_key=True)
    organization_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    given_by: Mapped[str] = mapped_column(sa.Text)
    status: Mapped[str] = mapped_column(sa.Text)
    text: Mapped[str] = mapped_column(sa.Text, default="")
    package_id: Mapped[str | None] = mapped_column(sa.Text)
    given: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now, onupdate=now)
