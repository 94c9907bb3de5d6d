"""Looking, now and then, whether links of public objects still answer.

A few at each look of the scheduler, in a job: each link once a week, one that failed again the next day. A link is told
to fail when it failed twice in a row. Where all of several servers fail at once, the fault is taken for the portal's
own network's, and nothing is counted.
"""

import datetime as dt
import logging
from dataclasses import dataclass
from urllib.parse import urlsplit

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.lib.jobs import get_queue
from ckan.lib.search import SearchIndexError, rebuild
from sqlalchemy.dialects.postgresql import insert

from ckanext.lrtzc.delivery.api import public_content_changed
from ckanext.lrtzc.egress import api as egress
from ckanext.lrtzc.objects.api import TYPES
from ckanext.lrtzc.search import trouble
from ckanext.lrtzc.search.domain.answers import UNTOLD, Outcome, failures, outcome
from ckanext.lrtzc.search.model import Link, now

log = logging.getLogger(__name__)

LIMITS = egress.Limits(seconds=5, connect=3, size=100_000)
#: Few: letters to people wait behind this job in the queue.
AT_ONCE = 5
#: Links of one server looked at in one go.
OF_ONE_HOST = 3
AGAIN = dt.timedelta(days=1)
_TITLE = "links that answer"
_SEVERAL = 3


@dataclass(frozen=True)
class Looked:
    """A link and what came of the look at it."""

    resource_id: str
    package_id: str
    url: str
    before: int
    found: Outcome
    reason: str

    @property
    def failures(self) -> int:
        """Failures in a row, this look included."""
        return failures(self.before, self.found)


def tick() -> None:
    """Have links looked at, where some are due and no such job waits."""
    if tk.config["ckanext.lrtzc.search.link_days"] <= 0 or not _due(1):
        return
    if all(job.meta.get("title") != _TITLE for job in get_queue().jobs):
        tk.enqueue_job(check, title=_TITLE, rq_kwargs={"timeout": 600})


def _due(limit: int) -> list[sa.Row[tuple[str, str, str, int | None]]]:
    """Give links to look at, those never looked at first: resource, object, address, failures so far."""
    resource, package = model.Resource, model.Package
    again = now() - dt.timedelta(days=tk.config["ckanext.lrtzc.search.link_days"])
    known = sa.and_(Link.resource_id == resource.id, Link.url == resource.url)
    query = (
        sa.select(resource.id, resource.package_id, resource.url, Link.failures)
        .join(package, package.id == resource.package_id)
        .outerjoin(Link, known)
        .where(package.state == "active", package.private.is_(False), package.type.in_(TYPES))
        .where(resource.state == "active", sa.func.coalesce(resource.url_type, "") == "")
        .where(resource.url.regexp_match("^https?://", flags="i"))
        .where(
            sa.or_(
                Link.resource_id.is_(None),
                Link.checked < again,
                sa.and_(Link.failures > 0, Link.checked < now() - AGAIN),
            )
        )
        .order_by(Link.checked.nulls_first())
        .limit(limit)
    )
    return list(model.Session.execute(query))


def check() -> None:
    """Look at the links that are due, a few of each server, and index the objects of which something changed."""
    hosts: dict[str, int] = {}
    chosen = []
    for row in _due(AT_ONCE * OF_ONE_HOST):
        host = urlsplit(row.url).netloc.casefold() if _parsed(row.url) else ""
        hosts[host] = hosts.get(host, 0) + 1
        if hosts[host] <= OF_ONE_HOST and len(chosen) < AT_ONCE:
            chosen.append(row)
    # nothing is held open while others are waited for
    model.Session.rollback()
    looked = [Looked(row.id, row.package_id, row.url, row.failures or 0, *look(row.url)) for row in chosen]
    keep(looked)


def _parsed(url: str) -> bool:
    try:
        return bool(urlsplit(url).netloc)
    except ValueError:
        return False


def look(url: str) -> tuple[Outcome, str]:
    """Look whether a link answers; give the outcome and what was met, a status or a code of egress."""
    try:
        answer = egress.fetch(url, method="HEAD", limits=LIMITS)
        if outcome(answer.status) is not Outcome.ANSWERS:
            # many servers know no HEAD
            answer = egress.fetch(url, headers={"Range": "bytes=0-0"}, limits=LIMITS)
    except egress.EgressError as error:
        code = error.code.value
        return (Outcome.ANSWERS if code in UNTOLD else Outcome.FAILS), code
    return outcome(answer.status), str(answer.status)


def keep(looked: list[Looked]) -> None:
    """Keep what was seen, and index the objects whose links began or ceased to fail."""
    if not looked:
        return
    hosts = {urlsplit(one.url).netloc for one in looked if one.found is Outcome.FAILS and not one.reason.isdigit()}
    if len(hosts) >= _SEVERAL and all(one.found is Outcome.FAILS and not one.reason.isdigit() for one in looked):
        log.warning("No link answers, of %s servers: the portal's own way out seems closed", len(hosts))
        looked = [Looked(*_fields(one), Outcome.UNSURE, one.reason) for one in looked]
    moment = now()
    rows = [
        {
            "resource_id": one.resource_id,
            "package_id": one.package_id,
            "url": one.url,
            "checked": moment,
            "failures": one.failures,
            "reason": one.reason,
        }
        for one in looked
    ]
    made = insert(Link).values(rows)
    renewed = {name: made.excluded[name] for name in ("package_id", "url", "checked", "failures", "reason")}
    model.Session.execute(made.on_conflict_do_update(index_elements=["resource_id"], set_=renewed))
    model.Session.commit()
    index({one.package_id for one in looked if (one.before >= 2) != (one.failures >= 2)})


def _fields(one: Looked) -> tuple[str, str, str, int]:
    return one.resource_id, one.package_id, one.url, one.before


def index(package_ids: set[str]) -> None:
    """Index objects again, and have pages made anew."""
    for package_id in sorted(package_ids):
        try:
            rebuild(package_id)
        except SearchIndexError as error:
            log.exception("The object %s could not be indexed", package_id)
            model.Session.rollback()
            trouble.note({package_id: trouble.reason_of(error)})
        except tk.ObjectNotFound:
            model.Session.rollback()
    if package_ids:
        public_content_changed()
