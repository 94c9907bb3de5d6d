"""Keeps the revisions of links to forges right without a page: read after a link is written, and once a day.

A worker asks the forges, never the web process.
"""

import logging
import time
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.lib.redis import connect_to_redis

from ckanext.lrtzc.objects import forges
from ckanext.lrtzc.objects.domain.kinds import KINDS

log = logging.getLogger(__name__)

TABULAR = frozenset(kind.type for kind in KINDS.values() if kind.tabular)
# Seconds between two questions about one link, whether or not its forge answered.
_DAY = 86_400
_LOOK_EVERY = 3_600.0
# Links asked about by one job: a forge that is slow holds the others back for a while only.
_AT_ONCE = 100
_SECONDS = 1_800
_looked = float("-inf")


def written(_sender: str, **said: Any) -> None:
    """Have a worker read the revision of links just written, by whatever page or program."""
    result = said.get("result")
    package = model.Package.get(result["id"] if isinstance(result, dict) else result or "")
    if package is None or package.type not in KINDS or package.type in TABULAR or package.state == "deleted":
        return
    for resource in package.resources:
        if forges.repository_of(_shown(resource)) and not (resource.extras or {}).get(forges.REVISION):
            tk.enqueue_job(read, [resource.id], title="Revision of a repository", rq_kwargs={"timeout": 60})


def tick(_sender: Any = None, **_: Any) -> None:
    """Have a worker ask again about links not asked about for a day; every hour, by the signal `lrtzc:tick`."""
    global _looked
    if time.monotonic() - _looked > _LOOK_EVERY:
        _looked = time.monotonic()
        tk.enqueue_job(read_old, [], title="Revisions of repositories", rq_kwargs={"timeout": _SECONDS})


def read(resource_id: str) -> bool:
    """Read one link's revision and keep it where it is another one; say whether it is."""
    resource = model.Resource.get(resource_id)
    where = forges.repository_of(_shown(resource)) if resource is not None and resource.state == "active" else None
    if where is None:
        return False
    _is_first(resource_id)
    try:
        found = forges.latest(where)
    except tk.ValidationError as error:
        log.info("The revision of %s is not read: %s", resource_id, error.error_dict)
        return False
    if found.commit == (resource.extras or {}).get(forges.REVISION):
        return False
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    forges.keep({"user": user, "ignore_auth": True}, resource_id, found)
    return True


def read_old() -> int:
    """Read the revisions of links not asked about for a day; give how many are new."""
    resource, package = model.Resource, model.Package
    query = (
        sa.select(resource.id, resource.url, resource.url_type)
        .join(package, package.id == resource.package_id)
        .where(package.type.in_([*KINDS.keys() - TABULAR]), package.state == "active", resource.state == "active")
        .order_by(resource.id)
    )
    links = [row.id for row in model.Session.execute(query) if forges.repository_of(dict(row._mapping))]
    asked = new = 0
    for number in links:
        if asked == _AT_ONCE:
            break
        if _is_first(number):
            asked += 1
            new += read(number)
    return new


def _is_first(resource_id: str) -> bool:
    """Say whether nobody asked about a link for a day, and note that somebody does now."""
    return bool(connect_to_redis().set(f"lrtzc:revision:{resource_id}", 1, nx=True, ex=_DAY))


def _shown(resource: Any) -> dict[str, Any]:
    return {"url": resource.url, "url_type": resource.url_type}
