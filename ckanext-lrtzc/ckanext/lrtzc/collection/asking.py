"""Collections by their datasets, for whoever asks: what may not be found isn't there, what is held back is refused."""

from __future__ import annotations

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.access.api import Action, Decision, require
from ckanext.lrtzc.collection import listing
from ckanext.lrtzc.collection.model import Collection, File


def collection_of(named: str) -> tuple[Any, Collection]:
    """Give a dataset, by its identifier or name, and its collection.

    :raises ObjectNotFound: where there is no such dataset, or it is no collection
    """
    package = model.Package.get(named)
    collection = Collection.of_package(str(package.id)) if package is not None else None
    if collection is None:
        raise tk.ObjectNotFound(tk._("This dataset is no collection of files."))
    return package, collection


def readable(context: Any, named: str, action: Action = Action.READ) -> tuple[Any, Collection, Decision]:
    """Give the same and the decision on it: all of it or nothing, for files aren't cut.

    :raises AccessRefused: where it is held back
    """
    package, collection = collection_of(named)
    decision = require(context, str(package.id), collection.resource_id, action, whole=True)
    return package, collection, decision


def file_of(collection: Collection, file_id: str) -> File:
    """Give a file of a collection.

    :raises ObjectNotFound: where it isn't one of its
    """
    found = listing.file(collection, file_id)
    if found is None:
        raise tk.ObjectNotFound(tk._("There is no such file."))
    return found
