"""Whether the process lives and whether its stores answer, for whoever restarts or balances it."""

import json
import logging
from urllib.request import urlopen

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.lib.redis import connect_to_redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

log = logging.getLogger(__name__)

_SECONDS = 3


def answer(path: str) -> tuple[str, bytes, str] | None:
    """Answer `/healthz` (the process) and `/readyz` (its stores); None for any other path.

    :returns: status line, body and content type. Why a store is away is for the log, not for strangers.
    """
    if path == "/healthz":
        return "200 OK", b"ok\n", "text/plain; charset=utf-8"
    if path == "/readyz":
        stores = {"database": _database(), "redis": _redis(), "search": _search()}
        ready = all(stores.values())
        told = {"ready": ready, "stores": {name: "ok" if good else "away" for name, good in stores.items()}}
        status = "200 OK" if ready else "503 Service Unavailable"
        return status, json.dumps(told).encode("ascii") + b"\n", "application/json"
    return None


def _database() -> bool:
    try:
        return model.Session.scalar(sa.select(sa.literal(1))) == 1
    except SQLAlchemyError as error:
        log.error("The database is away: %s", error)
        return False
    finally:
        model.Session.remove()


def _redis() -> bool:
    try:
        return connect_to_redis().ping() is True
    except RedisError as error:
        log.error("Redis is away: %s", error)
        return False


def _search() -> bool:
    address = tk.config["solr_url"].rstrip("/") + "/admin/ping?wt=json"
    if not address.startswith(("http://", "https://")):
        return False
    try:
        with urlopen(address, timeout=_SECONDS) as reply:  # noqa: S310 - scheme checked, the deployment's own store
            return reply.status == 200
    except OSError as error:
        log.error("The search engine is away: %s", error)
        return False
