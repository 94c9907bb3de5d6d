"""The rules of files, and the share of good rows that a batch of theirs must reach."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.model.types import make_uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ckanext.lrtzc.quality.domain.rules import Failure, Kind, Rule


class Below(StrEnum):
    """What a batch undergoes that has too few good rows."""

    QUARANTINE = "quarantine"
    REFUSE = "refuse"
    MODERATE = "moderate"


def now() -> dt.datetime:
    """Give the time, in UTC."""
    return dt.datetime.now(dt.UTC)


class Kept(tk.BaseModel):
    """A rule as it is kept for a file; see `Rule`."""

    __tablename__ = "lrtzc_quality_rule"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True, default=make_uuid)
    resource_id: Mapped[str] = mapped_column(sa.Text)
    kind: Mapped[str] = mapped_column(sa.Text)
    columns: Mapped[list[str]] = mapped_column(JSONB)
    params: Mapped[dict[str, Any]] = mapped_column(JSONB)
    failure: Mapped[str] = mapped_column(sa.Text)
    least: Mapped[float] = mapped_column(sa.Float)
    created: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)

    @classmethod
    def of_resource(cls, resource_id: str) -> list[Kept]:
        """Give the rules of a file, in the order they were made."""
        query = sa.select(cls).where(cls.resource_id == resource_id).order_by(cls.created, cls.id)
        return list(model.Session.scalars(query))

    @property
    def rule(self) -> Rule:
        """The rule itself."""
        return Rule(Kind(self.kind), tuple(self.columns), dict(self.params), Failure(self.failure), self.least, self.id)

    def take(self, rule: Rule) -> None:
        """Become a rule."""
        self.kind, self.columns, self.params = rule.kind.value, list(rule.columns), dict(rule.params)
        self.failure, self.least = rule.failure.value, rule.least


class Threshold(tk.BaseModel):
    """The share of good rows (0 to 1) that a batch of a file must have, and what happens below it."""

    __tablename__ = "lrtzc_quality_threshold"

    resource_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    minimum: Mapped[float] = mapped_column(sa.Float)
    below: Mapped[str] = mapped_column(sa.Text, default=Below.QUARANTINE.value)


class Told(tk.BaseModel):
    """A batch of which people were told by letter that it was stopped."""

    __tablename__ = "lrtzc_quality_told"

    batch_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True))
