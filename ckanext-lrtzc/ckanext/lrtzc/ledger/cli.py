"""Commands of the ledger: the sequencer's process."""

import logging
import signal
import time

import ckan.plugins.toolkit as tk
import click
import psycopg2

from ckanext.lrtzc.ledger import audit, expiry, keys, sequencer, store
from ckanext.lrtzc.ledger.outboxes import Outboxes

__all__ = ["ledger"]

log = logging.getLogger(__name__)


@click.group("lrtzc-ledger")
def ledger() -> None:
    """Keep the ledger."""


@ledger.command()
@click.option("--once", is_flag=True, help="Stop when nothing waits any more.")
@click.option("--pause", default=1.0, show_default=True, help="Seconds between two looks at the outboxes.")
def sequence(once: bool, pause: float) -> None:
    """Give entries their places in the tree and sign its head, for ever; check a part of it when nothing waits."""
    stopping, patrol = [], audit.Patrol()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.append(True))
    signer, connection = keys.signer(), None
    outboxes = Outboxes(tk.config["ckanext.lrtzc.ledger.outboxes"])
    while not stopping:
        done = 0
        try:
            if connection is None or connection.closed:
                connection = psycopg2.connect(tk.config["ckanext.lrtzc.ledger.sequencer_url"])
            done = outboxes.take_over(connection) + sequencer.step(connection, signer)
            if not done:
                for fault in patrol.step(connection):
                    log.critical("The ledger was altered: %s", fault)
        except psycopg2.OperationalError as error:
            log.warning("The ledger's database doesn't answer: %s", str(error).strip())
            connection = None
            if once:
                raise click.ClickException("The ledger's database doesn't answer.") from error
        except sequencer.TreeError as error:
            # Sequencing on would sign what was altered: stay, and say so at each look.
            log.critical("The ledger was altered: %s", error)
            if once:
                raise click.ClickException(str(error)) from error
        if once and not done:
            break
        if not done:
            time.sleep(pause)
    outboxes.close()
    if connection is not None:
        connection.close()


@ledger.command()
def check() -> None:
    """Check every entry, tile and the signed head against each other; the exit status is 1 where one was altered."""
    connection = psycopg2.connect(tk.config["ckanext.lrtzc.ledger.sequencer_url"])
    connection.set_session(readonly=True, isolation_level="REPEATABLE READ")
    try:
        faults = [str(fault) for fault in audit.check_all(connection)]
        size = store.tree_size(connection)
    finally:
        connection.close()
    if faults:
        raise click.ClickException("The ledger was altered:\n" + "\n".join(faults))
    click.echo(f"{size} entries are as they were written.")


@ledger.command()
def expire() -> None:
    """Erase the details that were kept long enough, as the scheduler does."""
    click.echo(f"{expiry.expire()} details were erased.")


@ledger.command()
def key() -> None:
    """Show the key by which anybody verifies the ledger."""
    click.echo(str(keys.signer().verifier))
