"""Reuses, the objects they use, and their pictures."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.model.types import make_uuid
from sqlalchemy.orm import Mapped, mapped_column

from ckanext.lrtzc.moderation.api import Proposed


class Reuse(Proposed, tk.BaseModel):
    """A reuse as it is shown; what waits for moderators is in `proposal`, with the same names and `objects`."""

    __tablename__ = "lrtzc_reuses_reuse"

    kind: Mapped[str] = mapped_column(sa.Text, default="")
    url: Mapped[str] = mapped_column(sa.Text, default="")
    description: Mapped[str] = mapped_column(sa.Text, default="")
    picture_id: Mapped[str | None] = mapped_column(sa.Text)


class Use(tk.BaseModel):
    """An object that a reuse uses, as it is shown."""

    __tablename__ = "lrtzc_reuses_use"

    reuse_id: Mapped[str] = mapped_column(sa.ForeignKey("lrtzc_reuses_reuse.id", ondelete="CASCADE"), primary_key=True)
    package_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)


class Picture(tk.BaseModel):
    """A picture drawn anew, as WebP, `large` for the reuse's page and `small` for lists; never changed once kept."""

    __tablename__ = "lrtzc_reuses_picture"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True, default=make_uuid)
    reuse_id: Mapped[str] = mapped_column(sa.ForeignKey("lrtzc_reuses_reuse.id", ondelete="CASCADE"))
    large: Mapped[bytes] = mapped_column(sa.LargeBinary)
    small: Mapped[bytes] = mapped_column(sa.LargeBinary)
