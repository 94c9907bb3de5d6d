"""Steps that make a file's rows what its owner wants."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

STEPS = "lrtzc_transforming_steps"


def upgrade():
    op.create_table(
        STEPS,
        sa.Column("resource_id", sa.Text, primary_key=True),
        sa.Column("steps", JSONB, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        if_not_exists=True,
    )


def downgrade():
    op.drop_table(STEPS, if_exists=True)
