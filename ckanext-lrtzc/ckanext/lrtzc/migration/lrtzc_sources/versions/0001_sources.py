"""Sources, what was taken of them, their runs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SOURCE, TAKEN, RUN, LINE = (f"lrtzc_sources_{name}" for name in ("source", "taken", "run", "line"))
MOMENT = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        SOURCE,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("package_id", sa.Text, nullable=False),
        sa.Column("owner_id", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("options", JSONB, nullable=False),
        sa.Column("secrets", sa.LargeBinary),
        sa.Column("resource_id", sa.Text),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("key", JSONB, nullable=False),
        sa.Column("expected", sa.Text, nullable=False),
        sa.Column("least", sa.BigInteger, nullable=False),
        sa.Column("most", sa.BigInteger, nullable=False),
        sa.Column("schedule", sa.Text, nullable=False),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.Column("next_run", MOMENT),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("silence_days", sa.Integer, nullable=False),
        sa.Column("last_new", MOMENT, nullable=False),
        sa.Column("silence_told", MOMENT),
        sa.Column("created", MOMENT, nullable=False),
        sa.CheckConstraint("mode IN ('replace', 'append', 'upsert')", f"{SOURCE}_mode"),
        if_not_exists=True,
    )
    op.create_index(f"{SOURCE}_package", SOURCE, ["package_id"], if_not_exists=True)
    op.create_index(f"{SOURCE}_due", SOURCE, ["next_run"], postgresql_where=sa.text("NOT paused"), if_not_exists=True)
    op.create_table(
        TAKEN,
        sa.Column("source_id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("mark", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("resource_id", sa.Text, nullable=False),
        sa.Column("moment", MOMENT, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        RUN,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("source_id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("by_hand", sa.Boolean, nullable=False),
        sa.Column("started", MOMENT, nullable=False),
        sa.Column("beat", MOMENT, nullable=False),
        sa.Column("finished", MOMENT),
        sa.Column("found", sa.Integer, nullable=False),
        sa.Column("taken", sa.Integer, nullable=False),
        sa.Column("same", sa.Integer, nullable=False),
        sa.Column("refused", sa.Integer, nullable=False),
        sa.Column("volume", sa.BigInteger, nullable=False),
        sa.Column("sentence", sa.Text, nullable=False),
        sa.Column("params", JSONB, nullable=False),
        if_not_exists=True,
    )
    op.create_index(f"{RUN}_source", RUN, ["source_id", "started"], if_not_exists=True)
    # at most one is under way, whoever asks for it
    op.create_index(
        f"{RUN}_under_way",
        RUN,
        ["source_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('waiting', 'running')"),
        if_not_exists=True,
    )
    op.create_table(
        LINE,
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=True),
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger),
        sa.Column("batch_id", sa.Text, nullable=False),
        sa.Column("sentence", sa.Text, nullable=False),
        sa.Column("params", JSONB, nullable=False),
        if_not_exists=True,
    )
    op.create_index(f"{LINE}_run", LINE, ["run_id"], if_not_exists=True)


def downgrade():
    for table in (LINE, RUN, TAKEN, SOURCE):
        op.drop_table(table, if_exists=True)
