"""The room's door: what other rooms may call."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.reuses import store
from ckanext.lrtzc.reuses.model import Reuse
from ckanext.lrtzc.reuses.moderated import KIND

__all__ = ["show_reuse", "titles_of"]

MOST = 1_000
"""Reuses that a document for machines names."""


def titles_of(package_id: str) -> list[tuple[str, str]]:
    """Give the reuses that are shown of an object, the latest first: the name in its address, and the title."""
    return [(row.name, row.title) for row in store.of_package(package_id, MOST)[1]]


def show_reuse(author: str, fields: dict[str, Any]) -> None:
    """Show a reuse that the portal itself brings, such as sample content: no moderator is asked.

    :param author: name of an account
    :param fields: as `lrtzc_reuse_create` takes them
    :raises ValidationError: where it can't be kept
    """
    made = tk.get_action("lrtzc_reuse_create")({"user": author}, dict(fields))
    KIND.accept_unasked(model.Session.get(Reuse, made["id"]))
    model.Session.commit()
