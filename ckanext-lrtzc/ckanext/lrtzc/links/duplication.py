"""A new object made after another one, which remembers its model (OBJ-9)."""

from collections.abc import Mapping
from typing import Any

from ckanext.lrtzc.objects.api import AUTOMATIC_DATASET, AUTOMATIC_RESOURCE

_OWN = frozenset(
    [
        *AUTOMATIC_DATASET,
        "id",
        "name",
        "title",
        "state",
        "private",
        "owner_org",
        "organization",
        "issued",
        "modified",
        "groups",
        "relationships_as_subject",
        "relationships_as_object",
        "resources",
        "num_resources",
        "num_tags",
        "isopen",
        "license_title",
        "license_url",
        "extras",
        "plugin_data",
        "alternate_identifier",
        "is_referenced_by",
    ]
)
"""What is an object's own: its identity, its owner, its state and its dates."""
_OF_RESOURCES = (*AUTOMATIC_RESOURCE, "id", "package_id", "position", "state", "cache_url", "cache_last_updated")


def copy_of(dataset: Mapping[str, Any], title: str, owner_org: str | None) -> dict[str, Any]:
    """Give what `package_create` takes for a draft made after an object.

    What is said of it is copied, and its links. Files aren't: two objects never stand on the same file or table, and
    a copy of one would no longer be told when its model is corrected.
    """
    kept = {name: value for name, value in dataset.items() if name not in _OWN}
    kept["tags"] = [{"name": tag["name"]} for tag in dataset.get("tags") or []]
    kept["resources"] = [
        {name: value for name, value in resource.items() if name not in _OF_RESOURCES and not name.startswith("lrtzc_")}
        for resource in dataset.get("resources") or []
        if resource.get("url") and not resource.get("url_type") and not resource.get("held_back")
    ]
    kept |= {"title": title, "state": "draft", "private": False, "owner_org": owner_org or ""}
    return kept
