"""Which batches of a dataset people decide on, who they are, and by which rule."""

from __future__ import annotations

import datetime as dt

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ckanext.lrtzc.moderation.api import AtEnd, Policy, Rule, Timing, read_share

WHOLE = ""
"""In place of a resource: all of the dataset that has no demand of its own."""


def now() -> dt.datetime:
    """Give the time, in UTC."""
    return dt.datetime.now(dt.UTC)


class Demand(tk.BaseModel):
    """What the owner of a dataset asks for; people by the identifiers of their accounts.

    `every`: all batches are judged; else those only that a check sends to people, such as the rules of quality.
    """

    __tablename__ = "lrtzc_validation_demand"

    package_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    resource_id: Mapped[str] = mapped_column(sa.Text, primary_key=True, default=WHOLE)
    every: Mapped[bool] = mapped_column(sa.Boolean, default=True)
    moderators: Mapped[list[str]] = mapped_column(JSONB)
    rule: Mapped[str] = mapped_column(sa.Text)
    share: Mapped[str] = mapped_column(sa.Text)
    days: Mapped[int | None] = mapped_column(sa.Integer)
    remind: Mapped[int | None] = mapped_column(sa.Integer)
    at_end: Mapped[str] = mapped_column(sa.Text)
    digest: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    changed: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now, onupdate=now)
    changed_by: Mapped[str] = mapped_column(sa.Text)

    @property
    def policy(self) -> Policy:
        """Give by which rule they decide."""
        return Policy(Rule(self.rule), read_share(self.share))

    @property
    def timing(self) -> Timing:
        """Give how they are told and waited for."""
        return Timing(self.days, self.remind, AtEnd(self.at_end), self.digest)

    @classmethod
    def of_package(cls, package_id: str) -> list[Demand]:
        """Give the demands of a dataset, the one for all of it first."""
        query = sa.select(cls).where(cls.package_id == package_id).order_by(cls.resource_id)
        return list(model.Session.scalars(query.execution_options(populate_existing=True)))

    @classmethod
    def on(cls, package_id: str, resource_id: str) -> Demand | None:
        """Give the demand that holds for a resource: its own, else that for all of its dataset."""
        query = (
            sa.select(cls)
            .where(cls.package_id == package_id, cls.resource_id.in_([resource_id, WHOLE]))
            .order_by(cls.resource_id.desc())
            .limit(1)
        )
        return model.Session.scalar(query.execution_options(populate_existing=True))
