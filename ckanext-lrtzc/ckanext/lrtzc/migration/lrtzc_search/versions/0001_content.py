"""Words of rows, and what is to be read again."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

CONTENT = "lrtzc_search_content"
DUE = "lrtzc_search_due"


def upgrade():
    op.create_table(
        CONTENT,
        sa.Column("resource_id", sa.Text, primary_key=True),
        sa.Column("package_id", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("part", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("more", sa.Boolean, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True)),
        sa.Column("read", sa.DateTime(timezone=True), nullable=False),
        if_not_exists=True,
    )
    op.create_index(f"ix_{CONTENT}_package_id", CONTENT, ["package_id"], if_not_exists=True)
    op.create_table(
        DUE,
        sa.Column("package_id", sa.Text, primary_key=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        if_not_exists=True,
    )


def downgrade():
    op.drop_table(DUE)
    op.drop_table(CONTENT)
