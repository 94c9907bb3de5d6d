"""Who is told of new data by program, and what was sent to whom."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SUBSCRIPTION, DELIVERY = "lrtzc_diffusion_subscription", "lrtzc_diffusion_delivery"


def upgrade():
    op.create_table(
        SUBSCRIPTION,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("package_id", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("secret", sa.LargeBinary, nullable=False),
        sa.Column("former_secret", sa.LargeBinary),
        sa.Column("former_until", sa.DateTime(timezone=True)),
        sa.Column("letter_due", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("succeeded", sa.DateTime(timezone=True)),
        if_not_exists=True,
    )
    for column in ("account_id", "package_id"):
        op.create_index(f"{SUBSCRIPTION}_{column}", SUBSCRIPTION, [column], if_not_exists=True)
    op.create_table(
        DELIVERY,
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("subscription_id", sa.Text, sa.ForeignKey(f"{SUBSCRIPTION}.id", ondelete="CASCADE"), nullable=False),
        sa.Column("message_id", sa.Text, nullable=False),
        # of which version of which resource; a test has neither
        sa.Column("resource_id", sa.Text),
        sa.Column("number", sa.Integer),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_tried", sa.DateTime(timezone=True)),
        sa.Column("tried", sa.DateTime(timezone=True)),
        sa.Column("status", sa.Integer),
        sa.Column("problem", sa.Text),
        sa.UniqueConstraint("subscription_id", "resource_id", "number", name=f"{DELIVERY}_once"),
        if_not_exists=True,
    )
    op.create_index(f"{DELIVERY}_of", DELIVERY, ["subscription_id", "id"], if_not_exists=True)
    waiting = sa.text("state = 'waiting'")
    op.create_index(f"{DELIVERY}_due", DELIVERY, ["due"], postgresql_where=waiting, if_not_exists=True)
    op.create_index(f"{DELIVERY}_created", DELIVERY, ["created"], if_not_exists=True)


def downgrade():
    op.drop_table(DELIVERY, if_exists=True)
    op.drop_table(SUBSCRIPTION, if_exists=True)
