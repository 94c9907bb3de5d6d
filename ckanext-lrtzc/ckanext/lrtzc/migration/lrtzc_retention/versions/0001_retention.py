"""How long data is kept, and what was destroyed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

RULE, RUN = "lrtzc_retention_rule", "lrtzc_retention_run"


def upgrade():
    op.create_table(
        RULE,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("package_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("resource_id", sa.Text),
        sa.Column("column_name", sa.Text),
        sa.Column("days", sa.Integer),
        sa.Column("on_day", sa.Date),
        sa.Column("warn_days", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("warned", sa.DateTime(timezone=True)),
        sa.Column("ran", sa.Date),
        sa.Column("hold_reason", sa.Text, nullable=False, server_default=""),
        sa.Column("held_by", sa.Text),
        if_not_exists=True,
    )
    op.create_index(f"{RULE}_package", RULE, ["package_id"], if_not_exists=True)
    op.create_table(
        RUN,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("rule_id", sa.Text, nullable=False),
        sa.Column("package_id", sa.Text, nullable=False),
        sa.Column("resource_id", sa.Text),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("before", sa.Date),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("started", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True)),
        sa.Column("result", JSONB, nullable=False),
        if_not_exists=True,
    )
    op.create_index(f"{RUN}_package", RUN, ["package_id", "started"], if_not_exists=True)
    op.create_index(f"{RUN}_started", RUN, ["started"], if_not_exists=True)
    # a rule does one thing at a time
    running = sa.text("state = 'running'")
    op.create_index(f"{RUN}_one", RUN, ["rule_id"], unique=True, postgresql_where=running, if_not_exists=True)


def downgrade():
    op.drop_table(RUN, if_exists=True)
    op.drop_table(RULE, if_exists=True)
