"""How changes are said, in the language of who reads."""

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.following.domain.changes import Change


def sentence(change: Change) -> str:
    """Say what became of an object."""
    match change:
        case Change.PUBLISHED:
            return tk._("It is published.")
        case Change.DATA:
            return tk._("Its data or files changed.")
        case Change.METADATA:
            return tk._("What is said of it changed.")
        case Change.WITHDRAWN:
            return tk._("It is no longer published.")
        case Change.DELETED:
            return tk._("It is deleted.")


def one_line(text: str) -> str:
    """Give a text without line breaks and repeated spaces: a title stays one line of a letter."""
    return " ".join(text.split())
