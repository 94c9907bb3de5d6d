"""Commands of the room; the supervisor runs `schedule`, an operator now and then the others."""

import signal
import threading

import ckan.plugins.toolkit as tk
import click

from ckanext.lrtzc.partners import jobs

__all__ = ["partners"]


@click.group("lrtzc-partners", short_help="Partner portals.")
def partners() -> None:
    """Partner portals: their schedule and their runs."""


@partners.command()
@click.option("--once", is_flag=True, help="Look once, then stop.")
def schedule(once: bool) -> None:
    """Start the runs that are due, end dead ones, erase what was withdrawn long ago; until stopped."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while not stop.is_set():
        jobs.tick()
        if once:
            return
        stop.wait(tk.config.get("ckanext.lrtzc.partners.tick"))


@partners.command()
@click.argument("source")
def run(source: str) -> None:
    """Put a run of the partner SOURCE (name or identity) into the queue."""
    from ckan import model

    package = model.Package.get(source)
    if package is None:
        raise click.ClickException(f"No partner is named {source}.")
    try:
        click.echo(jobs.start(package.id))
    except tk.ValidationError as err:
        raise click.ClickException("; ".join(str(text) for text in err.error_summary.values())) from err
