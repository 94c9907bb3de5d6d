"""What is kept of the versions of data."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

COPY = "lrtzc_versions_copy"


def upgrade():
    op.create_table(
        COPY,
        sa.Column("resource_id", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("package_id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("open", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("rows", sa.BigInteger),
        sa.Column("size", sa.BigInteger),
        sa.Column("added", sa.BigInteger),
        sa.Column("changed", sa.BigInteger),
        sa.Column("removed", sa.BigInteger),
        sa.Column("made", sa.DateTime(timezone=True)),
        if_not_exists=True,
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index(f"{COPY}_waiting", COPY, ["resource_id"], postgresql_where=waiting, if_not_exists=True)
    op.create_index(f"{COPY}_package_id", COPY, ["package_id"], if_not_exists=True)


def downgrade():
    op.drop_table(COPY, if_exists=True)
