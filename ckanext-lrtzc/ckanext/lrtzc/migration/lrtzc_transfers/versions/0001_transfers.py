"""Offers of ownership."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

OFFER = "lrtzc_transfers_offer"


def upgrade():
    op.create_table(
        OFFER,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("package_id", sa.Text, nullable=False),
        sa.Column("from_kind", sa.Text, nullable=False),
        sa.Column("from_id", sa.Text, nullable=False),
        sa.Column("to_kind", sa.Text, nullable=False),
        sa.Column("to_id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("offered", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offered_by", sa.Text, nullable=False),
        sa.Column("closed", sa.DateTime(timezone=True)),
        sa.Column("closed_by", sa.Text),
        sa.CheckConstraint("from_kind IN ('person', 'organization')", f"{OFFER}_from_kind"),
        sa.CheckConstraint("to_kind IN ('person', 'organization')", f"{OFFER}_to_kind"),
        sa.CheckConstraint("state IN ('offered', 'accepted', 'refused', 'withdrawn', 'void')", f"{OFFER}_state"),
        sa.CheckConstraint("(state = 'offered') = (closed IS NULL)", f"{OFFER}_closed"),
        if_not_exists=True,
    )
    # one offer an object, also when two people ask at once
    op.create_index(
        f"{OFFER}_standing",
        OFFER,
        ["package_id"],
        unique=True,
        postgresql_where=sa.text("state = 'offered'"),
        if_not_exists=True,
    )
    op.create_index(f"{OFFER}_to_id", OFFER, ["to_id", "offered"], if_not_exists=True)
    op.create_index(f"{OFFER}_from_id", OFFER, ["from_id", "offered"], if_not_exists=True)


def downgrade():
    op.drop_table(OFFER, if_exists=True)
