"""Batches."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLE = "lrtzc_batches_batch"


def upgrade():
    op.create_table(
        TABLE,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("package_id", sa.Text, nullable=False),
        sa.Column("resource_id", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("location", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("unattended", sa.Boolean, nullable=False),
        sa.Column("settings", JSONB, nullable=False),
        sa.Column("analysis", JSONB, nullable=False),
        sa.Column("report", JSONB, nullable=False),
        sa.Column("file_modified", sa.Text),
        sa.Column("rows_read", sa.BigInteger),
        sa.Column("rows_accepted", sa.BigInteger),
        sa.Column("rows_corrected", sa.BigInteger),
        sa.Column("rows_refused", sa.BigInteger),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        if_not_exists=True,
    )
    for columns in (["package_id", "created"], ["resource_id", "created"], ["state"]):
        op.create_index(f"{TABLE}_{'_'.join(columns)}", TABLE, columns, if_not_exists=True)


def downgrade():
    op.drop_table(TABLE, if_exists=True)
