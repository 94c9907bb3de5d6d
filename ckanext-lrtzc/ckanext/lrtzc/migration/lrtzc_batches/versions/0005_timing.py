"""When the batches of a resource go in, and which wait for it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLE = "lrtzc_batches_timing"
BATCHES = "lrtzc_batches_batch"


def upgrade():
    op.create_table(
        TABLE,
        sa.Column("resource_id", sa.Text, primary_key=True),
        sa.Column("way", sa.Text, nullable=False),
        sa.Column("times", JSONB, nullable=False),
        sa.Column("days", JSONB, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("hours", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        if_not_exists=True,
    )
    there = {column["name"] for column in sa.inspect(op.get_bind()).get_columns(BATCHES)}
    for name in ("held", "going"):
        if name not in there:
            op.add_column(BATCHES, sa.Column(name, sa.DateTime(timezone=True)))
    # only those that wait are in it, and those that go in after they waited
    op.create_index(
        f"{BATCHES}_held",
        BATCHES,
        ["resource_id", "created"],
        postgresql_where=sa.text("held IS NOT NULL"),
        if_not_exists=True,
    )


def downgrade():
    op.drop_index(f"{BATCHES}_held", BATCHES, if_exists=True)
    for name in ("going", "held"):
        op.drop_column(BATCHES, name)
    op.drop_table(TABLE, if_exists=True)
