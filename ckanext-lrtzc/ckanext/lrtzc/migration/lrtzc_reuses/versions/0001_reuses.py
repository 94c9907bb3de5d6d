"""Reuses, the objects they use, their pictures."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

REUSE, USE, PICTURE = "lrtzc_reuses_reuse", "lrtzc_reuses_use", "lrtzc_reuses_picture"


def upgrade():
    op.create_table(
        REUSE,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("author_id", sa.Text),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("proposal", JSONB),
        sa.Column("refusal", sa.Text, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published", sa.DateTime(timezone=True)),
        sa.Column("changed", sa.DateTime(timezone=True)),
        sa.Column("withdrawn", sa.DateTime(timezone=True)),
        sa.Column("restricted", sa.Boolean, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("picture_id", sa.Text),
        if_not_exists=True,
    )
    op.create_index(f"{REUSE}_author", REUSE, ["author_id"], if_not_exists=True)
    op.create_index(
        f"{REUSE}_shown",
        REUSE,
        ["published"],
        postgresql_where=sa.text("published IS NOT NULL AND withdrawn IS NULL AND NOT restricted"),
        if_not_exists=True,
    )
    own = sa.ForeignKey(f"{REUSE}.id", ondelete="CASCADE")
    op.create_table(
        USE,
        sa.Column("reuse_id", sa.Text, own, primary_key=True),
        sa.Column("package_id", sa.Text, primary_key=True),
        if_not_exists=True,
    )
    op.create_index(f"{USE}_package", USE, ["package_id"], if_not_exists=True)
    op.create_table(
        PICTURE,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("reuse_id", sa.Text, sa.ForeignKey(f"{REUSE}.id", ondelete="CASCADE"), nullable=False),
        sa.Column("large", sa.LargeBinary, nullable=False),
        sa.Column("small", sa.LargeBinary, nullable=False),
        if_not_exists=True,
    )
    op.create_index(f"{PICTURE}_reuse", PICTURE, ["reuse_id"], if_not_exists=True)


def downgrade():
    for table in (PICTURE, USE, REUSE):
        op.drop_table(table, if_exists=True)
