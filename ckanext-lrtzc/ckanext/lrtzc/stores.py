"""The stores that each request asks."""

from functools import cache

from ckan.lib.redis import connect_to_redis
from redis import Redis


@cache
def redis() -> Redis:
    """Give this process's client of Redis, over CKAN's pool.

    To make one, as CKAN does each time, takes as long as a question to it.
    """
    return connect_to_redis()
