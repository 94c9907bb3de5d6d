"""The offers of ownership, which are never erased: `state` says what became of each."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.model.types import make_uuid
from sqlalchemy.orm import Mapped, mapped_column


class State(StrEnum):
    """What became of an offer; `void`: the object was deleted or changed hands meanwhile."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    VOID = "void"


def now() -> dt.datetime:
    """Give the time, in UTC."""
    return dt.datetime.now(dt.UTC)


class Offer(tk.BaseModel):
    """An object offered by its owner (`from_…`) to a person or an organisation (`to_…`); accounts by identifier."""

    __tablename__ = "lrtzc_transfers_offer"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True, default=make_uuid)
    package_id: Mapped[str] = mapped_column(sa.Text)
    from_kind: Mapped[str] = mapped_column(sa.Text)
    from_id: Mapped[str] = mapped_column(sa.Text)
    to_kind: Mapped[str] = mapped_column(sa.Text)
    to_id: Mapped[str] = mapped_column(sa.Text)
    state: Mapped[str] = mapped_column(sa.Text, default=State.OFFERED.value)
    offered: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)
    offered_by: Mapped[str] = mapped_column(sa.Text)
    closed: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    closed_by: Mapped[str | None] = mapped_column(sa.Text)
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    """Why an administrator handed the object over; empty for offers between owners."""

    @classmethod
    def locked(cls, ids: list[str]) -> list[Offer]:
        """Give offers by their ids, read anew; others wait to change them until the transaction ends."""
        query = sa.select(cls).where(cls.id.in_(ids)).order_by(cls.id).with_for_update()
        return list(model.Session.scalars(query.execution_options(populate_existing=True)))

    @classmethod
    def standing(cls, package_ids: list[str]) -> list[Offer]:
        """Give the offers of some objects that wait for an answer; others wait to change them."""
        asked = (cls.package_id.in_(package_ids), cls.state == State.OFFERED)
        query = sa.select(cls).where(*asked).order_by(cls.id).with_for_update()
        return list(model.Session.scalars(query.execution_options(populate_existing=True)))

    def close(self, state: State, by: str) -> None:
        """Say what became of it, now."""
        self.state, self.closed, self.closed_by = state.value, now(), by

    def reopen(self) -> None:
        """Let it wait for an answer again."""
        self.state, self.closed, self.closed_by = State.OFFERED.value, None, None
