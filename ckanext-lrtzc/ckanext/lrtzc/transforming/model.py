"""The steps of a file as they are kept."""

from __future__ import annotations

import datetime as dt
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column


def now() -> dt.datetime:
    """Give the time, in UTC."""
    return dt.datetime.now(dt.UTC)


class Steps(tk.BaseModel):
    """The steps of a file, in order, and who declared them as they are: reference data is read in their name.

    `number` grows with each change, so that two people who change them don't undo each other unseen.
    """

    __tablename__ = "lrtzc_transforming_steps"

    resource_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    author: Mapped[str] = mapped_column(sa.Text)
    number: Mapped[int] = mapped_column(sa.Integer)
    changed: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now, onupdate=now)

    @classmethod
    def of_resource(cls, resource_id: str, *, lock: bool = False) -> Steps | None:
        """Give the steps of a file; with `lock`, others wait to change them until the transaction ends."""
        return model.Session.get(cls, resource_id, with_for_update=lock, populate_existing=True)
