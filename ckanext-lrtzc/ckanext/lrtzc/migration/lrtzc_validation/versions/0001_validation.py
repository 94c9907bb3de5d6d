"""Which batches people decide on."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

DEMAND = "lrtzc_validation_demand"


def upgrade():
    op.create_table(
        DEMAND,
        sa.Column("package_id", sa.Text, primary_key=True),
        sa.Column("resource_id", sa.Text, primary_key=True),
        sa.Column("every", sa.Boolean, nullable=False),
        sa.Column("moderators", JSONB, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("share", sa.Text, nullable=False),
        sa.Column("days", sa.Integer),
        sa.Column("remind", sa.Integer),
        sa.Column("at_end", sa.Text, nullable=False),
        sa.Column("digest", sa.Boolean, nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.CheckConstraint("rule IN ('one', 'majority', 'unanimity')", f"{DEMAND}_rule"),
        sa.CheckConstraint("at_end IN ('wait', 'accept', 'reject', 'pass_on')", f"{DEMAND}_at_end"),
        sa.CheckConstraint("days BETWEEN 1 AND 365", f"{DEMAND}_days"),
        sa.CheckConstraint("remind BETWEEN 1 AND 365", f"{DEMAND}_remind"),
        if_not_exists=True,
    )


def downgrade():
    op.drop_table(DEMAND, if_exists=True)
