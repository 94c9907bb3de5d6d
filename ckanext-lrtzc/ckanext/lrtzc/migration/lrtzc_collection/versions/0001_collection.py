"""Collections and their files."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

COLLECTION = "lrtzc_collection_collection"
FILE = "lrtzc_collection_file"


def upgrade():
    op.create_table(
        COLLECTION,
        sa.Column("resource_id", sa.Text, primary_key=True),
        # two datasets never stand on one collection, and a dataset has one
        sa.Column("package_id", sa.Text, nullable=False, unique=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("keeps_position", sa.Boolean, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('photo', 'document', 'audio', 'video')", f"{COLLECTION}_kind"),
        if_not_exists=True,
    )
    op.create_table(
        FILE,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column(
            "collection_id", sa.Text, sa.ForeignKey(f"{COLLECTION}.resource_id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("place", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("batch_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("caption", sa.Text, nullable=False, server_default=""),
        sa.Column("format", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("sent_sha256", sa.Text, nullable=False),
        sa.Column("has_picture", sa.Boolean, nullable=False),
        sa.Column("added", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken", sa.DateTime),
        sa.Column("width", sa.Integer),
        sa.Column("height", sa.Integer),
        sa.Column("longitude", sa.Double),
        sa.Column("latitude", sa.Double),
        sa.Column("pages", sa.Integer),
        sa.Column("duration", sa.Double),
        sa.Column("title", sa.Text, nullable=False, server_default=""),
        sa.Column("words", sa.Text, nullable=False, server_default=""),
        sa.Column(
            "found_by",
            TSVECTOR,
            sa.Computed(
                "to_tsvector('french', name || ' ' || caption || ' ' || title || ' ' || words)", persisted=True
            ),
        ),
        sa.CheckConstraint("(longitude IS NULL) = (latitude IS NULL)", f"{FILE}_position"),
        if_not_exists=True,
    )
    op.create_index(f"{FILE}_place", FILE, ["collection_id", "place"], unique=True, if_not_exists=True)
    op.create_index(f"{FILE}_sha256", FILE, ["collection_id", "sha256"], unique=True, if_not_exists=True)
    op.create_index(f"{FILE}_sent", FILE, ["collection_id", "sent_sha256"], if_not_exists=True)
    op.create_index(f"{FILE}_found_by", FILE, ["found_by"], postgresql_using="gin", if_not_exists=True)


def downgrade():
    op.drop_table(FILE, if_exists=True)
    op.drop_table(COLLECTION, if_exists=True)
