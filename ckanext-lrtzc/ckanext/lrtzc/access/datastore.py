"""The DataStore's reading actions, through the decision: CKAN's own search, over no more than what may be seen."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import psycopg2
import sqlalchemy as sa
from ckanext.datastore.backend import DatastoreBackend
from ckanext.datastore.backend.postgres import _TIMEOUT, _cache_types, get_read_engine, search_data
from ckanext.datastore.logic.schema import datastore_search_schema
from sqlalchemy.exc import DBAPIError

from ckanext.lrtzc.access import counting
from ckanext.lrtzc.access.api import Action, Decision, record_use, require
from ckanext.lrtzc.access.narrowed import NAME, NarrowedConnection
from ckanext.lrtzc.tabular.catalog import describe
from ckanext.lrtzc.tabular.relation import Relation

_SLOW = "57014"


def _resource(name: Any) -> model.Resource | None:
    """Give the resource of an identifier or of a DataStore alias."""
    if not isinstance(name, str):
        return None
    resource = model.Resource.get(name)
    if resource is None:
        _, real = DatastoreBackend.get_active_backend().resource_id_from_alias(name)
        resource = model.Resource.get(real) if real else None
    return resource


def _named(data_dict: dict[str, Any]) -> Any:
    """Give the resource that CKAN would read: `id` is an older name that wins."""
    return data_dict["id"] if "id" in data_dict else data_dict.get("resource_id")


@tk.chained_action
@tk.side_effect_free
def datastore_search(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """Search what the person may see of a table."""
    resource = _resource(_named(data_dict))
    if resource is None:
        return up(context, data_dict)
    decision = require(context, resource.package_id, resource.id, Action.TAKE)
    # whatever names were given, what was decided on is what is read
    asked = {key: value for key, value in data_dict.items() if key != "id"} | {"resource_id": resource.id}
    if decision.whole:
        record_use(decision, resource.id, Action.TAKE, by="datastore_search")
        with _plain_errors():
            return up(context, asked)
    tk.check_access("datastore_search", context, {"resource_id": resource.id})
    valid, errors = tk.navl_validate(asked, datastore_search_schema(), dict(context))
    if errors:
        raise tk.ValidationError(errors)
    record_use(decision, resource.id, Action.TAKE, by="datastore_search")
    return _search_part(context, valid, decision)


@contextmanager
def _plain_errors() -> Generator[None]:
    """Say that a search can't be answered; CKAN would show the statement, and with it what is held back looks like."""
    try:
        yield
    except (DBAPIError, psycopg2.Error) as error:
        slow = getattr(getattr(error, "orig", error), "pgcode", None) == _SLOW
        said = tk._("The search took too long.") if slow else tk._("The search can't be understood.")
        raise tk.ValidationError({"query": [said]}) from None


def _search_part(context: Any, asked: dict[str, Any], decision: Decision) -> dict[str, Any]:
    resource_id, engine = asked["resource_id"], get_read_engine()
    counted = asked["include_total"]
    narrowed = any(asked.get(key) for key in ("filters", "q", "full_text", "distinct"))
    _cache_types(engine)
    with engine.connect() as connection, _plain_errors():
        connection.execute(sa.text(f"SET LOCAL statement_timeout TO {_TIMEOUT}"))
        relation = _relation(connection, resource_id, decision, asked.get("language"))
        given = {**asked, "resource_id": NAME, "include_total": counted and narrowed}
        found = search_data({**context, "connection": NarrowedConnection(connection, relation)}, given)
        if counted and not narrowed:
            found["total"] = counting.total(connection, relation)
    for field in found["fields"]:
        if relation.table.get(field["id"]) is None:
            field.pop("info", None)
    found.pop("filterops", None)
    return {**found, "resource_id": resource_id, "include_total": counted}


def _relation(connection: sa.Connection, resource_id: str, decision: Decision, language: str | None = None) -> Relation:
    """Give what may be read of a table."""
    whole = describe(connection, resource_id)
    if whole is None:
        raise tk.ObjectNotFound(tk._("This resource holds no rows."))
    return Relation(whole, decision.part, language or tk.config["ckan.datastore.default_fts_lang"] or "simple")


@tk.chained_action
@tk.side_effect_free
def datastore_info(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """Describe what the person may see of a table."""
    resource = _resource(_named(data_dict))
    if resource is None:
        return up(context, data_dict)
    decision = require(context, resource.package_id, resource.id, Action.READ)
    found = up(context, {key: value for key, value in data_dict.items() if key != "id"} | {"resource_id": resource.id})
    if decision.whole:
        return found
    with get_read_engine().connect() as connection:
        relation = _relation(connection, resource.id, decision)
        if "meta" in found:
            kept = ("id", "aliases", "table_type")
            count = counting.total(connection, relation)
            found["meta"] = {key: found["meta"][key] for key in kept if key in found["meta"]} | {"count": count}
    found["fields"] = [field for field in found["fields"] if relation.table.get(field["id"]) is not None]
    return found


ACTIONS = {"datastore_search": datastore_search, "datastore_info": datastore_info}
