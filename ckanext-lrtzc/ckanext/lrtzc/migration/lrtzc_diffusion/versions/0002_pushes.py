"""Data that is sent to a place: an SFTP folder, a bucket, a WebDAV folder, a web address."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SUBSCRIPTION, DELIVERY = "lrtzc_diffusion_subscription", "lrtzc_diffusion_delivery"


def upgrade():
    op.add_column(SUBSCRIPTION, sa.Column("kind", sa.Text, nullable=False, server_default="webhook"))
    for name in ("options", "plan"):
        op.add_column(SUBSCRIPTION, sa.Column(name, JSONB, nullable=False, server_default="{}"))
    op.add_column(SUBSCRIPTION, sa.Column("credentials", sa.LargeBinary))
    op.alter_column(SUBSCRIPTION, "secret", nullable=True)
    # what was sent, or why it wasn't
    op.add_column(DELIVERY, sa.Column("told", JSONB, nullable=False, server_default="{}"))


def downgrade():
    op.drop_column(DELIVERY, "told")
    op.execute(sa.text("DELETE FROM lrtzc_diffusion_subscription WHERE secret IS NULL"))
    op.alter_column(SUBSCRIPTION, "secret", nullable=False)
    for name in ("credentials", "plan", "options", "kind"):
        op.drop_column(SUBSCRIPTION, name)
