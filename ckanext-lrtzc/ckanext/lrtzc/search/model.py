"""What the room keeps: the words of each file's public rows, the datasets to read again, and how links answer."""

import datetime as dt

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

PREFIX = "lrtzc_search_"


def now() -> dt.datetime:
    """Give the present moment, aware."""
    return dt.datetime.now(dt.UTC)


class Content(tk.BaseModel):
    """Words of what everybody may read of a file's rows.

    `part` is the fingerprint of what that was when they were read: words are indexed only while it is the same. `until`
    is when it ends by itself. `more` says that the file holds more words than are kept. `columns` of it may be read by
    all, `documented` of them say what they hold; unknown in what was read before these were counted.
    """

    __tablename__ = PREFIX + "content"

    resource_id = sa.Column(sa.Text, primary_key=True)
    package_id = sa.Column(sa.Text, nullable=False, index=True)
    version = sa.Column(sa.Text, nullable=False)
    part = sa.Column(sa.Text, nullable=False)
    words = sa.Column(sa.Text, nullable=False)
    more = sa.Column(sa.Boolean, nullable=False, default=False)
    columns = sa.Column(sa.Integer)
    documented = sa.Column(sa.Integer)
    until = sa.Column(sa.DateTime(timezone=True))
    read = sa.Column(sa.DateTime(timezone=True), nullable=False, default=now)


class Due(tk.BaseModel):
    """A dataset whose rows or openness changed `since` they were read."""

    __tablename__ = PREFIX + "due"

    package_id = sa.Column(sa.Text, primary_key=True)
    since = sa.Column(sa.DateTime(timezone=True), nullable=False, default=now)


class Link(tk.BaseModel):
    """What came of the last look at a link: `failures` in a row, on different days; `reason` of the last one."""

    __tablename__ = PREFIX + "link"

    resource_id = sa.Column(sa.Text, primary_key=True)
    package_id = sa.Column(sa.Text, nullable=False, index=True)
    url = sa.Column(sa.Text, nullable=False)
    checked = sa.Column(sa.DateTime(timezone=True), nullable=False, index=True)
    failures = sa.Column(sa.Integer, nullable=False, default=0)
    reason = sa.Column(sa.Text, nullable=False, default="")

    @classmethod
    def is_broken(cls) -> sa.ColumnElement[bool]:
        """Say that a link fails: once may be chance, twice in a row is told."""
        return cls.failures >= 2


class Failure(tk.BaseModel):
    """The last failure to read an object's rows or to index it, a `trouble.Reason`; gone once it succeeds."""

    __tablename__ = PREFIX + "failure"

    package_id = sa.Column(sa.Text, primary_key=True)
    reason = sa.Column(sa.Text, nullable=False)
    moment = sa.Column(sa.DateTime(timezone=True), nullable=False, default=now)


class Round(tk.BaseModel):
    """A round in which objects are indexed again, as an administrator asked.

    `scope`: the one object it is about, or nothing for all. `last` is the object that was reached, in the order of
    their identifiers; `done` and `failed` of `total` objects; `moved` the moment of its last step, `finished` of its
    end.
    """

    __tablename__ = PREFIX + "round"
    __table_args__ = (
        sa.Index(f"{PREFIX}round_under_way", "scope", unique=True, postgresql_where=sa.text("finished IS NULL")),
    )

    id = sa.Column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    scope = sa.Column(sa.Text, nullable=False, default="")
    asked = sa.Column(sa.DateTime(timezone=True), nullable=False, default=now)
    moved = sa.Column(sa.DateTime(timezone=True), nullable=False, default=now)
    finished = sa.Column(sa.DateTime(timezone=True))
    last = sa.Column(sa.Text, nullable=False, default="")
    total = sa.Column(sa.Integer, nullable=False, default=0)
    done = sa.Column(sa.Integer, nullable=False, default=0)
    failed = sa.Column(sa.Integer, nullable=False, default=0)


class Synonyms(tk.BaseModel):
    """A group of synonyms that administrators added, or what they made of one of the configuration's file.

    Without `terms`: a group of the file that they took away.
    """

    __tablename__ = PREFIX + "synonyms"

    id = sa.Column(sa.Text, primary_key=True)
    terms = sa.Column(ARRAY(sa.Text), nullable=False)
    changed = sa.Column(sa.DateTime(timezone=True), nullable=False, default=now)
