"""Batches with too few good rows may be sent to moderators."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

THRESHOLD = "lrtzc_quality_threshold"


def _below(*choices):
    op.drop_constraint(f"{THRESHOLD}_below", THRESHOLD)
    listed = ", ".join(f"'{each}'" for each in choices)
    op.create_check_constraint(f"{THRESHOLD}_below", THRESHOLD, f"below IN ({listed})")


def upgrade():
    _below("quarantine", "refuse", "moderate")


def downgrade():
    op.execute(f"UPDATE {THRESHOLD} SET below = 'quarantine' WHERE below = 'moderate'")  # noqa: S608
    _below("quarantine", "refuse")
