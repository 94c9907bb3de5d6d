"""Commands of the personal store."""

import ckan.plugins.toolkit as tk
import click

from ckanext.lrtzc.personal import sealing, store


@click.group("lrtzc-personal")
def personal() -> None:
    """Look after the personal store."""


@personal.command()
def rotate() -> None:
    """Seal everything with the newest key; may be cut off and run again."""
    others = tk.signals.ckanext.signal(sealing.ROTATED).send("lrtzc_personal")
    number = store.rotate() + sum(changed for _receiver, changed in others)
    click.echo(f"{number} rows are sealed with the newest key now.")
