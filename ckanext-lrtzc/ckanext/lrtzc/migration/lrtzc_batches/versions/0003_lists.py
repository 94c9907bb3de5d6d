"""Lists of all batches, by state, author and day; the states are in the indexes, to be counted without the rows."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLE = "lrtzc_batches_batch"
LISTS = {
    ("created", "id"): ["state", "package_id"],
    ("state", "created"): ["package_id"],
    ("author", "created"): ["state", "package_id"],
}


def upgrade():
    for columns, beside in LISTS.items():
        name = f"{TABLE}_{'_'.join(columns)}"
        op.create_index(name, TABLE, [*columns], postgresql_include=beside, if_not_exists=True)
    op.drop_index(f"{TABLE}_state", TABLE, if_exists=True)


def downgrade():
    op.create_index(f"{TABLE}_state", TABLE, ["state"], if_not_exists=True)
    for columns in LISTS:
        op.drop_index(f"{TABLE}_{'_'.join(columns)}", TABLE, if_exists=True)
