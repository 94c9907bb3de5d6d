"""Who counts points, what for, and by which rules."""

from __future__ import annotations

import datetime as dt
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.model.types import make_uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column


def now() -> dt.datetime:
    """Give the time, in UTC."""
    return dt.datetime.now(dt.UTC)


class Participant(tk.BaseModel):
    """A person who wants points, and goes by `pseudonym`; `folded` is how it is compared.

    `listed`: they want to be on boards. `candidate`: they offer themselves as a moderator.
    """

    __tablename__ = "lrtzc_reward_participant"

    account_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    pseudonym: Mapped[str] = mapped_column(sa.Text)
    folded: Mapped[str] = mapped_column(sa.Text, unique=True)
    listed: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    candidate: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    joined: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)

    @classmethod
    def of(cls, account_id: str) -> Participant | None:
        """Give a person as they are a member now; None where they aren't."""
        query = sa.select(cls).where(cls.account_id == account_id).execution_options(populate_existing=True)
        return model.Session.scalar(query)


class Refused(tk.BaseModel):
    """A pseudonym that administrators took down, as it is compared; `reason` is kept while somebody goes by it."""

    __tablename__ = "lrtzc_reward_refused"

    folded: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    reason: Mapped[str] = mapped_column(sa.Text)
    since: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)
    refused_by: Mapped[str] = mapped_column(sa.Text)


class Gain(tk.BaseModel):
    """A deed that stands, and the points it gives; `because`: why so many (`domain.points.Because`)."""

    __tablename__ = "lrtzc_reward_gain"

    account_id: Mapped[str] = mapped_column(
        sa.Text, sa.ForeignKey("lrtzc_reward_participant.account_id", ondelete="CASCADE"), primary_key=True
    )
    deed: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    subject_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    package_id: Mapped[str | None] = mapped_column(sa.Text)
    moment: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True))
    points: Mapped[int] = mapped_column(sa.Integer)
    because: Mapped[str] = mapped_column(sa.Text)


class RulesKept(tk.BaseModel):
    """Rules as administrators set them, in force from `since` until the next; none is ever changed.

    `deeds`: by kind, `points` and `daily`; `levels`: points from which each level is reached; `candidates`: the level
    from which one may offer oneself as a moderator.
    """

    __tablename__ = "lrtzc_reward_rules"

    number: Mapped[int] = mapped_column(sa.Integer, sa.Identity(always=True), primary_key=True)
    since: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"))
    deeds: Mapped[dict[str, Any]] = mapped_column(JSONB)
    monthly: Mapped[int] = mapped_column(sa.Integer)
    levels: Mapped[list[int]] = mapped_column(JSONB)
    candidates: Mapped[int] = mapped_column(sa.Integer)
    changed_by: Mapped[str] = mapped_column(sa.Text)


class Challenge(tk.BaseModel):
    """What people are to reach together: `target` rows of a file more than the `before` there were when it began.

    `selection`: which rows count, as the explorer's addresses say it. `reached`: as counted last; the day of `ends` is
    the last on which it grows.
    """

    __tablename__ = "lrtzc_reward_challenge"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True, default=make_uuid)
    title: Mapped[str] = mapped_column(sa.Text)
    why: Mapped[str] = mapped_column(sa.Text)
    package_id: Mapped[str] = mapped_column(sa.Text)
    resource_id: Mapped[str] = mapped_column(sa.Text)
    selection: Mapped[str] = mapped_column(sa.Text)
    target: Mapped[int] = mapped_column(sa.Integer)
    before: Mapped[int] = mapped_column(sa.Integer)
    reached: Mapped[int] = mapped_column(sa.Integer, default=0)
    begins: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)
    ends: Mapped[dt.date] = mapped_column(sa.Date)
    counted: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    created_by: Mapped[str] = mapped_column(sa.Text)
