"""Layers of OGC API – Features: the files with places, read through the explorer's door."""

import json
import math
from decimal import Decimal
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.types import Context

from ckanext.lrtzc.access.api import Action
from ckanext.lrtzc.explore.api import Selection, reading, select, whole

from .domain.features import Layer, feature

#: Datasets whose layers one page of collections lists.
PAGE = 50
_DIGITS = 7
_WITH_PLACES = sa.text(
    """
    SELECT c.relname FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = '_geometry' AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p')
    """
)


def layer_of(dataset: dict[str, Any], resource: dict[str, Any], **more: Any) -> Layer:
    """Give a file as a layer."""
    name = str(resource.get("name") or "")
    title = str(dataset.get("title") or dataset["name"])
    page = tk.url_for("resource.read", id=dataset["name"], resource_id=resource["id"], qualified=True)
    return Layer(
        resource["id"],
        f"{title} – {name}" if name and name != title else title,
        str(resource.get("description") or dataset.get("notes") or ""),
        page,
        **more,
    )


def listed(context: Context, offset: int) -> tuple[list[Layer], int | None]:
    """Give the layers of a page that whoever asks may find, and where the next page begins.

    Four statements and one search, whatever the catalogue's size.
    """
    with reading() as connection:
        tables = set(connection.scalars(_WITH_PLACES))
    query = sa.select(model.Resource.id, model.Resource.package_id).where(
        model.Resource.state == "active", model.Resource.id.in_(tables)
    )
    resources: dict[str, set[str]] = {}
    for resource_id, package_id in model.Session.execute(query):
        resources.setdefault(package_id, set()).add(resource_id)
    page = sorted(resources)[offset : offset + PAGE]
    if not page:
        return [], None
    found = tk.get_action("package_search")(
        context, {"fq": "id:(" + " OR ".join(page) + ")", "rows": PAGE, "include_private": True, "sort": "name asc"}
    )
    layers = [
        layer_of(dataset, resource)
        for dataset in found["results"]
        for resource in dataset["resources"]
        if resource["id"] in resources[dataset["id"]]
    ]
    return layers, offset + PAGE if len(resources) > offset + PAGE else None


def opened(context: Context, resource_id: str) -> tuple[dict[str, Any], Selection | None]:
    """Give the dataset and the selection of a layer; no selection where it isn't one, to whoever asks.

    :raises ObjectNotFound: where there is no such file, or they may not know of it.
    :raises AccessRefused: where they may not take its data.
    """
    found = model.Resource.get(resource_id)
    if found is None or found.state != "active":
        raise tk.ObjectNotFound
    dataset = tk.get_action("package_show")(context, {"id": found.package_id})
    resource = next((one for one in dataset["resources"] if one["id"] == resource_id), None)
    if resource is None or not resource.get("datastore_active"):
        raise tk.ObjectNotFound
    selection = select(context, resource, (), Action.TAKE)
    if selection is None or not selection.table.has_geometry or not selection.table.has_key:
        return dataset, None
    return dataset, selection


def box(selection: Selection) -> tuple[float, float, float, float] | None:
    """Give where a layer lies."""
    with reading() as connection:
        found = selection.extent(connection)
    return (found.west, found.south, found.east, found.north) if found else None


def read(selection: Selection, limit: int, after: int | None = None) -> tuple[list[dict[str, Any]], int | None, bool]:
    """Give features in the order of their keys, how many match in all (where that is counted), and whether more follow.

    :param after: the key after which they begin.
    """
    statement = _statement(selection).order_by(selection.source.key).limit(limit + 1)
    if after is not None:
        statement = statement.where(selection.source.key > after)
    with reading() as connection:
        rows = connection.execute(statement).all()
        matched, about = selection.count(connection)
    return [_feature(selection, row) for row in rows[:limit]], None if about else matched, len(rows) > limit


def read_one(selection: Selection, key: int) -> dict[str, Any] | None:
    """Give one feature, or None."""
    with reading() as connection:
        row = connection.execute(_statement(selection).where(selection.source.key == key).limit(1)).first()
    return _feature(selection, row) if row is not None else None


def _statement(selection: Selection) -> sa.Select[Any]:
    source = selection.source
    values = [whole(source.column(column.id), column) for column in selection.table.columns]
    return selection.statement([source.key, sa.func.ST_AsGeoJSON(source.geometry, _DIGITS), *values])


def _feature(selection: Selection, row: Any) -> dict[str, Any]:
    key, geometry, *values = row
    names = (column.id for column in selection.table.columns)
    properties = {name: _value(value) for name, value in zip(names, values, strict=True)}
    return feature(key, json.loads(geometry) if geometry else None, properties)


def _value(value: Any) -> Any:
    match value:
        case Decimal():
            return (int(value) if value == value.to_integral_value() else float(value)) if value.is_finite() else None
        case float():
            return value if math.isfinite(value) else None
        case _:
            return value
