"""Cases, votes, and who moderates what."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

CASE, VOTE, BOARD = "lrtzc_moderation_case", "lrtzc_moderation_vote", "lrtzc_moderation_board"
RULES = "rule IN ('one', 'majority', 'unanimity')"


def upgrade():
    op.create_table(
        CASE,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject_id", sa.Text, nullable=False),
        sa.Column("author_id", sa.Text),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("share", sa.Text, nullable=False),
        sa.Column("moderators", JSONB, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("opened", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed", sa.DateTime(timezone=True)),
        sa.CheckConstraint(RULES, f"{CASE}_rule"),
        sa.CheckConstraint("state IN ('pending', 'accepted', 'rejected', 'cancelled')", f"{CASE}_state"),
        sa.CheckConstraint("(state = 'pending') = (closed IS NULL)", f"{CASE}_closed"),
        if_not_exists=True,
    )
    # one case that waits a thing, also when two people ask at once
    op.create_index(
        f"{CASE}_standing",
        CASE,
        ["kind", "subject_id"],
        unique=True,
        postgresql_where=sa.text("state = 'pending'"),
        if_not_exists=True,
    )
    op.create_index(f"{CASE}_moderators", CASE, ["moderators"], postgresql_using="gin", if_not_exists=True)
    op.create_index(f"{CASE}_subject", CASE, ["kind", "subject_id", "opened"], if_not_exists=True)
    op.create_table(
        VOTE,
        sa.Column("case_id", sa.Text, sa.ForeignKey(f"{CASE}.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("voter_id", sa.Text, primary_key=True),
        sa.Column("choice", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("cast", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("choice IN ('accept', 'reject')", f"{VOTE}_choice"),
        sa.CheckConstraint("choice = 'accept' OR reason <> ''", f"{VOTE}_reason"),
        if_not_exists=True,
    )
    op.create_table(
        BOARD,
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("share", sa.Text, nullable=False),
        sa.Column("moderators", JSONB, nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.CheckConstraint(RULES, f"{BOARD}_rule"),
        if_not_exists=True,
    )


def downgrade():
    for table in (VOTE, CASE, BOARD):
        op.drop_table(table, if_exists=True)
