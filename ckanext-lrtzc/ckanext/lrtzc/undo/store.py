"""What people have just done, kept in Redis for as long as it may be undone.

Each is under the account of who did it and a random word that only their page knows; it is taken out once.
"""

import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.redis import connect_to_redis
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

MINUTES = "ckanext.lrtzc.undo.minutes"


@dataclass(frozen=True)
class Done:
    """An operation that was done: its name, on which thing (type, identifier), with what, and the state it left."""

    operation: str
    thing: tuple[str, str]
    what: Mapping[str, Any]
    state: str


def _key(person: str, word: str) -> str:
    return f"lrtzc:undo:{tk.config['ckan.site_id']}:{person}:{word}"


def keep(done: Done, person: str) -> str:
    """Keep what a person (an account's identifier) did; give the word for it, nothing where Redis is away."""
    word = secrets.token_urlsafe(18)
    try:
        connect_to_redis().set(_key(person, word), json.dumps(asdict(done)), ex=60 * int(tk.config[MINUTES]))
    except RedisError as error:
        log.warning("An operation can't be undone, since Redis is away: %s", error)
        return ""
    return word


def take(word: str, person: str) -> Done | None:
    """Take out what a person did; None where it was too long ago, was undone already, or is somebody else's."""
    try:
        kept: Any = connect_to_redis().getdel(_key(person, word[:100]))
    except RedisError as error:
        log.warning("An operation can't be undone, since Redis is away: %s", error)
        return None
    if kept is None:
        return None
    read = json.loads(kept)
    return Done(read["operation"], (read["thing"][0], read["thing"][1]), read["what"], read["state"])
