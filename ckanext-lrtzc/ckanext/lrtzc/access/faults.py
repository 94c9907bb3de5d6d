"""What went wrong with the rules of access, kept for the administrators' page: the last fault of each rule."""

import datetime as dt
import json
import logging
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.redis import connect_to_redis
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

FAILED, SLOW = "failed", "slow"
_SHOWN = 300
_KEPT = 30 * 86_400


@dataclass(frozen=True)
class Fault:
    """The last fault of a rule: what kind, in which words, when (ISO 8601, UTC), and how many since the first."""

    rule: str
    kind: str
    words: str
    moment: str
    count: int


def _key() -> str:
    return f"lrtzc:access:faults:{tk.config['ckan.site_id']}"


def note(rule: str, kind: str, words: str) -> None:
    """Keep a fault of a rule for thirty days after the last one."""
    name = f"{kind}:{rule}"
    fault = {"rule": rule, "kind": kind, "words": words[:_SHOWN], "moment": dt.datetime.now(dt.UTC).isoformat()}
    try:
        connection = connect_to_redis()
        count = connection.hincrby(_key() + ":count", name, 1)
        connection.hset(_key(), name, json.dumps({**fault, "count": count}))
        for key in (_key(), _key() + ":count"):
            connection.expire(key, _KEPT)
    except RedisError as error:
        log.error("A fault of an access rule could not be kept: %s", error)


def listed() -> list[Fault]:
    """Give the faults, the latest first."""
    found: Any = connect_to_redis().hvals(_key())
    return sorted((Fault(**json.loads(each)) for each in found), key=lambda fault: fault.moment, reverse=True)


def forget() -> None:
    """Drop all of them."""
    connect_to_redis().delete(_key(), _key() + ":count")
