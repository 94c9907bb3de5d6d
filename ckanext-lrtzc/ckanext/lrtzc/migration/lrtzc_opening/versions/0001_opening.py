"""Whose data is opened without a hand, and what was."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ORGANISATION, DATASET = "lrtzc_opening_organization", "lrtzc_opening_dataset"


def upgrade():
    op.create_table(
        ORGANISATION,
        sa.Column("organization_id", sa.Text, primary_key=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Text, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        DATASET,
        sa.Column("package_id", sa.Text, primary_key=True),
        sa.Column("choice", sa.Text, nullable=False),
        sa.Column("opened", sa.DateTime(timezone=True)),
        sa.CheckConstraint("choice IN ('', 'auto', 'hand')", f"{DATASET}_choice"),
        if_not_exists=True,
    )


def downgrade():
    op.drop_table(DATASET, if_exists=True)
    op.drop_table(ORGANISATION, if_exists=True)
