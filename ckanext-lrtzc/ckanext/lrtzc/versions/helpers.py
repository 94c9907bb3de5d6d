"""What templates ask of versions: their words."""

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.versions.listing import why_not
from ckanext.lrtzc.versions.model import State


def lrtzc_version_mode(mode: str) -> str:
    """Say how a version came to be."""
    words = {
        "replace": tk._("All of it was replaced"),
        "append": tk._("Rows were added"),
        "upsert": tk._("Rows were added and changed"),
        "files": tk._("Files came in"),
        "records": tk._("Rows were changed by a program"),
        "destroy": tk._("Old rows were destroyed"),
    }
    return words.get(mode, mode)


def lrtzc_version_kept(number: int, state: str) -> str:
    """Say why a version can't be read again; nothing where it is kept."""
    return "" if state == State.KEPT else why_not(number, State(state))
