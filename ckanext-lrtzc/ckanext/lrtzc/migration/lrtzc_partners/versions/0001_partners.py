"""Partners, their records, runs and reports.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

PREFIX = "lrtzc_partners_"


def _text(name, **kwargs):
    return sa.Column(name, sa.UnicodeText, nullable=False, **kwargs)


def _moment(name, nullable=True):
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _count(name):
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


def upgrade():
    op.create_table(
        PREFIX + "partner",
        _text("source_id", primary_key=True),
        _text("kind"),
        _text("schedule"),
        sa.Column("paused", sa.Boolean, nullable=False, server_default=sa.false()),
        _moment("next_run"),
        sa.Column("options", JSONB, nullable=False, server_default="{}"),
        sa.Column("purge_days", sa.Integer, nullable=False, server_default="30"),
        _text("licence", server_default=""),
        _text("axis", server_default=""),
        _text("notify", server_default=""),
        _moment("created", nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        PREFIX + "record",
        _text("source_id", primary_key=True),
        _text("guid", primary_key=True),
        _text("digest"),
        _text("likeness"),
        _text("package_id"),
        _moment("written", nullable=False),
        _moment("withdrawn"),
        if_not_exists=True,
    )
    op.create_index(f"ix_{PREFIX}record_package_id", PREFIX + "record", ["package_id"], if_not_exists=True)
    op.create_table(
        PREFIX + "run",
        _text("id", primary_key=True),
        _text("source_id"),
        _text("state"),
        _moment("started", nullable=False),
        _moment("beat", nullable=False),
        _moment("finished"),
        sa.Column("expected", sa.Integer),
        *[
            _count(name)
            for name in (
                "seen",
                "added",
                "changed",
                "unchanged",
                "withdrawn",
                "purged",
                "refused",
                "duplicates",
                "pieces",
                "pieces_done",
            )
        ],
        _text("message", server_default=""),
        sa.Column("params", JSONB, nullable=False, server_default="{}"),
        if_not_exists=True,
    )
    op.create_index(f"ix_{PREFIX}run_source_id", PREFIX + "run", ["source_id"], if_not_exists=True)
    op.create_table(
        PREFIX + "line",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=True),
        _text("run_id"),
        _text("kind"),
        _text("guid", server_default=""),
        _text("title", server_default=""),
        _text("field", server_default=""),
        _text("sentence"),
        sa.Column("params", JSONB, nullable=False, server_default="{}"),
        _text("package_id", server_default=""),
        if_not_exists=True,
    )
    op.create_index(f"ix_{PREFIX}line_run_id", PREFIX + "line", ["run_id"], if_not_exists=True)


def downgrade():
    for name in ("line", "run", "record", "partner"):
        op.drop_table(PREFIX + name)
