"""Needs, who supports them, what is said of them, what producers answer."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NEED, SUPPORT, COMMENT = "lrtzc_needs_need", "lrtzc_needs_support", "lrtzc_needs_comment"
REPORT, ANSWER = "lrtzc_needs_report", "lrtzc_needs_answer"


def _of(table):
    return sa.ForeignKey(f"{table}.id", ondelete="CASCADE")


def upgrade():
    op.create_table(
        NEED,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("author_id", sa.Text),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("proposal", JSONB),
        sa.Column("refusal", sa.Text, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published", sa.DateTime(timezone=True)),
        sa.Column("changed", sa.DateTime(timezone=True)),
        sa.Column("withdrawn", sa.DateTime(timezone=True)),
        sa.Column("restricted", sa.Boolean, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("axis", sa.Text, nullable=False),
        sa.Column("communes", JSONB, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.CheckConstraint("status IN ('open', 'answered', 'met', 'declined')", f"{NEED}_status"),
        if_not_exists=True,
    )
    op.create_index(f"{NEED}_author", NEED, ["author_id"], if_not_exists=True)
    op.create_table(
        SUPPORT,
        sa.Column("need_id", sa.Text, _of(NEED), primary_key=True),
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("given", sa.DateTime(timezone=True), nullable=False),
        if_not_exists=True,
    )
    op.create_index(f"{SUPPORT}_account", SUPPORT, ["account_id"], if_not_exists=True)
    op.create_table(
        COMMENT,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("need_id", sa.Text, _of(NEED), nullable=False),
        sa.Column("author_id", sa.Text),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("posted", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed", sa.DateTime(timezone=True)),
        sa.Column("cleared", sa.Boolean, nullable=False),
        sa.Column("restricted", sa.Boolean, nullable=False),
        if_not_exists=True,
    )
    op.create_index(f"{COMMENT}_need", COMMENT, ["need_id", "posted"], if_not_exists=True)
    op.create_index(f"{COMMENT}_author", COMMENT, ["author_id", "posted"], if_not_exists=True)
    op.create_table(
        REPORT,
        sa.Column("comment_id", sa.Text, _of(COMMENT), primary_key=True),
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        if_not_exists=True,
    )
    op.create_index(f"{REPORT}_account", REPORT, ["account_id"], if_not_exists=True)
    op.create_table(
        ANSWER,
        sa.Column("need_id", sa.Text, _of(NEED), primary_key=True),
        sa.Column("organization_id", sa.Text, primary_key=True),
        sa.Column("given_by", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("package_id", sa.Text),
        sa.Column("given", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('answered', 'met', 'declined')", f"{ANSWER}_status"),
        sa.CheckConstraint("(status = 'met') = (package_id IS NOT NULL)", f"{ANSWER}_package"),
        if_not_exists=True,
    )
    op.create_index(f"{ANSWER}_met", ANSWER, ["package_id"], if_not_exists=True)


def downgrade():
    for table in (ANSWER, REPORT, COMMENT, SUPPORT, NEED):
        op.drop_table(table, if_exists=True)
