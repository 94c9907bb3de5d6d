"""Programs without an account that are sent feeds (WebSub), and what they asked and is to be verified."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LISTENER, INTENT = "lrtzc_diffusion_listener", "lrtzc_diffusion_intent"


def upgrade():
    op.create_table(
        LISTENER,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("package_id", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("callback", sa.Text, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("secret", sa.LargeBinary),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        # the last change that was sent, and whether a later one waits
        sa.Column("known", sa.BigInteger, nullable=False),
        sa.Column("waiting", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
        sa.Column("first_tried", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("topic", "callback", name=f"{LISTENER}_once"),
        if_not_exists=True,
    )
    for column in ("package_id", "host", "lease_until"):
        op.create_index(f"{LISTENER}_{column}", LISTENER, [column], if_not_exists=True)
    op.create_index(f"{LISTENER}_due", LISTENER, ["due"], postgresql_where=sa.text("waiting"), if_not_exists=True)
    op.create_table(
        INTENT,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("package_id", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("callback", sa.Text, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("secret", sa.LargeBinary),
        sa.Column("lease", sa.Integer, nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        # who asks again before they were called is called once
        sa.UniqueConstraint("topic", "callback", name=f"{INTENT}_once"),
        if_not_exists=True,
    )
    op.create_index(f"{INTENT}_due", INTENT, ["due"], if_not_exists=True)
    op.create_index(f"{INTENT}_host", INTENT, ["host"], if_not_exists=True)


def downgrade():
    op.drop_table(INTENT, if_exists=True)
    op.drop_table(LISTENER, if_exists=True)
