"""What is kept of the versions of data, beside their numbers (`batches.versions`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from enum import StrEnum

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column


def now() -> dt.datetime:
    """Give the time, in UTC."""
    return dt.datetime.now(dt.UTC)


class State(StrEnum):
    """Whether the rows of a version are kept.

    `passed`: the next version came before they could be copied. `large`: more cells than are copied. `dropped`: newer
    ones took the place. `erased`: by the owner, or since some of them were destroyed.
    """

    WAITING = "waiting"
    KEPT = "kept"
    PASSED = "passed"
    LARGE = "large"
    DROPPED = "dropped"
    ERASED = "erased"
    NONE = "none"
    FAILED = "failed"


class Copy(tk.BaseModel):
    """The copy of a version's rows.

    `open`: while it was the last version, everybody might read it whole. `size` is in bytes. `added`, `changed`,
    `removed`: rows compared with the version before, None where that isn't known.
    """

    __tablename__ = "lrtzc_versions_copy"

    resource_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    number: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    package_id: Mapped[str] = mapped_column(sa.Text)
    state: Mapped[str] = mapped_column(sa.Text, default=State.WAITING.value)
    open: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    rows: Mapped[int | None] = mapped_column(sa.BigInteger)
    size: Mapped[int | None] = mapped_column(sa.BigInteger)
    added: Mapped[int | None] = mapped_column(sa.BigInteger)
    changed: Mapped[int | None] = mapped_column(sa.BigInteger)
    removed: Mapped[int | None] = mapped_column(sa.BigInteger)
    made: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))

    @classmethod
    def get(cls, resource_id: str, number: int, *, lock: bool = False) -> Copy | None:
        """Give the copy of a version, read anew; with `lock`, others wait to change it."""
        query = sa.select(cls).where(cls.resource_id == resource_id, cls.number == number)
        query = query.execution_options(populate_existing=True)
        return model.Session.scalar(query.with_for_update() if lock else query)

    @classmethod
    def of(cls, resource_id: str, numbers: Collection[int]) -> dict[int, Copy]:
        """Give the copies of some versions by number, in one statement."""
        query = sa.select(cls).where(cls.resource_id == resource_id, cls.number.in_(numbers))
        return {one.number: one for one in model.Session.scalars(query.execution_options(populate_existing=True))}
