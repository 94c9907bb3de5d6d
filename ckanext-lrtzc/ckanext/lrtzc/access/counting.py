"""How many rows a part of a table has, counted once for as long as the table and the part stay as they are."""

import hashlib
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.lib.redis import connect_to_redis
from redis.exceptions import RedisError

from ckanext.lrtzc.tabular.relation import Relation

_KEPT = 3600


def total(connection: sa.Connection, relation: Relation) -> int:
    """Count the rows that may be seen.

    The count is kept under the table's version, which changes with its rows, and under what the part is made of.
    """
    known = f"{relation.whole.resource_id}|{relation.whole.version}|{relation.part}"
    key = f"lrtzc:access:rows:{tk.config['ckan.site_id']}:{hashlib.sha256(known.encode()).hexdigest()}"
    try:
        kept: Any = connect_to_redis().get(key)
    except RedisError:
        return _count(connection, relation)
    if kept is None:
        kept = _count(connection, relation)
        connect_to_redis().set(key, kept, ex=_KEPT)
    return int(kept)


def _count(connection: sa.Connection, relation: Relation) -> int:
    return connection.scalar(sa.select(sa.func.count()).select_from(relation.source)) or 0
