"""Files that a form is asked with, choices that telephones are given apart, and answers that telephones said anew."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MEDIA, EDIT, XFORM = "lrtzc_forms_media", "lrtzc_forms_edit", "lrtzc_forms_xform"


def upgrade():
    op.create_table(
        MEDIA,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("form_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("mimetype", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("md5", sa.Text, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        if_not_exists=True,
    )
    op.create_index(f"{MEDIA}_name", MEDIA, ["form_id", "name"], unique=True, if_not_exists=True)
    op.create_table(
        EDIT,
        sa.Column("form_id", sa.Text, primary_key=True),
        sa.Column("token", sa.Text, primary_key=True),
        sa.Column("answer_id", sa.Text, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        if_not_exists=True,
    )
    op.create_index(f"{EDIT}_answer_id", EDIT, ["answer_id"], if_not_exists=True)
    itemsets = sa.Column("itemsets", sa.Text, nullable=False, server_default="")
    op.add_column(XFORM, itemsets, if_not_exists=True)


def downgrade():
    op.drop_column(XFORM, "itemsets", if_exists=True)
    for table in (EDIT, MEDIA):
        op.drop_table(table, if_exists=True)
