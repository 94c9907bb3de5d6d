"""Rules on the quality of files, and what a file must reach."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

RULE, THRESHOLD = "lrtzc_quality_rule", "lrtzc_quality_threshold"


def upgrade():
    op.create_table(
        RULE,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("resource_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("columns", JSONB, nullable=False),
        sa.Column("params", JSONB, nullable=False),
        sa.Column("failure", sa.Text, nullable=False),
        sa.Column("least", sa.Float, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("least BETWEEN 0 AND 1", f"{RULE}_least"),
        if_not_exists=True,
    )
    op.create_index(f"{RULE}_resource", RULE, ["resource_id", "created"], if_not_exists=True)
    op.create_table(
        THRESHOLD,
        sa.Column("resource_id", sa.Text, primary_key=True),
        sa.Column("minimum", sa.Float, nullable=False),
        sa.Column("below", sa.Text, nullable=False),
        sa.CheckConstraint("minimum BETWEEN 0 AND 1", f"{THRESHOLD}_minimum"),
        sa.CheckConstraint("below IN ('quarantine', 'refuse')", f"{THRESHOLD}_below"),
        if_not_exists=True,
    )


def downgrade():
    for table in (RULE, THRESHOLD):
        op.drop_table(table, if_exists=True)
