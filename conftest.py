"""Fixtures that all tests share. CKAN is imported inside them only, so that pure tests start at once."""

import inspect
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import settings

# A busy machine is no fault of the code's.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

ROOT = Path(__file__).parent
MIGRATED_BY_OTHERS = ("activity", "harvest")
# They visit the one portal that runs beside the tests: one process has them all, and begins with them.
ON_THE_PORTAL = ("tests/e2e/", "tests/integration/")


def frames(_context: int = 1) -> list[inspect.FrameInfo]:
    """Give the stack as `inspect.stack` does, without the lines of source."""
    found, frame = [], sys._getframe(1)
    while frame:
        code = frame.f_code
        found.append(inspect.FrameInfo(frame, code.co_filename, frame.f_lineno, code.co_name, None, None))
        frame = frame.f_back
    return found


def pytest_configure(config):
    """Give the second process of a run stores of its own: those of `test2.ini` beside `test.ini`."""
    # CKAN asks for the stack to learn which plug-in adds a folder, for each folder of each plug-in of each test:
    # reading all those lines was a third of the tests' time.
    inspect.stack = frames
    if getattr(config, "workerinput", {}).get("workerid") == "gw1":
        config.option.ckan_ini = str(Path(config.option.ckan_ini).with_name("test2.ini"))


def pytest_make_parametrize_id(config, val, argname):
    """Name a case of raw bytes by its argument: an archive made while collecting differs from process to process."""
    return argname if isinstance(val, bytes) else None


def pytest_collection_modifyitems(items):
    """Put the tests that visit the portal first."""
    items.sort(key=lambda item: not item.nodeid.startswith(ON_THE_PORTAL))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Share the tests out by file, so that what a file's tests share is made once."""
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "portal" if nodeid.startswith(ON_THE_PORTAL) else super()._split_scope(nodeid)

    config.option.loadscopereorder = False
    return Scheduling(config, log)


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
    if p.plugin_loaded("datastore") and "words" not in _migrated:
        _language_of_rows()
        _migrated.add("words")


def _language_of_rows() -> None:
    """Make the language in which rows are searched, where the services were started before the code that needs it."""
    from ckanext.datastore.backend.postgres import get_write_engine

    connection = get_write_engine().raw_connection()
    with connection.cursor() as cursor:
        cursor.execute((ROOT / "ckanext-lrtzc" / "ckanext" / "lrtzc" / "tabular" / "words.sql").read_text())
    connection.commit()
    connection.close()
    # the language of the database holds for connections to come
    get_write_engine().dispose()


@pytest.fixture
def at_once():
    """Give a function that does things at the same instant, and gives what each answered, or the error it raised."""

    def together(*works: Callable[[], Any]) -> list[Any]:
        from ckan import model

        barrier = threading.Barrier(len(works))

        def go(work: Callable[[], Any]) -> Any:
            try:
                barrier.wait(60)
                return work()
            except Exception as error:
                return error
            finally:
                model.Session.remove()

        with ThreadPoolExecutor(len(works)) as threads:
            return list(threads.map(go, works))

    return together


@pytest.fixture
def make_dataset_with_table(rooms_db):
    """Give a function that makes a dataset with a table; it gives `dataset`, `resource`, `owner` (an editor), `org`."""
    import warnings

    from ckan.tests import factories
    from ckan.tests.helpers import call_action

    def make(fields: list[dict[str, Any]], records: list[dict[str, Any]], **said: str) -> SimpleNamespace:
        owner = factories.User()
        org = factories.Organization(users=[{"name": owner["name"], "capacity": "editor"}])
        dataset = factories.Dataset(owner_org=org["id"], **said)
        context = {"user": owner["name"], "ignore_auth": True}
        resource = call_action(
            "resource_create", dict(context), package_id=dataset["id"], name="Relevés", url="https://x.test/secret.csv"
        )
        with warnings.catch_warnings():
            # CKAN makes its own type in a new DataStore by ways that Python and SQLAlchemy no longer like.
            warnings.simplefilter("ignore", DeprecationWarning)
            asked = {"resource_id": resource["id"], "fields": fields, "records": records, "force": True}
            call_action("datastore_create", dict(context), **asked)
        return SimpleNamespace(dataset=dataset, resource=resource, owner=owner, org=org)

    return make


@pytest.fixture
def drain_outboxes(rooms_db):
    """Give a function that does the sequencer's first part: what was recorded in other databases is in the ledger's."""
    import ckan.plugins.toolkit as tk
    import psycopg2

    from ckanext.lrtzc.ledger.outboxes import Outboxes

    outboxes = Outboxes(tk.config["ckanext.lrtzc.ledger.outboxes"])
    ledger = psycopg2.connect(tk.config["ckanext.lrtzc.ledger.sequencer_url"])

    def drain() -> None:
        while outboxes.take_over(ledger):
            pass

    yield drain
    outboxes.close()
    ledger.close()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Give the folder of real data beside the project; skip where it isn't there."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the folder of real data isn't beside the project")
    return folder
