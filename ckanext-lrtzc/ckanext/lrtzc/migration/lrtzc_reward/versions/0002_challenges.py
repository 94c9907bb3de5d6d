"""What people do together: so many rows of a file, until a day."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CHALLENGE = "lrtzc_reward_challenge"


def upgrade():
    op.create_table(
        CHALLENGE,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("package_id", sa.Text, nullable=False),
        sa.Column("resource_id", sa.Text, nullable=False),
        # what is counted, as an address of the explorer says it: filters, a rectangle, a place
        sa.Column("selection", sa.Text, nullable=False),
        sa.Column("target", sa.Integer, nullable=False),
        sa.Column("before", sa.Integer, nullable=False),
        sa.Column("reached", sa.Integer, nullable=False),
        sa.Column("begins", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends", sa.Date, nullable=False),
        sa.Column("counted", sa.DateTime(timezone=True)),
        sa.Column("created_by", sa.Text, nullable=False),
        if_not_exists=True,
    )
    op.create_index(f"{CHALLENGE}_ends", CHALLENGE, ["ends"], if_not_exists=True)


def downgrade():
    op.drop_table(CHALLENGE, if_exists=True)
