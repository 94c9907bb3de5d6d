"""Profiles of rights, and who was given them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

PROFILE = "lrtzc_accounts_profile"
HOLDER = "lrtzc_accounts_holder"


def upgrade():
    op.create_table(
        PROFILE,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("functions", JSONB, nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        if_not_exists=True,
    )
    op.create_index(f"{PROFILE}_title", PROFILE, [sa.text("lower(title)")], unique=True, if_not_exists=True)
    op.create_table(
        HOLDER,
        sa.Column("profile_id", sa.Text, sa.ForeignKey(f"{PROFILE}.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("given", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_by", sa.Text, nullable=False),
        if_not_exists=True,
    )
    op.create_index(f"{HOLDER}_account", HOLDER, ["account_id"], if_not_exists=True)


def downgrade():
    op.drop_table(HOLDER, if_exists=True)
    op.drop_table(PROFILE, if_exists=True)
