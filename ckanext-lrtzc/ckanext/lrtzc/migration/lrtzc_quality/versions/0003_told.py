"""Which stopped batches people were told of."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TOLD = "lrtzc_quality_told"


def upgrade():
    op.create_table(
        TOLD,
        sa.Column("batch_id", sa.Text, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        if_not_exists=True,
    )


def downgrade():
    op.drop_table(TOLD, if_exists=True)
