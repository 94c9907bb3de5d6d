"""Table Schemas that others keep for all: those a catalogue lists, schema.data.gouv.fr's unless set otherwise."""

from __future__ import annotations

import json
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.redis import connect_to_redis

from ckanext.lrtzc.egress import api as egress
from ckanext.lrtzc.quality.domain.tableschema import listed_in

_LIMITS = egress.Limits(seconds=15, connect=5, size=20_000_000)
_KEPT = 86_400
"""Seconds that the catalogue is kept for."""


def listed() -> list[dict[str, str]]:
    """Give `name`, `title`, `description` and `url` of each schema, by title.

    :raises ValidationError: where the catalogue can't be read
    """
    address = tk.config.get("ckanext.lrtzc.quality.schemas")
    if not address:
        return []
    key = f"lrtzc:quality:schemas:{tk.config['ckan.site_id']}:{address}"
    redis: Any = connect_to_redis()
    if kept := redis.get(key):
        return json.loads(kept)
    found = listed_in(_read(address))
    redis.set(key, json.dumps(found), ex=_KEPT)
    return found


def schema(name: str) -> Any:
    """Give a schema of the catalogue.

    :raises ValidationError: where the catalogue names none so, or it can't be read
    """
    address = next((each["url"] for each in listed() if each["name"] == name), None)
    if not name or address is None:
        raise tk.ValidationError({"name": [tk._("Choose one of the list.")]})
    return _read(address)


def _read(address: str) -> Any:
    try:
        answer = egress.fetch(address, headers={"Accept": "application/json"}, limits=_LIMITS).raise_for_status()
        return json.loads(answer.body)
    except egress.EgressError as error:
        why = egress.explain(error)
    except (ValueError, RecursionError):
        why = tk._("What was sent is no JSON.")
    raise tk.ValidationError({"name": [tk._("The schema could not be read there."), why]})
