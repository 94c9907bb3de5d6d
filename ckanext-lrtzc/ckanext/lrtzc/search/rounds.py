"""Indexing objects again, one or all, in the background, as an administrator asks.

Each object's document takes the place of the one there was: the index is never emptied, and a search made meanwhile
finds all. A round goes by slices of some seconds, so that what else waits in the queue passes; it stands in a table,
and the scheduler has it go on where a worker was killed.
"""

import datetime as dt
import logging
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

import ckan.plugins.toolkit as tk
import pysolr
import sqlalchemy as sa
from ckan import model
from ckan.lib.jobs import get_queue
from ckan.lib.search import SearchIndexError, commit
from ckan.lib.search.common import make_connection
from ckan.lib.search.query import solr_literal
from ckan.logic import index_update_package
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from ckanext.lrtzc.access.api import Action, decide_many
from ckanext.lrtzc.delivery.api import public_content_changed
from ckanext.lrtzc.search import trouble
from ckanext.lrtzc.search.content import fingerprint
from ckanext.lrtzc.search.model import Content, Due, Round, now

log = logging.getLogger(__name__)

PIECE = 50
#: Seconds of one slice: letters to people wait behind it in the queue.
SLICE = 10.0
_LOST = dt.timedelta(minutes=2)
_TITLE = "index again"
NOT_OBJECTS = ("harvest",)
"""Types of what CKAN keeps as a dataset and is none."""


class UnderWayError(Exception):
    """A round that holds the same objects is under way."""


def begin(scope: str, *, rows: bool) -> Round:
    """Begin a round; whoever calls it commits, then has it go on by `enqueue`.

    :param scope: identifier of one object, or nothing for all
    :param rows: read the rows of tables again too

    :raises UnderWayError: where one goes on already
    """
    # of two who ask at the same instant the second waits here, and finds the first's
    model.Session.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('lrtzc_search_round'))"))
    going = sa.select(Round.id).where(Round.finished.is_(None))
    if scope:
        going = going.where(Round.scope.in_({"", scope}))
    if model.Session.scalar(going.limit(1)) is not None:
        raise UnderWayError
    total = model.Session.scalar(sa.select(sa.func.count()).select_from(_objects(scope).subquery())) or 0
    made = Round(scope=scope, total=total)
    model.Session.add(made)
    try:
        model.Session.flush()
    except IntegrityError:
        raise UnderWayError from None
    if rows:
        _have_rows_read(scope)
    return made


def _objects(scope: str) -> sa.Select[Any]:
    package = model.Package
    query = sa.select(package.id).where(package.state != "deleted", package.type.not_in(NOT_OBJECTS))
    return query.where(package.id == scope) if scope else query


def _have_rows_read(scope: str) -> None:
    """Have rows read anew though they are unchanged; the words that are known stay until then."""
    chosen = [Content.package_id == scope] if scope else []
    forget = sa.update(Content).where(*chosen).values(version="")
    model.Session.execute(forget, execution_options={"synchronize_session": False})
    known = sa.select(Content.package_id, sa.literal(now(), sa.DateTime(timezone=True))).where(*chosen).distinct()
    due = insert(Due).from_select(["package_id", "since"], known)
    model.Session.execute(due.on_conflict_do_update(index_elements=["package_id"], set_={"since": due.excluded.since}))


def enqueue(round_id: int) -> None:
    """Have a worker go on with a round; call after the commit."""
    tk.enqueue_job(go_on, [round_id], title=_TITLE, rq_kwargs={"timeout": 600})


@contextmanager
def _alone(round_id: int) -> Generator[bool]:
    """Hold a round while it is worked on; gives False where another living process holds it."""
    with model.meta.engine.connect() as connection:
        name = {"name": f"search round {round_id}"}
        free = bool(connection.scalar(sa.text("SELECT pg_try_advisory_lock(hashtextextended(:name, 1))"), name))
        try:
            yield free
        finally:
            if free:
                connection.execute(sa.text("SELECT pg_advisory_unlock(hashtextextended(:name, 1))"), name)


def go_on(round_id: int) -> None:
    """Index a slice of a round's objects, and have the rest done after what waits already."""
    with _alone(round_id) as free:
        over = not free or _slice(round_id)
    if not over:
        enqueue(round_id)


def _slice(round_id: int) -> bool:
    """Go on for some seconds; say whether the round is over."""
    end = time.monotonic() + SLICE
    while time.monotonic() < end:
        current = model.Session.get(Round, round_id, populate_existing=True)
        if current is None or current.finished is not None:
            return True
        query = _objects(current.scope).where(model.Package.id > current.last).order_by(model.Package.id)
        ids = list(model.Session.scalars(query.limit(PIECE)))
        failed = index(ids) if ids else {}
        if not ids:
            _take_out(current.scope)
            current.finished = now()
        else:
            current.last = ids[-1]
            current.done += len(ids)
            current.failed += len(failed)
        current.moved = now()
        model.Session.add(current)
        model.Session.commit()
        if not ids:
            public_content_changed()
            return True
    return False


def index(ids: Sequence[str]) -> dict[str, trouble.Reason]:
    """Index objects again, and give why for those that could not be."""
    before = _openness(ids)
    failed = _index(ids)
    # what an owner held back while it was read may have been indexed as it was before
    after = _openness(ids)
    changed = [each for each in ids if before.get(each) != after.get(each) and each not in failed]
    failed |= _index(changed)
    trouble.note(failed)
    trouble.over([each for each in ids if each not in failed])
    return failed


def _index(ids: Sequence[str]) -> dict[str, trouble.Reason]:
    failed: dict[str, trouble.Reason] = {}
    for package_id in ids:
        try:
            index_update_package({"ignore_auth": True}, package_id, defer_commit=True)
        except tk.ObjectNotFound:
            model.Session.rollback()
        except Exception as error:
            # one object that can't be read must not keep the others out
            log.exception("The object %s could not be indexed", package_id)
            model.Session.rollback()
            failed[package_id] = trouble.reason_of(error)
    if ids:
        try:
            commit()
        except SearchIndexError:
            return dict.fromkeys(ids, trouble.Reason.ENGINE)
    return failed


def _openness(ids: Sequence[str]) -> dict[str, list[tuple[str, bool, str]]]:
    """Give, by object, what a stranger may read of it, so that it can be compared."""
    found: dict[str, list[tuple[str, bool, str]]] = {}
    stranger: Any = {"user": "", "auth_user_obj": None}
    for (package_id, resource_id), one in decide_many(stranger, ids, Action.READ).items():
        found.setdefault(package_id, []).append((resource_id or "", one.permitted, fingerprint(one)))
    return {package_id: sorted(told) for package_id, told in found.items()}


def _take_out(scope: str) -> None:
    """Take out of the index what is no longer in the catalogue."""
    site = f"+site_id:{solr_literal(tk.config['ckan.site_id'])}"
    only = [f"+id:{solr_literal(scope)}"] if scope else []
    try:
        engine = make_connection(decode_dates=False)
        known = {
            one["id"] for one in engine.search("*:*", fq=[site, "+entity_type:package", *only], fl="id", rows=10**6)
        }
        if not known:
            return
        standing = sa.select(model.Package.id).where(model.Package.state != "deleted", model.Package.id.in_(known))
        for gone in known - set(model.Session.scalars(standing)):
            engine.delete(q=f"{site} +id:{solr_literal(gone)}", commit=False)
        # a round is told to be over once searches show it
        engine.commit()
    except pysolr.SolrError as error:
        log.warning("What is no longer in the catalogue was not taken out of the index: %s", str(error)[:300])


def tick() -> None:
    """Have rounds go on whose worker is gone."""
    lost = sa.select(Round.id).where(Round.finished.is_(None), Round.moved < now() - _LOST)
    waiting = {job.args[0] for job in get_queue().jobs if job.meta.get("title") == _TITLE}
    for round_id in model.Session.scalars(lost):
        if round_id not in waiting:
            enqueue(round_id)
