"""Sees what becomes of objects where it is flushed to the database, and writes it in the operation's own transaction.

Whatever page, action or harvest changed them; who did it is known from the request, or from the action that a worker
calls for somebody (`acting`).
"""

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import ckan.model as model
import ckan.plugins as p
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from flask import has_request_context
from sqlalchemy import event, inspect
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ckanext.lrtzc.following.domain.changes import Change, Stand, change_of, is_material
from ckanext.lrtzc.following.model import Event
from ckanext.lrtzc.objects.api import REVISION, TYPES

# What of a file says that its data is another one.
_DATA = ("url", "hash", "size", "last_modified", "state")
_actor: ContextVar[str] = ContextVar("lrtzc_following_actor", default="")
_started = False


def start() -> None:
    """Begin to watch; once a process, however often CKAN loads its plug-ins."""
    global _started
    if not _started:
        _started = True
        event.listen(Session, "after_flush", _after_flush)


@contextmanager
def acting(name: str | None) -> Generator[None]:
    """Take what is changed within for the doing of an account, by name."""
    user = model.User.get(name) if name and not _actor.get() else None
    if user is None:
        yield
        return
    mark = _actor.set(user.id)
    try:
        yield
    finally:
        _actor.reset(mark)


def _who() -> str:
    if has_request_context() and not getattr(tk.current_user, "is_anonymous", True):
        return str(tk.current_user.id)
    return _actor.get()


def _after_flush(session: Session, _context: Any) -> None:
    if session.get_bind() is not model.meta.engine or not p.plugin_loaded("lrtzc_following"):
        return
    changed: dict[str, set[Change]] = {}
    for package in _of(model.Package, session):
        if package.type in TYPES:
            _see(session, package, changed)
    touched = {each.package_id for each in _of(model.Resource, session) if _is_other(session, each)}
    _write_data(session, {each for each in touched if each} - changed.keys())


def _of(kind: type, session: Session) -> list[Any]:
    return [each for each in (*session.new, *session.dirty, *session.deleted) if isinstance(each, kind)]


def _before(thing: Any, name: str) -> Any:
    """Give a column's value until now."""
    history = inspect(thing).attrs[name].history
    return history.deleted[0] if history.deleted else getattr(thing, name)


def _see(session: Session, package: Any, changed: dict[str, set[Change]]) -> None:
    new, erased = package in session.new, package in session.deleted
    before = None if new else Stand(_before(package, "state"), bool(_before(package, "private")))
    after = Stand("deleted", True) if erased else Stand(package.state, bool(package.private))
    columns = {each.key for each in inspect(package).mapper.column_attrs if _changes(package, each.key)}
    material = is_material(columns - {"extras"}, _before(package, "extras") or {}, package.extras or {})
    change = change_of(before, after, material)
    if change is None:
        return
    changed.setdefault(package.id, set()).add(change)
    gone = before is not None and before.public and not after.public
    title = (_before(package, "title") or _before(package, "name")) if gone else ""
    public = after.public or (before is not None and before.public)
    values = {"package_id": package.id, "kinds": [change.value], "public": public, "title": title, "actor": _who()}
    _keep(session, insert(Event).values(**values))


def _changes(thing: Any, name: str) -> bool:
    return bool(inspect(thing).attrs[name].history.has_changes())


def _is_other(session: Session, resource: Any) -> bool:
    if resource in session.new or resource in session.deleted:
        return True
    revision = (_before(resource, "extras") or {}).get(REVISION)
    if revision and revision != (resource.extras or {}).get(REVISION):
        return True
    return any(_changes(resource, name) and _before(resource, name) != getattr(resource, name) for name in _DATA)


def data_changed(session: Any, package_ids: Iterable[str]) -> None:
    """Write that the data of objects of the catalogue is another; others are passed over. Not committed."""
    _write_data(session, set(package_ids))


def _write_data(session: Session, package_ids: set[str]) -> None:
    if not package_ids:
        return
    package = model.Package
    rows = sa.select(
        package.id,
        sa.literal([Change.DATA.value], type_=Event.kinds.type),
        sa.not_(sa.func.coalesce(package.private, False)),
        sa.literal(""),
        sa.literal(_who()),
    ).where(package.id.in_(package_ids), package.type.in_(TYPES), package.state == "active")
    names = ["package_id", "kinds", "public", "title", "actor"]
    _keep(session, insert(Event).from_select(names, rows))


def _keep(session: Session, statement: Any) -> None:
    """Write a change, together with what the same transaction did to the same object before."""
    given = statement.excluded
    merged = {
        "kinds": sa.func.array_cat(Event.kinds, given.kinds),
        "public": sa.or_(Event.public, given.public),
        "title": sa.case((given.title != "", given.title), else_=Event.title),
    }
    # not by the session's own `execute`, which would flush again
    session.connection().execute(
        statement.on_conflict_do_update(constraint="lrtzc_following_event_change", set_=merged)
    )
