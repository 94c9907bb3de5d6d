"""The numbered versions of what batches made of a resource."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLE = "lrtzc_batches_version"
# What was integrated before versions were numbered is numbered in its order.
_NUMBERED = """
    INSERT INTO lrtzc_batches_version (resource_id, number, package_id, batch_id, mode, happened)
    SELECT resource_id, row_number() OVER (PARTITION BY resource_id ORDER BY changed, id), package_id, id,
           CASE WHEN origin = 'datastore' THEN 'records' WHEN settings ->> 'kind' <> '' THEN 'files'
                ELSE coalesce(settings ->> 'mode', 'replace') END, changed
    FROM lrtzc_batches_batch WHERE state = 'integrated'
    ON CONFLICT DO NOTHING
"""


def upgrade():
    op.create_table(
        TABLE,
        sa.Column("resource_id", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("package_id", sa.Text, nullable=False),
        sa.Column("batch_id", sa.Text),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("came", sa.BigInteger),
        sa.Column("rows", sa.BigInteger),
        sa.Column("changed", sa.Text),
        sa.Column("happened", sa.DateTime(timezone=True), nullable=False),
        # a batch makes one version, however often its worker is cut off
        sa.UniqueConstraint("batch_id", name=f"{TABLE}_batch"),
        if_not_exists=True,
    )
    op.create_index(f"{TABLE}_package", TABLE, ["package_id", "happened"], if_not_exists=True)
    op.execute(_NUMBERED)


def downgrade():
    op.drop_table(TABLE, if_exists=True)
