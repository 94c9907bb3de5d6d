"""The generation of what the public sees: a mark that is new after each change.

Shared pages are kept under the mark that was in force before they were made, so a change makes all of them
unreachable at once, and a page made while the change happened is never shown again. The mark lives in two
places, each of which is enough by itself: in Redis, read by the web processes of any machine, and as the
target of a symbolic link (`<edge folder>/current`), which nginx resolves in its cache key.
"""

import logging
import os
import secrets
import time
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
from redis.exceptions import RedisError

from ckanext.lrtzc.stores import redis

log = logging.getLogger(__name__)

#: Seconds after which the folder of a former generation is removed: longer than any request under way.
_KEPT = 120


#: Seconds after a change in which the search may still lack it, and so the life of pages made in that time.
SETTLING = 10


def _name() -> str:
    return f"lrtzc:delivery:generation:{tk.config['ckan.site_id']}"


def _fresh_mark() -> str:
    return f"{time.time_ns():x}-{secrets.token_hex(4)}"


def current() -> str | None:
    """Give the mark in force, None when Redis is away: then nothing may be shared."""
    try:
        connection = redis()
        mark: Any = connection.get(_name())
        if mark is None:
            connection.set(_name(), _fresh_mark(), nx=True)
            mark = connection.get(_name())
    except RedisError:
        return None
    return mark.decode("ascii") if mark else None


def lifetime(mark: str | None, usual: int) -> int:
    """Give how long, in seconds, a page that is made now may be shared.

    The search opens its new state a moment after it was told of a change: a page made soon after one is made
    again soon.
    """
    if mark is None:
        return min(SETTLING, usual)
    age = time.time() - int(mark.partition("-")[0], 16) / 1e9
    return min(SETTLING, usual) if age < SETTLING else usual


def renew() -> None:
    """Put a new mark in force, in both places, before returning."""
    mark = _fresh_mark()
    folder = tk.config.get("ckanext.lrtzc.delivery.edge_folder")
    if folder:
        try:
            link_edge(Path(folder), mark)
        except OSError as error:
            log.error("The page cache of nginx was not renewed (%s): pages may be old for some minutes", error)
    try:
        redis().set(_name(), mark)
    except RedisError as error:
        log.error("The page cache was not renewed, Redis is away: %s", error)


def link_edge(folder: Path, mark: str) -> None:
    """Point `folder/current` at a new empty folder, in one step for whoever resolves it meanwhile."""
    target = folder / f"g-{mark}"
    target.mkdir(mode=0o755)
    passing = folder / f"next-{mark}"
    passing.symlink_to(target.name, target_is_directory=True)
    passing.replace(folder / "current")
    _clear(folder, keep=target.name)


def _clear(folder: Path, keep: str) -> None:
    oldest = time.time() - _KEPT
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name == keep or not entry.name.startswith("g-"):
                continue
            try:
                if entry.stat(follow_symlinks=False).st_mtime < oldest:
                    Path(entry.path).rmdir()
            except OSError:  # another process was quicker
                continue
