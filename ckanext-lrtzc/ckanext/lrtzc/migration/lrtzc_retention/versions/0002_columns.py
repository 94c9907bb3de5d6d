"""Rules that destroy the values of one column in old rows, which stay."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

RULE = "lrtzc_retention_rule"


def upgrade():
    op.execute(f"ALTER TABLE {RULE} ADD COLUMN IF NOT EXISTS emptied TEXT")


def downgrade():
    op.drop_column(RULE, "emptied")
