"""What every room's Alembic environment does, written once.

A room's `migration/<room>/env.py` is three lines: import `run`, and call it with the room's plug-in name.
The version table is `<room>_alembic_version`; only tables whose names start with `<room>_` are seen, so that
`lrtzc` doesn't see the tables of all rooms.
"""

import ckan.model as model
from alembic import context
from sqlalchemy import engine_from_config, pool


def run(room: str) -> None:
    """Run the migrations of `room` (a plug-in's name), off-line or on-line as Alembic asks."""

    def include_name(name, kind, _parents) -> bool:
        return kind != "table" or bool(name and name.startswith(f"{room}_"))

    options = {
        "target_metadata": model.meta.metadata,
        "version_table": f"{room}_alembic_version",
        "include_name": include_name,
    }
    if context.is_offline_mode():
        context.configure(url=context.config.get_main_option("sqlalchemy.url"), literal_binds=True, **options)
        with context.begin_transaction():
            context.run_migrations()
        return
    connectable = engine_from_config(
        context.config.get_section(context.config.config_ini_section) or {},
        prefix="sqlalchemy.",
        poolclass=pool.NullPool,
    )
    with connectable.connect() as connection:
        context.configure(connection=connection, **options)
        with context.begin_transaction():
            context.run_migrations()
