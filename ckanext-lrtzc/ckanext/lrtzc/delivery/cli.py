"""Commands of the room."""

import click

from ckanext.lrtzc.delivery import generation


@click.group(short_help="Pages shared between visitors")
def pages() -> None:
    """Group of commands about pages shared between visitors."""


@pages.command()
def purge() -> None:
    """Have every shared page made again, after a change outside the portal (search index, files, texts)."""
    generation.renew()
    click.secho("Shared pages are made again from now on.", fg="green")
