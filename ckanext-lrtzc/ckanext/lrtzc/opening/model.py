"""Whose data is opened without a hand, and what was."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column


def now() -> dt.datetime:
    """Give the time, in UTC."""
    return dt.datetime.now(dt.UTC)


class Choice(StrEnum):
    """What was chosen for a dataset: as its organisation does, also while it is a draft, or by hand only."""

    AS_OWNER = ""
    AUTO = "auto"
    HAND = "hand"


class Organisation(tk.BaseModel):
    """An organisation whose data is opened without a hand; there is no row where it isn't."""

    __tablename__ = "lrtzc_opening_organization"

    organization_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    since: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)
    account_id: Mapped[str] = mapped_column(sa.Text)


class Opening(tk.BaseModel):
    """What was chosen for a dataset, and when the portal opened it last."""

    __tablename__ = "lrtzc_opening_dataset"

    package_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    choice: Mapped[str] = mapped_column(sa.Text, default="")
    opened: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))

    @classmethod
    def of(cls, package_id: str) -> Opening:
        """Give that of a dataset, made where there is none."""
        found = model.Session.get(cls, package_id, populate_existing=True)
        if found is None:
            found = cls(package_id=package_id, choice="")
            model.Session.add(found)
        return found


def is_on(organization_id: str | None) -> bool:
    """Say whether an organisation has its data opened without a hand."""
    return bool(organization_id) and model.Session.get(Organisation, organization_id) is not None
