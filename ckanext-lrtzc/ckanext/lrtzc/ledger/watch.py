"""Sees what is done to the catalogue, accounts and settings, and records it in the operation's own transaction.

Changes are seen where they are flushed to the database, whatever page, action or command made them; sign-ins and
downloads by CKAN's signals, each in a transaction of its own since they write nothing else.
"""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from sqlalchemy import event, inspect
from sqlalchemy.orm import Session

from ckanext.lrtzc.ledger.api import TOLD_APART, record, said

# What is recorded of each kind of thing: the name of its kind, and fields that may be said.
_WATCHED: dict[str, tuple[str, tuple[str, ...]]] = {
    "Package": ("dataset", ("name", "state", "private", "owner_org", "license_id")),
    "Resource": ("resource", ("package_id", "state", "format", "size", "hash")),
    "Group": ("organization", ("name", "state")),
    "Member": ("member", ("group_id", "table_name", "table_id", "capacity", "state")),
    "User": ("user", ("state", "sysadmin")),
    "ApiToken": ("account", ("user_id",)),
    "SystemInfo": ("settings", ("key",)),
    "HarvestSource": ("harvest", ("type", "active")),
    "HarvestJob": ("harvest", ("source_id", "status")),
}
# Fields that change without anybody having done anything.
_IDLE = frozenset(
    {"last_active", "last_access", "metadata_modified", "_last_modified", "plugin_extras", "last_modified", "extras"}
)
# Signs of a field that a trace keeps.
MAX_TEXT = 500
_started = False


def start() -> None:
    """Begin to watch; once a process, however often CKAN loads its plug-ins."""
    global _started
    if _started:
        return
    _started = True
    event.listen(Session, "after_flush", _after_flush)
    tk.signals.user_logged_in.connect(_signed_in)
    tk.signals.failed_login.connect(_sign_in_failed)
    tk.signals.user_logged_out.connect(_signed_out)
    tk.signals.resource_download.connect(_downloaded)


def _after_flush(session: Session, _context: Any) -> None:
    if session.get_bind() is not model.meta.engine or not tk.config.get("ckanext.lrtzc.ledger.key"):
        return
    if session.info.get(TOLD_APART):
        return
    for verb, things in (("create", session.new), ("update", session.dirty), ("delete", session.deleted)):
        for thing in list(things):
            if type(thing).__name__ in _WATCHED:
                _record_change(verb, thing)


def _record_change(verb: str, thing: Any) -> None:
    kind, fields = _WATCHED[type(thing).__name__]
    if kind == "organization" and not getattr(thing, "is_organization", True):
        kind = "group"
    changed = sorted(
        attribute.key
        for attribute in inspect(thing).mapper.column_attrs
        if inspect(thing).attrs[attribute.key].history.has_changes() and attribute.key not in _IDLE
    )
    if verb == "update":
        if not changed:
            return
        if "state" in changed and thing.state == "deleted":
            verb = "delete"
    details = {field: _text(getattr(thing, field, None)) for field in fields}
    if verb == "update":
        details["changed"] = changed
    # The operation is named by what may be traced or not; the thing, by what it is: a use case, an algorithm…
    what = str(thing.type) if kind == "dataset" and thing.type else kind
    record(f"{kind}.{verb}", object_type=what, object_id=str(thing.id), details=details)


def _text(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    # A change is never refused because a text is long, or isn't one: the trace keeps its beginning.
    text = str(value).encode(errors="replace").decode()
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "…"


def _own_transaction(operation: str, **what: Any) -> None:
    if tk.config.get("ckanext.lrtzc.ledger.key"):
        record(operation, **what)
        model.Session.commit()


def _signed_in(_app: Any, user: Any, **_: Any) -> None:
    _own_transaction("account.sign_in", actor=user.id, object_type="account", object_id=user.id)


def _signed_out(_app: Any, user: Any, **_: Any) -> None:
    if getattr(user, "id", None):
        _own_transaction("account.sign_out", actor=user.id, object_type="account", object_id=user.id)


def _sign_in_failed(username: str, **_: Any) -> None:
    # Only accounts that exist are named: what a person typed by mistake may be their password.
    user = model.User.get(username)
    _own_transaction("account.sign_in", outcome="refused", object_type="account", object_id=user.id if user else None)


def _downloaded(resource_id: str, **_: Any) -> None:
    resource = model.Resource.get(resource_id)
    closed = resource and resource.package and (resource.package.private or resource.package.state != "active")
    if closed and not said(resource_id):
        _own_transaction("access.download", object_type="resource", object_id=resource_id)
