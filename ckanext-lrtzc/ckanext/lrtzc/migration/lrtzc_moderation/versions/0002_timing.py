"""When moderators are told and reminded, and until when they are waited for."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CASE = "lrtzc_moderation_case"
TIMES = ("deadline", "ended", "told", "next_reminder")


def upgrade():
    for name in TIMES:
        op.add_column(CASE, sa.Column(name, sa.DateTime(timezone=True)))
    op.add_column(CASE, sa.Column("remind", sa.Integer))
    op.add_column(CASE, sa.Column("at_end", sa.Text, nullable=False, server_default="wait"))
    op.add_column(CASE, sa.Column("digest", sa.Boolean, nullable=False, server_default=sa.false()))
    # those that wait already were told of when they were opened
    op.execute(f"UPDATE {CASE} SET told = opened")  # noqa: S608
    op.create_check_constraint(f"{CASE}_at_end", CASE, "at_end IN ('wait', 'accept', 'reject', 'pass_on')")
    # what the scheduler looks for: among all cases, the few that wait
    op.create_index(
        f"{CASE}_waiting", CASE, ["deadline", "next_reminder"], postgresql_where=sa.text("state = 'pending'")
    )


def downgrade():
    op.drop_index(f"{CASE}_waiting", CASE)
    for name in (*TIMES, "remind", "at_end", "digest"):
        op.drop_column(CASE, name)
