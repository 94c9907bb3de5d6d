"""What owners decided of their data: what isn't open to all, and which parts are opened to whom."""

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


class AccessRestriction(tk.BaseModel):
    """The data of a dataset (no `resource_id`) or of one resource isn't open to all; `reason` is shown to people."""

    __tablename__ = "lrtzc_access_restriction"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True, default=make_uuid)
    package_id: Mapped[str] = mapped_column(sa.Text)
    resource_id: Mapped[str | None] = mapped_column(sa.Text)
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    created: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)
    created_by: Mapped[str] = mapped_column(sa.Text)


class AccessGrant(tk.BaseModel):
    """A part of a dataset, opened to somebody from `starts` until `ends` (exclusive; for good when it is None).

    `audience` is everyone, person, organization or group, `audience_id` which one. `columns` None means all; `rows` is
    a list of {column, kind, operator, values}, all of which hold. A grant is never erased: `withdrawn` says when it
    was taken back.
    """

    __tablename__ = "lrtzc_access_grant"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True, default=make_uuid)
    package_id: Mapped[str] = mapped_column(sa.Text)
    resource_id: Mapped[str | None] = mapped_column(sa.Text)
    audience: Mapped[str] = mapped_column(sa.Text)
    audience_id: Mapped[str | None] = mapped_column(sa.Text)
    columns: Mapped[list[str] | None] = mapped_column(JSONB(none_as_null=True))
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    masks: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    purpose: Mapped[str] = mapped_column(sa.Text, default="")
    starts: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)
    ends: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    created: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)
    created_by: Mapped[str] = mapped_column(sa.Text)
    withdrawn: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    withdrawn_by: Mapped[str | None] = mapped_column(sa.Text)

    @classmethod
    def get(cls, grant_id: str, *, lock: bool = False) -> AccessGrant | None:
        """Give a grant by its id, read anew; with `lock`, others wait to change it until the transaction ends."""
        query = sa.select(cls).where(cls.id == grant_id).execution_options(populate_existing=True)
        return model.Session.scalar(query.with_for_update() if lock else query)

    @classmethod
    def in_force(
        cls, moment: dt.datetime | sa.ColumnElement[Any], *, or_to_come: bool = False
    ) -> sa.ColumnElement[bool]:
        """Make the condition of holding at a moment; with `or_to_come`, of holding then or later."""
        standing = sa.and_(cls.withdrawn.is_(None), sa.or_(cls.ends.is_(None), cls.ends > moment))
        return standing if or_to_come else sa.and_(standing, cls.starts <= moment)

    @classmethod
    def reaches(cls, person_id: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
        """Make the condition of being for a person by name, or for an organisation or a group of theirs."""
        groups = sa.select(model.Member.group_id).where(
            model.Member.table_id == person_id, model.Member.table_name == "user", model.Member.state == "active"
        )
        # one list of all, which the index answers: an OR would read every grant
        return cls.audience_id.in_(sa.union_all(sa.select(person_id), groups))

    @classmethod
    def of_package(cls, package_id: str, limit: int, offset: int) -> list[AccessGrant]:
        """Give the grants on a dataset: those in force or to come first, then by date, the newest first."""
        over = sa.not_(cls.in_force(now(), or_to_come=True))
        query = sa.select(cls).where(cls.package_id == package_id).order_by(over, cls.created.desc(), cls.id)
        return list(model.Session.scalars(query.limit(limit).offset(offset)))

    def as_dict(self) -> dict[str, Any]:
        """Give what the actions answer; times in ISO 8601."""
        keys = (
            "id", "package_id", "resource_id", "audience", "audience_id", "columns", "rows", "masks", "purpose",
            "created_by", "withdrawn_by",
        )  # fmt: skip
        times = {
            key: value and value.isoformat()
            for key, value in ((key, getattr(self, key)) for key in ("starts", "ends", "created", "withdrawn"))
        }
        return {key: getattr(self, key) for key in keys} | times
