"""What the room keeps of partners, of their records, and of runs.

A partner is a harvest source of ckanext-harvest (address, title) and its dataset of type `harvest` (organisation); a
run has the identity of its harvest job. Times are aware, in UTC.
"""

import datetime as dt
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

PREFIX = "lrtzc_partners_"


def now() -> dt.datetime:
    """Give the present moment, aware."""
    return dt.datetime.now(dt.UTC)


class Partner(tk.BaseModel):
    """How a partner portal is harvested; `source_id` is the harvest source's and its dataset's identity."""

    __tablename__ = PREFIX + "partner"

    source_id = sa.Column(sa.UnicodeText, primary_key=True)
    kind = sa.Column(sa.UnicodeText, nullable=False)
    schedule = sa.Column(sa.UnicodeText, nullable=False, default="manual")
    paused = sa.Column(sa.Boolean, nullable=False, default=False)
    next_run = sa.Column(sa.DateTime(timezone=True))
    options = sa.Column(JSONB, nullable=False, default=dict)
    purge_days = sa.Column(sa.Integer, nullable=False, default=30)
    licence = sa.Column(sa.UnicodeText, nullable=False, default="")
    axis = sa.Column(sa.UnicodeText, nullable=False, default="")
    notify = sa.Column(sa.UnicodeText, nullable=False, default="")
    created = sa.Column(sa.DateTime(timezone=True), nullable=False, default=now)


class Record(tk.BaseModel):
    """A record of a partner that has a dataset here; `withdrawn` is when the partner stopped giving it."""

    __tablename__ = PREFIX + "record"

    source_id = sa.Column(sa.UnicodeText, primary_key=True)
    guid = sa.Column(sa.UnicodeText, primary_key=True)
    digest = sa.Column(sa.UnicodeText, nullable=False)
    likeness = sa.Column(sa.UnicodeText, nullable=False)
    package_id = sa.Column(sa.UnicodeText, nullable=False, index=True)
    written = sa.Column(sa.DateTime(timezone=True), nullable=False, default=now)
    withdrawn = sa.Column(sa.DateTime(timezone=True))


class Run(tk.BaseModel):
    """One harvest of a partner, and its report.

    `state` is gathering, importing, finished, incomplete (part of the catalogue couldn't be read; nothing was
    withdrawn) or failed. `message` is a sentence with gaps and `params` their values.
    """

    __tablename__ = PREFIX + "run"

    id = sa.Column(sa.UnicodeText, primary_key=True)
    source_id = sa.Column(sa.UnicodeText, nullable=False, index=True)
    state = sa.Column(sa.UnicodeText, nullable=False, default="gathering")
    started = sa.Column(sa.DateTime(timezone=True), nullable=False, default=now)
    beat = sa.Column(sa.DateTime(timezone=True), nullable=False, default=now)
    finished = sa.Column(sa.DateTime(timezone=True))
    expected = sa.Column(sa.Integer)
    seen = sa.Column(sa.Integer, nullable=False, default=0)
    added = sa.Column(sa.Integer, nullable=False, default=0)
    changed = sa.Column(sa.Integer, nullable=False, default=0)
    unchanged = sa.Column(sa.Integer, nullable=False, default=0)
    withdrawn = sa.Column(sa.Integer, nullable=False, default=0)
    purged = sa.Column(sa.Integer, nullable=False, default=0)
    refused = sa.Column(sa.Integer, nullable=False, default=0)
    duplicates = sa.Column(sa.Integer, nullable=False, default=0)
    pieces = sa.Column(sa.Integer, nullable=False, default=0)
    pieces_done = sa.Column(sa.Integer, nullable=False, default=0)
    message = sa.Column(sa.UnicodeText, nullable=False, default="")
    params = sa.Column(JSONB, nullable=False, default=dict)

    OVER = ("finished", "incomplete", "failed")


class Line(tk.BaseModel):
    """One line of a run's report: a refusal, a duplicate, or a remark on one record."""

    __tablename__ = PREFIX + "line"

    id = sa.Column(sa.BigInteger, primary_key=True, autoincrement=True)
    run_id = sa.Column(sa.UnicodeText, nullable=False, index=True)
    kind = sa.Column(sa.UnicodeText, nullable=False)
    guid = sa.Column(sa.UnicodeText, nullable=False, default="")
    title = sa.Column(sa.UnicodeText, nullable=False, default="")
    field = sa.Column(sa.UnicodeText, nullable=False, default="")
    sentence = sa.Column(sa.UnicodeText, nullable=False)
    params = sa.Column(JSONB, nullable=False, default=dict)
    package_id = sa.Column(sa.UnicodeText, nullable=False, default="")

    KINDS = ("refused", "duplicate", "renumbered", "remark")


def row(entity: Any) -> dict[str, Any]:
    """Give the columns of `entity` by name."""
    return {column.name: getattr(entity, column.name) for column in sa.inspect(entity).mapper.columns}
