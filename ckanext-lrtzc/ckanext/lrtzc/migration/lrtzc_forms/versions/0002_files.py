"""Files that answers hold, the XForms that telephones are given, and whether photos keep their place."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FORM, FILE, XFORM = "lrtzc_forms_form", "lrtzc_forms_file", "lrtzc_forms_xform"


def upgrade():
    keeps = sa.Column("keeps_position", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column(FORM, keeps, if_not_exists=True)
    op.create_table(
        FILE,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("form_id", sa.Text, nullable=False),
        sa.Column("answer_id", sa.Text),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("sent", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("mimetype", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        if_not_exists=True,
    )
    op.create_index(f"{FILE}_token", FILE, ["form_id", "token"], if_not_exists=True)
    op.create_index(f"{FILE}_answer_id", FILE, ["answer_id"], if_not_exists=True)
    op.create_index(
        f"{FILE}_created", FILE, ["created"], postgresql_where=sa.text("answer_id IS NULL"), if_not_exists=True
    )
    op.create_table(
        XFORM,
        sa.Column("form_id", sa.Text, primary_key=True),
        sa.Column("made_of", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        if_not_exists=True,
    )


def downgrade():
    for table in (XFORM, FILE):
        op.drop_table(table, if_exists=True)
    op.drop_column(FORM, "keeps_position", if_exists=True)
