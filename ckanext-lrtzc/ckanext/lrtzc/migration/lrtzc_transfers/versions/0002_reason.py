"""Why an administrator handed over what nobody owned any more."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OFFER = "lrtzc_transfers_offer"


def upgrade():
    op.add_column(OFFER, sa.Column("reason", sa.Text, nullable=False, server_default=""))


def downgrade():
    op.drop_column(OFFER, "reason")
