"""The command `ckan lrtzc-sample`."""

import time
from pathlib import Path

import ckan.plugins.toolkit as tk
import click

from ckanext.lrtzc.sample.domain.content import SampleError
from ckanext.lrtzc.sample.loader import load

__all__ = ["sample"]


@click.group("lrtzc-sample", short_help="Sample content.")
def sample():
    """Fill the portal with sample content."""


@sample.command("load", short_help="Load the sample content; what is there already stays.")
@click.option("--folder", type=click.Path(path_type=Path), help="Instead of ckanext.lrtzc.sample.folder.")
@click.pass_context
def load_command(context: click.Context, folder: Path | None):
    """Make and load the sample content. A second run changes nothing."""
    start = time.monotonic()
    app = context.meta["flask_app"]
    try:
        chosen = folder or _configured_folder()
        with app.test_request_context():
            done = load(chosen, lambda line: click.echo(line))
    except SampleError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{done} ({time.monotonic() - start:.0f} s)")


def _configured_folder() -> Path:
    folder = tk.config.get("ckanext.lrtzc.sample.folder")
    if not folder:
        raise SampleError("No sample content: the option ckanext.lrtzc.sample.folder is empty.")
    return Path(folder)
