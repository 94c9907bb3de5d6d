"""A ledger in a database of its own, on the test's PostgreSQL, for tests that look at tables."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ckanext.lrtzc.ledger.domain.note import Signer

ROOT = Path(__file__).parents[5]
SCHEMA = Path(__file__).parents[1] / "schema.sql"
PROGRAM = Path(__file__).parent / "program.py"
# Each of the processes that run the tests side by side has its own.
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
NAME = f"ledger_test{WORKER}"
OUTBOX = Path(__file__).parents[1] / "outbox.sql"
OTHER = f"outbox_test{WORKER}"


def settings() -> dict[str, str]:
    """Read where the test's PostgreSQL listens from the file that started it."""
    run = Path(os.environ.get("LRTZC_TEST_RUN", ROOT / "run" / "test"))
    try:
        lines = (run / "postgres" / "portal.conf").read_text().splitlines()
    except OSError:
        pytest.skip("the services of the tests don't run: make services-test")
    values = dict(line.split(" = ", 1) for line in lines if " = " in line)
    return {"host": values["unix_socket_directories"].strip("'"), "port": values["port"]}


def database(name: str, schema: Path, role: str) -> None:
    """Make a database anew, with the tables of a file."""
    where = settings()
    psql = ["psql", "-h", where["host"], "-p", where["port"], "-U", "postgres", "-X", "-q", "-v", "ON_ERROR_STOP=1"]
    subprocess.run([*psql, "-c", f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"], check=True)
    subprocess.run([*psql, "-c", f"CREATE DATABASE {name} TEMPLATE template0"], check=True)
    for _ in range(2):  # The schema may be applied again.
        subprocess.run(
            [*psql, "-v", role, "-v", "sequencer=lrtzc_sequencer", "-d", name, "-f", schema],
            check=True,
            env={**os.environ, "PGOPTIONS": "-c client_min_messages=error"},
        )


@pytest.fixture(scope="session")
def superuser():
    """Connect as the database's superuser, to a database made anew with the ledger's tables."""
    database(NAME, SCHEMA, "app=ckan")
    where = settings()
    connection = psycopg2.connect(dbname=NAME, user="postgres", **where)
    yield connection
    connection.close()


@pytest.fixture(scope="session")
def other():
    """Make a second database, which has an outbox, and give its name."""
    database(OTHER, OUTBOX, "writer=datastore_write")
    return OTHER


@pytest.fixture
def where(superuser):
    """Give where the ledger's database is."""
    return {**settings(), "dbname": NAME}


@pytest.fixture
def connect(superuser):
    """Give a function that connects with the rights of a role (`ckan`, `lrtzc_sequencer`, or the superuser's)."""
    where, opened = settings(), []

    def open_as(role: str = "postgres", database: str = NAME):
        connection = psycopg2.connect(dbname=database, user="postgres", **where)
        opened.append(connection)
        with connection, connection.cursor() as cursor:
            cursor.execute(f"SET ROLE {role}")
        return connection

    yield open_as
    for connection in opened:
        connection.close()


@pytest.fixture
def empty_ledger(superuser):
    """Empty the ledger, as only the superuser may."""
    with superuser, superuser.cursor() as cursor:
        cursor.execute(
            "TRUNCATE lrtzc_ledger.outbox, lrtzc_ledger.detail, lrtzc_ledger.sequence, lrtzc_ledger.tile, "
            "lrtzc_ledger.checkpoint, lrtzc_ledger.cosignature, lrtzc_ledger.arrival RESTART IDENTITY"
        )


@pytest.fixture
def start(where, tmp_path):
    """Give a function that starts `program.py`, which also uses the database `other` if one is named.

    It gives the process and the file it writes to; all are ended with the test.
    """
    running = []

    def run(what: str, name: str = "-", other: str = ""):
        out = tmp_path / f"{name}.txt"
        with out.open("w") as file:
            arguments = [sys.executable, PROGRAM, what, where["host"], where["port"], where["dbname"], other, name]
            process = subprocess.Popen(arguments, stdout=file, stderr=subprocess.DEVNULL)
        running.append(process)
        return process, out

    yield run
    for process in running:
        process.kill()
        process.wait()


@pytest.fixture
def kill_at_work(start):
    """Give a function that kills writers and two sequencers again and again, and gives what writers said is kept."""

    def run(what: str, turns: int, writers: int, other: str = "") -> set[str]:
        lines = []
        for turn in range(turns):
            writing = [start(what, f"{turn}-{number}", other) for number in range(writers)]
            sequencing = [start("sequence", f"s{turn}-{number}", other) for number in range(2)]
            # Each turn is cut later than the one before.
            enough, deadline = 200 + 100 * turn, time.monotonic() + 60
            while any(out.stat().st_size < enough for _, out in writing) and time.monotonic() < deadline:
                time.sleep(0.02)
            for process, _ in (*sequencing, *writing):
                os.kill(process.pid, signal.SIGKILL)
                process.wait()
            # What follows the last line's end was cut off.
            lines += [line for _, out in writing for line in out.read_text().split("\n")[:-1]]
        return {f"{json.loads(line)}-{part}" for line in lines for part in range(3)}

    return run


@pytest.fixture(scope="session")
def signer():
    """Give a key to sign checkpoints with."""
    return Signer("donnees.example.org/ledger", Ed25519PrivateKey.from_private_bytes(b"\x03" * 32))
