"""Fixtures that all tests share. CKAN is imported inside them only, so that pure tests start at once."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parent
MIGRATED_BY_OTHERS = ("activity", "harvest")


@pytest.fixture(scope="session")
def _migrated() -> set[str]:
    """Give the plug-ins whose tables this session has made."""
    return set()


@pytest.fixture
def rooms_db(with_plugins, non_clean_db, migrate_db_for, _migrated):
    """Load the plug-ins and give a database with the tables of all rooms.

    CKAN's own fixtures drop every table at their first use, so the rooms' tables are made after them, once a session.
    """
    import ckan.plugins as p

    rooms = sorted(
        path.name for path in ROOT.glob("ckanext-*/ckanext/*/migration/*/") if (path / "alembic.ini").is_file()
    )
    for plugin in (*MIGRATED_BY_OTHERS, *rooms):
        if plugin not in _migrated and p.plugin_loaded(plugin):
            migrate_db_for(plugin)
            _migrated.add(plugin)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Give the folder of real data beside the project; skip where it isn't there."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the folder of real data isn't beside the project")
    return folder
