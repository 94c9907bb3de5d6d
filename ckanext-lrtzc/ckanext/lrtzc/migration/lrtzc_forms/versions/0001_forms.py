"""Forms, their answers and invitations."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

FORM, ANSWER, INVITATION = "lrtzc_forms_form", "lrtzc_forms_answer", "lrtzc_forms_invitation"


def upgrade():
    op.create_table(
        FORM,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("package_id", sa.Text, nullable=False),
        sa.Column("resource_id", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("intro", sa.Text, nullable=False),
        sa.Column("definition", JSONB, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("openness", sa.Text, nullable=False),
        sa.Column("opens", sa.DateTime(timezone=True)),
        sa.Column("closes", sa.DateTime(timezone=True)),
        sa.Column("quota", sa.Integer),
        sa.Column("once", sa.Boolean, nullable=False),
        sa.Column("answers", sa.Integer, nullable=False),
        sa.Column("author_id", sa.Text, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'open', 'closed')", f"{FORM}_state"),
        sa.CheckConstraint("openness IN ('everyone', 'invited', 'owner')", f"{FORM}_openness"),
        if_not_exists=True,
    )
    op.create_index(f"{FORM}_package_id", FORM, ["package_id", "created"], if_not_exists=True)
    op.create_index(f"{FORM}_resource_id", FORM, ["resource_id"], if_not_exists=True)
    op.create_table(
        ANSWER,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("form_id", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("batch_id", sa.Text, nullable=False),
        sa.Column("author_id", sa.Text, nullable=False),
        sa.Column("invitation_id", sa.Text, nullable=False),
        sa.Column("person", sa.Text),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn", sa.DateTime(timezone=True)),
        if_not_exists=True,
    )
    op.create_index(f"{ANSWER}_token", ANSWER, ["form_id", "token"], unique=True, if_not_exists=True)
    op.create_index(f"{ANSWER}_person", ANSWER, ["form_id", "person"], unique=True, if_not_exists=True)
    op.create_index(f"{ANSWER}_form_id", ANSWER, ["form_id", "created"], if_not_exists=True)
    op.create_index(
        f"{ANSWER}_author_id",
        ANSWER,
        ["author_id", "created"],
        postgresql_where=sa.text("author_id <> ''"),
        if_not_exists=True,
    )
    op.create_table(
        INVITATION,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("form_id", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("sent", sa.DateTime(timezone=True)),
        if_not_exists=True,
    )
    op.create_index(f"{INVITATION}_email", INVITATION, ["form_id", "email"], unique=True, if_not_exists=True)
    op.create_index(f"{INVITATION}_address", INVITATION, ["email"], if_not_exists=True)


def downgrade():
    for table in (INVITATION, ANSWER, FORM):
        op.drop_table(table, if_exists=True)
