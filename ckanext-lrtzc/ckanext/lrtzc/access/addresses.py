"""Addresses of data that lies elsewhere: where it is held back, its address is held back too, for it is the data."""

import json
from collections.abc import Iterable
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.access import facts
from ckanext.lrtzc.access.api import Action, Decisions, Person, decide_many, decided

_STORED = frozenset({"data_dict", "validated_data_dict"})
HELD_BACK = "held_back"
"""Marks a resource whose data the reader may not take whole; set on what actions answer, never kept."""


def _hide(dataset: dict[str, Any], decisions: Decisions) -> None:
    for resource in dataset.get("resources") or ():
        decision = decided(decisions, dataset["id"], resource.get("id"))
        # whoever may change the dataset reads its metadata as they are, or would save them without
        if decision.whole or decision.insider:
            continue
        resource[HELD_BACK] = True
        resource["hash"] = ""
        if resource.get("url_type") != "upload":
            resource["url"] = ""


def hide(context: Any, datasets: Iterable[Any]) -> None:
    """Take addresses of data that the reader may not have out of datasets that an action answers, in one statement."""
    shown = [each for each in datasets if isinstance(each, dict) and each.get("id") and each.get("resources")]
    if shown and not context.get("ignore_auth"):
        decisions = decide_many(context, {each["id"] for each in shown}, Action.TAKE)
        for dataset in shown:
            _hide(dataset, decisions)


@tk.chained_action
@tk.side_effect_free
def package_show(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """Show a dataset, without the addresses of data that the reader may not have."""
    found = up(context, data_dict)
    hide(context, [found])
    return found


def _check_fields(asked: Any) -> None:
    """Refuse fields of the index that hold datasets as they are stored, under whatever name they are asked for."""
    fields = [asked] if isinstance(asked, str) else asked
    if not isinstance(fields, list | tuple):
        raise tk.ValidationError({"fl": [tk._("A list of fields is expected.")]})
    for name in (name for field in fields for name in str(field).replace(",", " ").split()):
        if not name.isidentifier() or name in _STORED or name.startswith("res_"):
            raise tk.ValidationError({"fl": [tk._("This field can't be asked for: {name}").format(name=name[:80])]})


@tk.chained_action
@tk.side_effect_free
def package_search(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """Search datasets; those found lack the addresses of data that the reader may not have."""
    if data_dict.get("fl") and not context.get("ignore_auth"):
        _check_fields(data_dict["fl"])
    found = up(context, data_dict)
    hide(context, found.get("results") or ())
    return found


@tk.chained_action
@tk.side_effect_free
def current_package_list_with_resources(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """List datasets, without the addresses of data that the reader may not have."""
    found = up(context, data_dict)
    hide(context, found)
    return found


@tk.chained_action
@tk.side_effect_free
def resource_search(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """Search resources; one isn't found by the address or the sum of data that the reader may not have."""
    found = up(context, data_dict)
    if context.get("ignore_auth"):
        return found
    results = found.get("results") or []
    decisions = decide_many(context, {each["package_id"] for each in results}, Action.TAKE)
    kept = [each for each in results if decided(decisions, each["package_id"], each["id"]).whole]
    return {**found, "results": kept, "count": found["count"] - (len(results) - len(kept))}


ACTIONS = {
    "current_package_list_with_resources": current_package_list_with_resources,
    "package_search": package_search,
    "package_show": package_show,
    "resource_search": resource_search,
}


def searched(document: dict[str, Any]) -> dict[str, Any]:
    """Take addresses that are held back out of what the search reads (not out of what it stores, which owners get)."""
    if not document.get("res_url"):
        return document
    held = facts.load(Person(), [document["id"]]).get(document["id"])
    if held is not None and held.restrictions:
        resources = json.loads(document.get("validated_data_dict") or "{}").get("resources") or ()
        open_ones = [each for each in resources if held.restriction(each.get("id")) is None]
        document["res_url"] = [each["url"] for each in open_ones if each.get("url")]
    return document
