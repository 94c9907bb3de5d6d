"""What templates ask of collections."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.access.api import AccessRefused, Action, record_use, request_context, require
from ckanext.lrtzc.collection import listing
from ckanext.lrtzc.collection.domain.kinds import Kind
from ckanext.lrtzc.collection.integrating import file_bytes, limits
from ckanext.lrtzc.collection.model import Collection, File
from ckanext.lrtzc.collection.publishing import URL_TYPE
from ckanext.lrtzc.collection.wording import KindWords, counted, is_refusal, kind_words, remark

FIRST = 12
"""Files shown on the dataset's own page."""


def lrtzc_collection_resource(package: dict[str, Any]) -> dict[str, Any] | None:
    """Give the resource by which a dataset is a collection, None where it is none or has no file yet."""
    return next((one for one in package.get("resources") or () if one.get(URL_TYPE)), None)


def lrtzc_collection(package_id: str) -> Collection | None:
    """Give the collection that a dataset is, with or without files."""
    return Collection.of_package(package_id)


def lrtzc_collection_first(package: dict[str, Any], resource: dict[str, Any]) -> listing.Found | None:
    """Give the first files of a collection; None where they are held back from the reader."""
    collection = Collection.get(resource["id"])
    if collection is None:
        return None
    try:
        decision = require(request_context(), package["id"], resource["id"], Action.READ, whole=True)
    except AccessRefused:
        return None
    record_use(decision, resource["id"], Action.READ, by="gallery")
    return listing.files(collection, listing.Wanted(), FIRST)


def lrtzc_collection_kinds() -> dict[str, KindWords]:
    """Give the words of each kind of collection."""
    return {kind.value: kind_words(kind) for kind in Kind}


def lrtzc_collection_counted(kind: str, number: int) -> str:
    """Give a number of files of a kind, in words."""
    return counted(kind, number)


def lrtzc_collection_remark(found: dict[str, Any]) -> str:
    """Say what became of a file that a report lists."""
    return remark(found["code"], found["params"])


def lrtzc_collection_is_refusal(found: dict[str, Any]) -> bool:
    """Say whether a file that a report lists wasn't taken."""
    return is_refusal(found["code"])


def lrtzc_collection_limits() -> dict[str, int]:
    """Give the most `files` of one batch, and the size of the largest `file`, in bytes."""
    return {"files": limits().zip_entries, "file": file_bytes()}


def lrtzc_collection_length(seconds: float) -> str:
    """Write a length for people: `3:07`, `1:02:45`.

    >>> lrtzc_collection_length(3765)
    '1:02:45'
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def lrtzc_collection_facts(file: File) -> list[tuple[str, str]]:
    """Give what is known of a file, as names and texts."""
    found: list[tuple[str, str | None]] = [
        (tk._("Name"), file.name),
        (tk._("Title"), file.title),
        (tk._("Format"), file.format.upper()),
        (tk._("Size"), tk.h.lrtzc_file_size(file.size)),
        (tk._("Pixels"), f"{file.width} × {file.height}" if file.width and file.height else None),
        (tk._("Pages"), tk.h.lrtzc_number(file.pages) if file.pages else None),
        (tk._("Length"), lrtzc_collection_length(file.duration) if file.duration else None),
        (tk._("SHA-256 sum"), file.sha256),
    ]
    return [(name, str(text)) for name, text in found if text]
