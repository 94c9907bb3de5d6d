"""Raw forms that are small enough to stand in a row, since they come in great numbers."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLE = "lrtzc_batches_small"


def upgrade():
    op.create_table(
        TABLE,
        sa.Column("batch_id", sa.Text, primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
        if_not_exists=True,
    )


def downgrade():
    op.drop_table(TABLE, if_exists=True)
