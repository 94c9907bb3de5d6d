"""Actions of versions."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import polars as pl

from ckanext.lrtzc.access.api import Action, record_use
from ckanext.lrtzc.asking import validated
from ckanext.lrtzc.batches.api import forget_copies, version_told
from ckanext.lrtzc.ledger.api import record
from ckanext.lrtzc.versions import listing, reading
from ckanext.lrtzc.versions.domain.comparing import Difference, former
from ckanext.lrtzc.versions.logic import schema
from ckanext.lrtzc.versions.reading import NotKeptError

__all__ = ["lrtzc_version_compare", "lrtzc_version_erase", "lrtzc_version_list", "lrtzc_version_show"]


def _resource(resource_id: str) -> Any:
    resource = model.Resource.get(resource_id)
    if resource is None or resource.state != "active":
        raise tk.ObjectNotFound(tk._("There is no such file, or you may not see it."))
    return resource


def _not_kept(error: NotKeptError) -> tk.ValidationError:
    return tk.ValidationError({"number": [listing.why_not(error.number, error.state)]})


@tk.side_effect_free
def lrtzc_version_list(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """List the versions of a resource's data, the newest first.

    :param id: the resource's identifier
    :param limit: how many, 200 at most; `offset`: after how many
    :returns: `count`, and `versions`: each with `number`, `mode`, `happened`, `rows`, `came`, and `added`, `changed`,
        `removed` compared with the version before; None where that isn't known, or part of the data is held back;
        `kept` says whether its rows are, `readable` whether who asks may read them, `url` its lasting address; for
        those who may change the dataset `sent`, the name of what was sent, and `author`
    """
    tk.check_access("lrtzc_version_list", context, data_dict)
    data = validated(data_dict, schema.listing(), context)
    return listing.listed(context, _resource(data["id"]), data["limit"], data["offset"])


@tk.side_effect_free
def lrtzc_version_show(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Give a version as `lrtzc_version_list` does, with some of its rows where they are kept for who asks.

    :param id: the resource's identifier
    :param number: the version's number
    :param limit: how many rows, 200 at most; `offset`: after how many
    :returns: also `citation`, `names` of columns, and `records`: rows as lists of texts
    """
    tk.check_access("lrtzc_version_show", context, data_dict)
    data = validated(data_dict, schema.shown(), context)
    resource = _resource(data["id"])
    told = version_told(resource.id, data["number"])
    if told is None:
        raise tk.ObjectNotFound(tk._("There is no such version."))
    shown = listing.described(context, resource, [told])[0]
    shown |= {"citation": listing.citation(resource, told.version), "names": [], "records": []}
    if shown["readable"] and data["limit"]:
        package_id = str(resource.package_id)
        try:
            copy, decision = reading.ask(context, package_id, resource.id, data["number"], Action.READ)
            record_use(decision, resource.id, Action.READ, by="version", number=str(data["number"]))
            shown["names"], shown["records"] = reading.page_of(copy, data["limit"], data["offset"])
        except NotKeptError:
            shown["readable"] = False
    return shown


@tk.side_effect_free
def lrtzc_version_compare(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Compare two versions of a resource that are kept.

    :param id: the resource's identifier
    :param before: number of the version to begin with; `after`: of the other
    :param of: which rows to give: `added`, `changed` or `removed`
    :param limit: how many of them, 200 at most; `offset`: after how many
    :returns: counts `added`, `changed` (None where no column tells which row became which), `removed`; `by`: what
        tells rows apart, `_id` their number; `names`; and `rows`: each with `cells`, texts or None, and for those that
        changed `former`: the old ones of the cells that differ, by name
    """
    tk.check_access("lrtzc_version_compare", context, data_dict)
    data = validated(data_dict, schema.comparing(), context)
    resource = _resource(data["id"])
    try:
        found = []
        for number in (data["before"], data["after"]):
            copy, decision = reading.ask(context, str(resource.package_id), resource.id, number, Action.READ)
            record_use(decision, resource.id, Action.READ, by="version", number=str(number))
            found.append(copy)
        difference = reading.compared(*found)
    except NotKeptError as error:
        raise _not_kept(error) from None
    added, changed, removed = difference.counts()
    return {
        "before": data["before"],
        "after": data["after"],
        "added": added,
        "changed": changed,
        "removed": removed,
        "by": list(difference.key),
        "names": list(difference.names),
        "rows": _rows(difference, data["of"], data["limit"], data["offset"]),
    }


def _rows(difference: Difference, of: str, limit: int, offset: int) -> list[dict[str, Any]]:
    frame: pl.DataFrame | None = getattr(difference, of)
    if frame is None:
        return []
    names = difference.names
    rows = []
    for row in frame.slice(offset, limit).iter_rows(named=True):
        shown: dict[str, Any] = {"cells": [row[name] for name in names]}
        if of == "changed":
            old = {name: row[former(name)] for name in names if former(name) in row}
            shown["former"] = {name: value for name, value in old.items() if value != row[name]}
        rows.append(shown)
    return rows


def lrtzc_version_erase(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Erase what is kept of a resource's former versions; its data, and that the versions were, stay.

    :param id: the resource's identifier
    """
    tk.check_access("lrtzc_version_erase", context, data_dict)
    data = validated(data_dict, schema.of_one(), context)
    resource = _resource(data["id"])
    record("resource.versions_erase", object_type="resource", object_id=resource.id)
    forget_copies(resource.id)
    model.Session.commit()
    return {"id": resource.id}
