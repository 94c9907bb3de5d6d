"""The door of collections: their words, for the search, how other rooms make one, and look at files."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk
from werkzeug.datastructures import FileStorage

from ckanext.lrtzc.access.api import Action, Decision, require
from ckanext.lrtzc.collection import listing
from ckanext.lrtzc.collection.checking import Checked, FileRefused, checked
from ckanext.lrtzc.collection.model import Collection
from ckanext.lrtzc.collection.publishing import URL_TYPE

__all__ = [
    "Checked",
    "FileRefused",
    "Files",
    "Holder",
    "add_files",
    "checked",
    "files_of",
    "held_by",
    "make_collection",
]


@dataclass(frozen=True)
class Holder:
    """A file that holds a word: its identifier, its name, and its text."""

    id: str
    name: str
    text: str


@dataclass(frozen=True)
class Files:
    """The files of a collection, for a person who may read them all. `version` changes with them."""

    decision: Decision
    collection: Collection | None

    @property
    def version(self) -> str:
        """Give what changes when files or what is said of them do."""
        return self.collection.changed.isoformat() if self.collection else ""

    def texts(self) -> Iterator[str]:
        """Give the texts by which each file is found: its name, caption, title and words."""
        if self.collection is not None:
            yield from (text for _file, text in listing.texts(self.collection))

    def holding(self, words: list[str]) -> Holder | None:
        """Give the first file that holds one of these words."""
        found = listing.holding(self.collection, words) if self.collection else None
        return Holder(found[0].id, found[0].name, found[1]) if found else None


def held_by(resource: dict[str, Any]) -> bool:
    """Say whether a resource is a collection of files."""
    return bool(resource.get(URL_TYPE))


def files_of(context: Any, package_id: str, resource: dict[str, Any]) -> Files:
    """Give the files of a collection.

    :raises AccessRefused: where not all of them may be read
    """
    decision = require(context, package_id, resource["id"], Action.READ, whole=True)
    return Files(decision, Collection.get(resource["id"]))


def make_collection(
    package_id: str,
    kind: str,
    files: Iterable[tuple[str, bytes]],
    author: str,
    *,
    keeps_position: bool = False,
) -> dict[str, Any]:
    """Make a dataset a collection and bring files (name, content) into it at once, in this process.

    :param author: name of the user it is done for
    :returns: the batch, see `batch_show`
    :raises ValidationError: where the dataset holds files already, or these can't be kept
    """
    asked = {"id": package_id, "kind": kind, "keeps_position": keeps_position}
    tk.get_action("lrtzc_collection_create")({"user": author, "ignore_auth": True}, asked)
    return add_files(package_id, files, author)


def add_files(package_id: str, files: Iterable[tuple[str, bytes]], author: str) -> dict[str, Any]:
    """Bring files (name, content) into a collection at once, in this process.

    :param author: name of the user it is done for
    :returns: the batch, see `batch_show`
    :raises ValidationError: where these can't be kept
    """
    context: Any = {"user": author, "ignore_auth": True, "lrtzc_now": True}
    uploads = [FileStorage(io.BytesIO(content), filename=name) for name, content in files]
    return tk.get_action("lrtzc_collection_submit")(context, {"id": package_id, "upload": uploads})
