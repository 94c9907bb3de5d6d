"""Links between objects."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

LINK = "lrtzc_links_link"


def upgrade():
    op.create_table(
        LINK,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("source_id", sa.Text, nullable=False),
        sa.Column("target_id", sa.Text, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.CheckConstraint("kind IN ('derived_from', 'uses', 'produced_by')", f"{LINK}_kind"),
        sa.CheckConstraint("source_id <> target_id", f"{LINK}_ends"),
        if_not_exists=True,
    )
    op.create_index(f"{LINK}_once", LINK, ["source_id", "target_id", "kind"], unique=True, if_not_exists=True)
    op.create_index(f"{LINK}_target_id", LINK, ["target_id"], if_not_exists=True)


def downgrade():
    op.drop_table(LINK, if_exists=True)
