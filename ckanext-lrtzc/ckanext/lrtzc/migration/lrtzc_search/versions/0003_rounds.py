"""Failures, and rounds of indexing again."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

FAILURE = "lrtzc_search_failure"
ROUND = "lrtzc_search_round"


def upgrade():
    op.create_table(
        FAILURE,
        sa.Column("package_id", sa.Text, primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("moment", sa.DateTime(timezone=True), nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        ROUND,
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("asked", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished", sa.DateTime(timezone=True)),
        sa.Column("last", sa.Text, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("failed", sa.Integer, nullable=False),
        if_not_exists=True,
    )
    op.create_index(
        f"{ROUND}_under_way",
        ROUND,
        ["scope"],
        unique=True,
        postgresql_where=sa.text("finished IS NULL"),
        if_not_exists=True,
    )


def downgrade():
    for table in (ROUND, FAILURE):
        op.drop_table(table)
