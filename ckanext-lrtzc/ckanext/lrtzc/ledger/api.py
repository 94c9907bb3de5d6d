"""The ledger's door: `record` one operation, or `record_many`, in the operation's own transaction.

    from ckanext.lrtzc.ledger.api import record

    record("moderation.accept", object_type="batch", object_id=batch.id, details={"vote": "yes"})
    model.repo.commit()

What is done in another database is recorded there, in the transaction that does it: `record_in`.

Who changes many datasets at once does so within `told_apart`, so that none is recorded twice.

The trace is kept if, and only if, the operation is: both are in one transaction. Within a few seconds the sequencer
gives it a place in the tree and signs the new head. docs/record-an-operation.md says more, with an example.
"""

import time
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import psycopg2
import sqlalchemy as sa
from flask import g, has_request_context
from psycopg2.extensions import connection as Connection

from ckanext.lrtzc.ledger import outboxes, store, uses
from ckanext.lrtzc.ledger.domain.entry import MAX_NAME, EntryError, Outcome, make_entry
from ckanext.lrtzc.ledger.domain.traces import UNFOLLOWED, is_traced

__all__ = ["NotRecorded", "record", "record_in", "record_many", "said", "taken_away", "told_apart"]

OPTION = "ckanext.lrtzc.ledger.traces"
# Where a session notes that its changes are recorded by who makes them.
TOLD_APART = "lrtzc_ledger_told_apart"
# Seconds for which a process that serves no request goes by what it read of the settings.
_FRESH = 30.0
_seen: tuple[float, Any, frozenset[str]] | None = None


class NotRecorded(RuntimeError):
    """The database can't keep the trace, so the operation isn't done either."""


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
    :raises NotRecorded: where the database can't keep it (a full disk): undo the operation. Pages and the API then
        answer 503 and say so.
    """
    if is_traced(operation, chosen()):
        _write([_record(operation, outcome, actor, object_type, object_id, details)])


def record_many(
    operation: str,
    objects: Iterable[tuple[str, str]],
    *,
    actor: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Write one operation done to many things, each as (type, identifier), in the session's transaction.

    :param details: the same for all of them.
    :raises NotRecorded: as `record`.
    """
    if is_traced(operation, chosen()):
        _write([_record(operation, "done", actor, kind, name, details) for kind, name in objects])


def record_in(
    connection: Connection | sa.Connection,
    operation: str,
    *,
    once: str | None = None,
    outcome: Outcome = "done",
    actor: str | None = None,
    object_type: str | None = None,
    object_id: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Write one operation into the outbox of another database, `datastore` or `personal`, in its own transaction.

    The ledger shows it once the sequencer has taken it over, within a second or so. The rest is as in `record`.

    :param connection: the one whose transaction does what is recorded.
    :param once: a name of the operation among those called so, where it may be done again after it was cut off: however
        often it is recorded by that name, the ledger has it once, as it was recorded first.
    :raises NotRecorded: as `record`.
    """
    if not is_traced(operation, chosen()):
        return
    raw: Any = connection.connection.dbapi_connection if isinstance(connection, sa.Connection) else connection
    number = outboxes.identifier(None if once is None else f"{operation} {once}")
    with _or_not_recorded():
        outboxes.put(raw, _record(operation, outcome, actor, object_type, object_id, details), number)


@contextmanager
def told_apart() -> Generator[None]:
    """Keep the watch from recording what the session changes within: the caller records it itself, by `record_many`.

    What is pending is flushed at both ends, so that only the changes within are the caller's.
    """
    session = model.Session()
    session.flush()
    session.info[TOLD_APART] = session.info.get(TOLD_APART, 0) + 1
    try:
        yield
        session.flush()
    finally:
        session.info[TOLD_APART] -= 1


def said(object_id: str) -> bool:
    """Say whether the request under way has recorded an access to a thing already, so that it isn't told twice."""
    return has_request_context() and object_id in g.get("lrtzc_ledger_said", ())


def taken_away(package_id: str) -> int:
    """Count the files and selections of a dataset that were downloaded, as far as the ledger's details are kept."""
    connection: Connection = model.Session.connection().connection.dbapi_connection  # pyright: ignore[reportAssignmentType]
    found = uses.by_dataset(connection, [package_id], datetime(1970, 1, 1, tzinfo=UTC))
    return sum(one["files"] + one["exports"] for one in found)


def chosen() -> frozenset[str]:
    """Give the kinds of operations that the administrator wants traced."""
    global _seen
    configured = tk.config.get(OPTION)
    if has_request_context():
        # CKAN renews its settings at each request, and only then.
        return frozenset(tk.aslist(configured))
    if _seen is None or time.monotonic() - _seen[0] > _FRESH or _seen[1] != configured:
        _seen = time.monotonic(), configured, frozenset(tk.aslist(setting(OPTION)))
    return _seen[2]


def setting(option: str) -> Any:
    """Give a setting as chosen by page last, also in a process that serves no request."""
    # Not by model.get_system_info, which commits the session: the operation under way isn't ours to end.
    query = sa.select(model.SystemInfo.value).where(model.SystemInfo.key == option)
    kept = model.Session.scalar(query)
    return tk.config.get(option) if kept is None else kept


def _write(records: Sequence[store.Record]) -> None:
    connection: Connection = model.Session.connection().connection.dbapi_connection  # pyright: ignore[reportAssignmentType]
    with _or_not_recorded():
        if len(records) == 1:
            store.write(connection, records[0])
        else:
            store.write_many(connection, records)
    if has_request_context():
        told = {record.object_id for record in records if record.operation.startswith("access.")}
        if told:
            g.setdefault("lrtzc_ledger_said", set()).update(told)


@contextmanager
def _or_not_recorded() -> Generator[None]:
    try:
        yield
    except psycopg2.Error as error:
        if has_request_context():
            g.lrtzc_ledger_not_recorded = True
        why = (error.pgerror or str(error)).strip().splitlines()[0]
        raise NotRecorded(f"The operation can't be recorded in the ledger, so it isn't done: {why}") from error


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
        # Uses of open data are counted, not followed: from where is nobody's business.
        if operation.partition(".")[0] not in UNFOLLOWED:
            origin = tk.request.remote_addr
        if actor is None and not getattr(tk.current_user, "is_anonymous", True):
            actor = tk.current_user.id
    payload = {"actor": actor, "object_type": object_type, "object_id": object_id, "origin": origin}
    entry = make_entry(operation, outcome, {**payload, "details": dict(details or {})}, moment)
    for text in (actor, object_type, object_id):
        if text and ("\x00" in text or len(text) > MAX_NAME):
            raise EntryError(f"who, what kind and which thing are names, of {MAX_NAME} signs at most")
    return store.Record(entry, moment, operation, outcome, actor, object_type, object_id, origin)
