"""Cases that wait for moderators or were decided, the votes on them, and who moderates what."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.model.types import make_uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ckanext.lrtzc.moderation.domain.policy import Policy, Rule, read_share, write_share
from ckanext.lrtzc.moderation.domain.timing import AtEnd, Timing


class State(StrEnum):
    """What became of a case; `cancelled`: its author took it back or changed it before the outcome."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


def now() -> dt.datetime:
    """Give the time, in UTC."""
    return dt.datetime.now(dt.UTC)


class _WithPolicy:
    """A rule and its share, as columns."""

    rule: Mapped[str] = mapped_column(sa.Text)
    share: Mapped[str] = mapped_column(sa.Text, default=write_share(Policy().share))

    @property
    def policy(self) -> Policy:
        """Give the policy."""
        return Policy(Rule(self.rule), read_share(self.share))


class Case(_WithPolicy, tk.BaseModel):
    """Something that waits for the votes of `moderators` (identifiers of accounts); accounts by identifier.

    The policy, the timing and the moderators are those of the moment it was opened. `told`: when its moderators were
    written to last; `next_reminder`: when they are to be again. `ended`: when what its deadline asks for was done.
    """

    __tablename__ = "lrtzc_moderation_case"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True, default=make_uuid)
    kind: Mapped[str] = mapped_column(sa.Text)
    subject_id: Mapped[str] = mapped_column(sa.Text)
    author_id: Mapped[str | None] = mapped_column(sa.Text)
    moderators: Mapped[list[str]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(sa.Text, default=State.PENDING.value)
    opened: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)
    closed: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    deadline: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    at_end: Mapped[str] = mapped_column(sa.Text, default=AtEnd.WAIT.value)
    ended: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    remind: Mapped[int | None] = mapped_column(sa.Integer)
    digest: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    told: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    next_reminder: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))

    def take(self, timing: Timing) -> None:
        """Be told of and waited for as a timing says, from the moment it was opened."""
        self.deadline, self.remind = timing.deadline(self.opened), timing.remind
        self.at_end, self.digest, self.ended = timing.at_end.value, timing.digest, None
        self.next_reminder = timing.reminder(self.told or self.opened)

    def be_told(self) -> None:
        """Note that its moderators are written to now, and when they are to be again."""
        self.told = now()
        self.next_reminder = Timing(remind=self.remind).reminder(self.told) if self.ended is None else None

    @classmethod
    def locked(cls, *conditions: sa.ColumnElement[bool]) -> list[Case]:
        """Give cases, read anew; others wait to change them until the transaction ends."""
        query = sa.select(cls).where(*conditions).order_by(cls.id).with_for_update()
        return list(model.Session.scalars(query.execution_options(populate_existing=True)))

    def close(self, state: State) -> None:
        """Say what became of it, now."""
        self.state, self.closed = state.value, now()


class Vote(tk.BaseModel):
    """What a moderator said of a case, and why; the last word counts while the case is pending."""

    __tablename__ = "lrtzc_moderation_vote"

    case_id: Mapped[str] = mapped_column(sa.ForeignKey("lrtzc_moderation_case.id"), primary_key=True)
    voter_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    choice: Mapped[str] = mapped_column(sa.Text)
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    cast: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now, onupdate=now)


class Board(_WithPolicy, tk.BaseModel):
    """Who moderates a kind of thing, by which rule; nobody named: the administrators."""

    __tablename__ = "lrtzc_moderation_board"

    kind: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    moderators: Mapped[list[str]] = mapped_column(JSONB, default=list)
    changed: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now, onupdate=now)
    changed_by: Mapped[str] = mapped_column(sa.Text)
