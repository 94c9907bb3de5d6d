"""What became of objects, and whom of their followers it waits to be told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

EVENT, NOTICE = "lrtzc_following_event", "lrtzc_following_notice"


def upgrade():
    op.create_table(
        EVENT,
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("transaction", sa.BigInteger, nullable=False, server_default=sa.text("txid_current()")),
        sa.Column("package_id", sa.Text, nullable=False),
        sa.Column("kinds", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("public", sa.Boolean, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("happened", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
        sa.Column("told", sa.DateTime(timezone=True)),
        # what one transaction does to an object is one change, however often it is flushed
        sa.UniqueConstraint("package_id", "transaction", name=f"{EVENT}_change"),
        if_not_exists=True,
    )
    op.create_index(f"{EVENT}_package", EVENT, ["package_id", "id"], if_not_exists=True)
    op.create_index(f"{EVENT}_untold", EVENT, ["id"], postgresql_where=sa.text("told IS NULL"), if_not_exists=True)
    op.create_table(
        NOTICE,
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("event_id", sa.BigInteger, sa.ForeignKey(f"{EVENT}.id", ondelete="CASCADE"), primary_key=True),
        if_not_exists=True,
    )
    op.create_index(f"{NOTICE}_event", NOTICE, ["event_id"], if_not_exists=True)


def downgrade():
    op.drop_table(NOTICE, if_exists=True)
    op.drop_table(EVENT, if_exists=True)
