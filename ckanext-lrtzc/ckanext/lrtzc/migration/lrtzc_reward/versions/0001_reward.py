"""Who counts points, what for, and by which rules."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

PARTICIPANT, GAIN, RULES = "lrtzc_reward_participant", "lrtzc_reward_gain", "lrtzc_reward_rules"


def upgrade():
    op.create_table(
        PARTICIPANT,
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("pseudonym", sa.Text, nullable=False),
        # as it is compared: no two that people would take for each other
        sa.Column("folded", sa.Text, nullable=False, unique=True),
        sa.Column("listed", sa.Boolean, nullable=False),
        sa.Column("candidate", sa.Boolean, nullable=False),
        sa.Column("joined", sa.DateTime(timezone=True), nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        GAIN,
        sa.Column(
            "account_id", sa.Text, sa.ForeignKey(f"{PARTICIPANT}.account_id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("deed", sa.Text, primary_key=True),
        sa.Column("subject_id", sa.Text, primary_key=True),
        sa.Column("package_id", sa.Text),
        sa.Column("moment", sa.DateTime(timezone=True), nullable=False),
        sa.Column("points", sa.Integer, nullable=False),
        sa.Column("because", sa.Text, nullable=False),
        sa.CheckConstraint("points >= 0", name=f"{GAIN}_points"),
        if_not_exists=True,
    )
    op.create_index(f"{GAIN}_when", GAIN, ["account_id", "moment"], if_not_exists=True)
    # what boards add up
    op.create_index(
        f"{GAIN}_counted",
        GAIN,
        ["moment"],
        postgresql_where=sa.text("points > 0"),
        postgresql_include=["account_id", "points"],
        if_not_exists=True,
    )
    op.create_table(
        RULES,
        sa.Column("number", sa.Integer, sa.Identity(always=True), primary_key=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
        sa.Column("deeds", postgresql.JSONB, nullable=False),
        sa.Column("monthly", sa.Integer, nullable=False),
        sa.Column("levels", postgresql.JSONB, nullable=False),
        sa.Column("candidates", sa.Integer, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
        if_not_exists=True,
    )


def downgrade():
    for table in (RULES, GAIN, PARTICIPANT):
        op.drop_table(table, if_exists=True)
