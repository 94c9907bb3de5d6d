"""What became of objects, and to whom it is to be told."""

from __future__ import annotations

import datetime as dt

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column


class Event(tk.BaseModel):
    """What one transaction did to an object: one version of it.

    `kinds` are values of `domain.changes.Change`; `public`: everybody saw the object before or after; `title`: what it
    was called when it left the catalogue, empty otherwise; `actor`: the account that did it, empty for the portal's own
    work; `told`: when it was handed to those who follow.
    """

    __tablename__ = "lrtzc_following_event"
    __table_args__ = (sa.UniqueConstraint("package_id", "transaction", name="lrtzc_following_event_change"),)

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    transaction: Mapped[int] = mapped_column(sa.BigInteger, server_default=sa.text("txid_current()"))
    package_id: Mapped[str] = mapped_column(sa.Text)
    kinds: Mapped[list[str]] = mapped_column(ARRAY(sa.Text))
    public: Mapped[bool] = mapped_column(sa.Boolean)
    title: Mapped[str] = mapped_column(sa.Text)
    actor: Mapped[str] = mapped_column(sa.Text)
    happened: Mapped[dt.datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()")
    )
    told: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))


class Notice(tk.BaseModel):
    """A change that waits to be told to one person; gone once it is told, or has become nothing to tell."""

    __tablename__ = "lrtzc_following_notice"

    account_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    event_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("lrtzc_following_event.id", ondelete="CASCADE"), primary_key=True
    )
