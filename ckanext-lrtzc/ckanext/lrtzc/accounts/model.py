"""Profiles of rights, and the accounts that hold them."""

from __future__ import annotations

import datetime as dt

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.model.types import make_uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column


def now() -> dt.datetime:
    """Give the time, in UTC."""
    return dt.datetime.now(dt.UTC)


class Profile(tk.BaseModel):
    """A named set of functions that an administrator gives to people."""

    __tablename__ = "lrtzc_accounts_profile"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True, default=make_uuid)
    title: Mapped[str] = mapped_column(sa.Text)
    functions: Mapped[list[str]] = mapped_column(JSONB, default=list)
    changed: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now, onupdate=now)


class Holder(tk.BaseModel):
    """An account that holds a profile."""

    __tablename__ = "lrtzc_accounts_holder"

    profile_id: Mapped[str] = mapped_column(sa.ForeignKey("lrtzc_accounts_profile.id"), primary_key=True)
    account_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    given: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)
    given_by: Mapped[str] = mapped_column(sa.Text)


def functions_of(name: str) -> frozenset[str]:
    """Give the functions that an open account, by its name, holds by its profiles."""
    query = (
        sa.select(Profile.functions)
        .join(Holder, Holder.profile_id == Profile.id)
        .join(model.User, model.User.id == Holder.account_id)
        .where(model.User.name == name, model.User.state == "active")
    )
    return frozenset(code for functions in model.Session.scalars(query) for code in functions)
