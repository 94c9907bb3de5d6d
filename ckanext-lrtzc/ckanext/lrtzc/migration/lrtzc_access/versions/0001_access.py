"""Restrictions and grants."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

RESTRICTION = "lrtzc_access_restriction"
GRANT = "lrtzc_access_grant"


def upgrade():
    op.create_table(
        RESTRICTION,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("package_id", sa.Text, nullable=False),
        sa.Column("resource_id", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        if_not_exists=True,
    )
    # one for the dataset and one for each resource, also when two people ask at once
    op.create_index(
        f"{RESTRICTION}_object",
        RESTRICTION,
        ["package_id", sa.text("coalesce(resource_id, '')")],
        unique=True,
        if_not_exists=True,
    )
    op.create_table(
        GRANT,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("package_id", sa.Text, nullable=False),
        sa.Column("resource_id", sa.Text),
        sa.Column("audience", sa.Text, nullable=False),
        sa.Column("audience_id", sa.Text),
        sa.Column("columns", JSONB),
        sa.Column("rows", JSONB, nullable=False),
        sa.Column("masks", JSONB, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("starts", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends", sa.DateTime(timezone=True)),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("withdrawn", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_by", sa.Text),
        sa.CheckConstraint("audience IN ('everyone', 'person', 'organization', 'group')", f"{GRANT}_audience"),
        sa.CheckConstraint("(audience = 'everyone') = (audience_id IS NULL)", f"{GRANT}_audience_id"),
        if_not_exists=True,
    )
    standing = sa.text("withdrawn IS NULL")
    op.create_index(
        f"{GRANT}_asked",
        GRANT,
        ["package_id", sa.text("coalesce(audience_id, '')")],
        postgresql_where=standing,
        if_not_exists=True,
    )
    op.create_index(f"{GRANT}_audience_id", GRANT, ["audience_id"], postgresql_where=standing, if_not_exists=True)
    op.create_index(f"{GRANT}_package_id_created", GRANT, ["package_id", "created"], if_not_exists=True)


def downgrade():
    op.drop_table(GRANT, if_exists=True)
    op.drop_table(RESTRICTION, if_exists=True)
