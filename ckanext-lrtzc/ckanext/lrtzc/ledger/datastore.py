"""Sees what CKAN's DataStore writes, by whatever action, and records it in the very transaction that writes it.

CKAN opens and ends that transaction itself: the trace is written when it is about to commit, so a change that is undone
leaves none, and one that can't be recorded isn't done.
"""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckanext.datastore.backend.postgres import DatastorePostgresqlBackend, get_write_engine
from sqlalchemy import event

from ckanext.lrtzc.ledger.api import record_in

__all__ = ["RecordingBackend"]


class _Change(NamedTuple):
    """What is being changed: CKAN's context, which names the connection once it is open, and what to record."""

    context: Any
    operation: str
    resource_id: str
    details: dict[str, Any]


_under_way: ContextVar[_Change | None] = ContextVar("lrtzc_ledger_datastore", default=None)


class RecordingBackend(DatastorePostgresqlBackend):
    """CKAN's backend on PostgreSQL, whose changes leave a trace."""

    def create(self, context: Any, data_dict: dict[str, Any], plugin_data: dict[int, dict[str, Any]]) -> Any:
        """Make or change a table, and add rows."""
        told = {"rows": len(data_dict.get("records") or ())}
        with _recorded(_Change(context, "resource.rows_create", data_dict["resource_id"], told)):
            return super().create(context, data_dict, plugin_data)

    def upsert(self, context: Any, data_dict: dict[str, Any]) -> Any:
        """Add or change rows."""
        told = {"rows": len(data_dict.get("records") or ()), "method": str(data_dict.get("method") or "upsert")}
        with _recorded(_Change(context, "resource.rows_update", data_dict["resource_id"], told)):
            return super().upsert(context, data_dict)

    def delete(self, context: Any, data_dict: dict[str, Any]) -> Any:
        """Take rows away, or the table."""
        told = {"part": "part" if "filters" in data_dict else "whole"}
        with _recorded(_Change(context, "resource.rows_delete", data_dict["resource_id"], told)):
            return super().delete(context, data_dict)


@contextmanager
def _recorded(change: _Change) -> Generator[None]:
    if not tk.config.get("ckanext.lrtzc.ledger.key"):
        yield
        return
    engine = get_write_engine()
    if not event.contains(engine, "commit", _committing):
        event.listen(engine, "commit", _committing)
    token = _under_way.set(change)
    try:
        yield
    finally:
        _under_way.reset(token)


def _committing(connection: sa.Connection) -> None:
    change = _under_way.get()
    # CKAN commits on other connections meanwhile, for what isn't the change itself.
    if change is None or change.context.get("connection") is not connection:
        return
    user = model.User.get(change.context.get("user") or "")
    record_in(
        connection,
        change.operation,
        actor=user.id if user else None,
        object_type="resource",
        object_id=change.resource_id,
        details=change.details,
    )
