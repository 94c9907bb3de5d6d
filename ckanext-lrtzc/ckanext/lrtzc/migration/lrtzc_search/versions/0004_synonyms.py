"""Synonyms that administrators keep by page."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SYNONYMS = "lrtzc_search_synonyms"


def upgrade():
    op.create_table(
        SYNONYMS,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("terms", ARRAY(sa.Text), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        if_not_exists=True,
    )


def downgrade():
    op.drop_table(SYNONYMS)
