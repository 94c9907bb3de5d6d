"""Pseudonyms that administrators took down: nobody goes by them any more."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

REFUSED = "lrtzc_reward_refused"


def upgrade():
    op.create_table(
        REFUSED,
        # as pseudonyms are compared, so that neither capitals nor accents bring it back
        sa.Column("folded", sa.Text, primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refused_by", sa.Text, nullable=False),
        if_not_exists=True,
    )


def downgrade():
    op.drop_table(REFUSED, if_exists=True)
