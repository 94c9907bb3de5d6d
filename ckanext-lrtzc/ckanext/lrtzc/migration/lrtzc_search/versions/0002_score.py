"""Documented columns and links that answer, for the score."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CONTENT = "lrtzc_search_content"
LINK = "lrtzc_search_link"


def upgrade():
    for name in ("columns", "documented"):
        op.add_column(CONTENT, sa.Column(name, sa.Integer))
    op.create_table(
        LINK,
        sa.Column("resource_id", sa.Text, primary_key=True),
        sa.Column("package_id", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("checked", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        if_not_exists=True,
    )
    for name in ("package_id", "checked"):
        op.create_index(f"ix_{LINK}_{name}", LINK, [name], if_not_exists=True)


def downgrade():
    op.drop_table(LINK)
    for name in ("columns", "documented"):
        op.drop_column(CONTENT, name)
