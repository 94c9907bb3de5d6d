"""Collections as they are stored: one a dataset at most, and their files."""

from __future__ import annotations

import datetime as dt

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.model.types import make_uuid
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from ckanext.lrtzc.collection.domain.kinds import FORMATS, Format


def now() -> dt.datetime:
    """Give the time, in UTC."""
    return dt.datetime.now(dt.UTC)


class Collection(tk.BaseModel):
    """The collection that a dataset is; it has the identifier of its resource, which is made when files come.

    `keeps_position`: photos keep what they say of the place where they were taken. `changed`: when files or what is
    said of them changed last.
    """

    __tablename__ = "lrtzc_collection_collection"

    resource_id: Mapped[str] = mapped_column(sa.Text, primary_key=True, default=make_uuid)
    package_id: Mapped[str] = mapped_column(sa.Text, unique=True)
    kind: Mapped[str] = mapped_column(sa.Text)
    keeps_position: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    created: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)
    changed: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)

    @classmethod
    def of_package(cls, package_id: str) -> Collection | None:
        """Give the collection of a dataset, by its identifier."""
        return model.Session.scalar(sa.select(cls).where(cls.package_id == package_id))

    @classmethod
    def get(cls, resource_id: str) -> Collection | None:
        """Give a collection by the identifier of its resource, read anew."""
        query = sa.select(cls).where(cls.resource_id == resource_id)
        return model.Session.scalar(query.execution_options(populate_existing=True))


class File(tk.BaseModel):
    """A file of a collection.

    `sha256` is of the file as it is kept and given, `sent_sha256` as it came. `taken` is what the camera's clock said,
    without a zone; `duration` in seconds; `words` the text by which it is found.
    """

    __tablename__ = "lrtzc_collection_file"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True, default=make_uuid)
    collection_id: Mapped[str] = mapped_column(sa.Text, sa.ForeignKey(Collection.resource_id, ondelete="CASCADE"))
    place: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity())
    batch_id: Mapped[str] = mapped_column(sa.Text)
    name: Mapped[str] = mapped_column(sa.Text)
    caption: Mapped[str] = mapped_column(sa.Text, default="")
    format: Mapped[str] = mapped_column(sa.Text)
    size: Mapped[int] = mapped_column(sa.BigInteger)
    sha256: Mapped[str] = mapped_column(sa.Text)
    sent_sha256: Mapped[str] = mapped_column(sa.Text)
    has_picture: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    added: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True), default=now)
    taken: Mapped[dt.datetime | None] = mapped_column(sa.DateTime)
    width: Mapped[int | None] = mapped_column(sa.Integer)
    height: Mapped[int | None] = mapped_column(sa.Integer)
    longitude: Mapped[float | None] = mapped_column(sa.Double)
    latitude: Mapped[float | None] = mapped_column(sa.Double)
    pages: Mapped[int | None] = mapped_column(sa.Integer)
    duration: Mapped[float | None] = mapped_column(sa.Double)
    title: Mapped[str] = mapped_column(sa.Text, default="")
    # large, and asked for by nothing but the search
    words: Mapped[str] = mapped_column(sa.Text, default="", deferred=True)
    found_by: Mapped[str] = mapped_column(
        TSVECTOR,
        sa.Computed("to_tsvector('french', name || ' ' || caption || ' ' || title || ' ' || words)", persisted=True),
        deferred=True,
    )

    @property
    def form(self) -> Format:
        """Give its format."""
        return FORMATS[self.format]

    @property
    def said(self) -> str:
        """Give what to call it where it can't be seen: its caption, its title, or its name."""
        return self.caption or self.title or self.name
