"""A ledger in a database of its own, on the test's PostgreSQL, for tests that look at tables."""

import os
import subprocess
from pathlib import Path

import psycopg2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ckanext.lrtzc.ledger.domain.note import Signer

ROOT = Path(__file__).parents[5]
SCHEMA = Path(__file__).parents[1] / "schema.sql"
NAME = "ledger_test"


def settings() -> dict[str, str]:
    """Read where the test's PostgreSQL listens from the file that started it."""
    run = Path(os.environ.get("LRTZC_TEST_RUN", ROOT / "run" / "test"))
    try:
        lines = (run / "postgres" / "portal.conf").read_text().splitlines()
    except OSError:
        pytest.skip("the services of the tests don't run: make services-test")
    values = dict(line.split(" = ", 1) for line in lines)
    return {"host": values["unix_socket_directories"].strip("'"), "port": values["port"]}


@pytest.fixture(scope="session")
def superuser():
    """Connect as the database's superuser, to a database made anew with the ledger's tables."""
    where = settings()
    psql = ["psql", "-h", where["host"], "-p", where["port"], "-U", "postgres", "-X", "-q", "-v", "ON_ERROR_STOP=1"]
    subprocess.run([*psql, "-c", f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)"], check=True)
    subprocess.run([*psql, "-c", f"CREATE DATABASE {NAME} TEMPLATE template0"], check=True)
    roles = ["-v", "app=ckan", "-v", "sequencer=lrtzc_sequencer"]
    for _ in range(2):  # The schema may be applied again.
        subprocess.run(
            [*psql, *roles, "-d", NAME, "-f", SCHEMA],
            check=True,
            env={**os.environ, "PGOPTIONS": "-c client_min_messages=error"},
        )
    connection = psycopg2.connect(dbname=NAME, user="postgres", **where)
    yield connection
    connection.close()


@pytest.fixture
def connect(superuser):
    """Give a function that connects with the rights of a role (`ckan`, `lrtzc_sequencer`, or the superuser's)."""
    where, opened = settings(), []

    def open_as(role: str = "postgres"):
        connection = psycopg2.connect(dbname=NAME, user="postgres", **where)
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
            "lrtzc_ledger.checkpoint, lrtzc_ledger.cosignature RESTART IDENTITY"
        )


@pytest.fixture(scope="session")
def signer():
    """Give a key to sign checkpoints with."""
    return Signer("donnees.example.org/ledger", Ed25519PrivateKey.from_private_bytes(b"\x03" * 32))
