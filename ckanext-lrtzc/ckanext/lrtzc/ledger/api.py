"""The ledger's door: `record` one operation, or `record_many`, in the operation's own transaction.

    from ckanext.lrtzc.ledger.api import record

    record("moderation.accept", object_type="batch", object_id=batch.id, details={"vote": "yes"})
    model.repo.commit()

The trace is kept if, and only if, the operation is: both are in one transaction. Within a few seconds the sequencer
gives it a place in the tree and signs the new head.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from flask import has_request_context

from ckanext.lrtzc.ledger import store
from ckanext.lrtzc.ledger.domain.entry import Outcome, make_entry
from ckanext.lrtzc.ledger.domain.traces import is_traced

__all__ = ["record", "record_many"]


def record(
    operation: str,
    *,
    outcome: Outcome = "done",
    actor: str | None = None,
    object_type: str | None = None,
    object_id: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Write one operation to the ledger, in the session's transaction.

    :param operation: `kind.verb`, for instance `dataset.update`.
    :param outcome: `done`, `refused` or `failed`.
    :param actor: who, as a user's identifier; by default who is signed in, or nobody.
    :param object_type: on what kind of thing, for instance `dataset`.
    :param object_id: on which thing.
    :param details: texts, whole numbers, booleans, lists and dictionaries of these; 64 KiB at most.
    :raises ckanext.lrtzc.ledger.domain.entry.EntryError: where a part can't be recorded.
    """
    if is_traced(operation, chosen()):
        connection = model.Session.connection().connection.dbapi_connection
        store.write(connection, _record(operation, outcome, actor, object_type, object_id, details))  # pyright: ignore[reportArgumentType]


def record_many(operation: str, objects: Iterable[tuple[str, str]], *, actor: str | None = None) -> None:
    """Write one operation done to many things, each as (type, identifier), in the session's transaction."""
    if is_traced(operation, chosen()):
        connection = model.Session.connection().connection.dbapi_connection
        records = [_record(operation, "done", actor, kind, name, None) for kind, name in objects]
        store.write_many(connection, records)  # pyright: ignore[reportArgumentType]


def chosen() -> frozenset[str]:
    """Give the kinds of operations that the administrator wants traced."""
    return frozenset(tk.aslist(tk.config.get("ckanext.lrtzc.ledger.traces")))


def _record(
    operation: str,
    outcome: Outcome,
    actor: str | None,
    object_type: str | None,
    object_id: str | None,
    details: Mapping[str, Any] | None,
) -> store.Record:
    moment, origin = datetime.now(UTC), None
    if has_request_context():
        origin = tk.request.remote_addr
        if actor is None and not getattr(tk.current_user, "is_anonymous", True):
            actor = tk.current_user.id
    payload = {"actor": actor, "object_type": object_type, "object_id": object_id, "origin": origin}
    entry = make_entry(operation, outcome, {**payload, "details": dict(details or {})}, moment)
    return store.Record(entry, moment, operation, outcome, actor, object_type, object_id, origin)
