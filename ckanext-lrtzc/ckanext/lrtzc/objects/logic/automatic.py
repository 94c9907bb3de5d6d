"""Metadata that the portal keeps by itself: nobody edits it, by page or by API (OBJ-4).

What a person sends for such a field is replaced by what is stored, without an error: a program that reads an object,
changes its title and sends it back must not fail because a size was measured in between. Programs of ours, whose
context has `ignore_auth`, set them.
"""

from collections.abc import Mapping
from typing import Any

AUTOMATIC_DATASET = ("metadata_created", "metadata_modified", "creator_user_id", "identifier", "uri", "withdrawn")
OWNER = "owner_org"
"""Automatic once an object was published: it changes hands by a transfer that the other side accepts (OBJ-11)."""
AUTOMATIC_RESOURCE = ("created", "last_modified", "metadata_modified", "datastore_active")
MEASURED_ON_FILES = ("size", "hash", "hash_algorithm", "mimetype")
"""Automatic for uploaded files; for a link they are what its publisher says."""


def _keep(given: dict[str, Any], stored: Mapping[str, Any], fields: tuple[str, ...]) -> None:
    for field in fields:
        if field in given and given[field] == stored.get(field):
            continue
        given.pop(field, None)
        if stored.get(field) is not None:
            given[field] = stored[field]


def keep_dataset(given: dict[str, Any], stored: Mapping[str, Any]) -> None:
    """Put the stored automatic fields of a dataset into what was `given`."""
    _keep(given, stored, AUTOMATIC_DATASET)
    if stored and (stored.get("state") != "draft" or stored.get("issued")):
        given[OWNER] = stored.get(OWNER)


def keep_resource(given: dict[str, Any], stored: Mapping[str, Any]) -> None:
    """Put the stored automatic fields of a resource into what was `given`."""
    if given.get("upload"):
        for field in MEASURED_ON_FILES:
            given.pop(field, None)
    elif "upload" in (given.get("url_type"), stored.get("url_type")):
        _keep(given, stored, MEASURED_ON_FILES)
    _keep(given, stored, AUTOMATIC_RESOURCE)
    if stored.get("lrtzc_collection"):
        _keep(given, stored, (*MEASURED_ON_FILES, "url", "url_type", "format"))
    own = [key for key in {*given, *stored} if key.startswith("lrtzc_")]
    if stored.get("url") != given.get("url"):
        # what a forge said was said of another address
        stored = {key: value for key, value in stored.items() if not key.startswith("lrtzc_revision")}
    _keep(given, stored, tuple(own))
