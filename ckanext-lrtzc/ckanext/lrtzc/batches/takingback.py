"""What was said in small batches, taken back by who said it, or said anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.model as model
import sqlalchemy as sa
from psycopg2 import sql

from ckanext.lrtzc.ledger.api import record_in

from . import copies, judges
from .domain.problems import Problem
from .domain.states import Event, State
from .loading import building
from .loading.tables import existing, work
from .model import Batch, Small, now
from .storage import SMALL

SUPERSEDED = "superseded"
"""Where the report of a batch says that another took its place."""


def content_of(batch_id: str) -> bytes | None:
    """Give the raw form of a small batch; None where it isn't kept any more."""
    return model.Session.scalar(sa.select(Small.content).where(Small.batch_id == batch_id))


def reason_of(batch_id: str, translate: Callable[[str], str]) -> str:
    """Say why a batch failed, was put aside or rejected; nothing where it wasn't."""
    batch = Batch.get(batch_id)
    if batch is None or batch.state not in (State.FAILED, State.QUARANTINED, State.REJECTED):
        return ""
    error = batch.report.get("error")
    return str(batch.report.get("rejected") or "") or (Problem.from_dict(error).sentence(translate) if error else "")


def revoke(resource_id: str, key: str, value: str, actor: str) -> None:
    """Take back what small batches brought: their rows, raw forms and reports; they are withdrawn. Not committed.

    The rows are gone at once: the table's database commits first, and what is cut off between is done by calling again.

    :param key: the column that tells rows apart; `value` those to take away
    """
    batches = _batches_of(resource_id, value)
    for batch in batches:
        judges.ask_no_more(batch.id)
    with work() as cursor:
        take_away(cursor, resource_id, key, value)
        for batch in batches:
            record_in(
                cursor.connection,
                "resource.rows_delete",
                once=f"{batch.id} revoked",
                actor=actor or None,
                object_type="resource",
                object_id=resource_id,
                details={"batch": batch.id},
            )
    for batch in batches:
        batch.report, batch.analysis = {"erased": now().date().isoformat()}, {}
        batch.happen(Event.REVOKE)
    model.Session.execute(sa.delete(Small).where(Small.batch_id.in_([batch.id for batch in batches])))


def take_away(cursor: Any, resource_id: str, key: str, value: str) -> None:
    """Delete the rows of a key, once no load of the table is under way."""
    cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [resource_id])
    table = existing(cursor, resource_id)
    if table is not None and key in table.types:
        name = sql.Identifier(resource_id)
        cursor.execute(sql.SQL("DELETE FROM {} WHERE {} = %s").format(name, sql.Identifier(key)), [value])
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(name))
        building.count_rows(cursor, resource_id, cursor.fetchone()[0])
        # copies of former versions hold them too
        copies.forget_copies(resource_id)


def supersede(resource_id: str, value: str) -> None:
    """Withdraw the batches of a key that aren't integrated, since another says it better. Not committed."""
    for batch in _batches_of(resource_id, value):
        if batch.state != State.INTEGRATED:
            judges.ask_no_more(batch.id)
            batch.report, batch.analysis = {SUPERSEDED: True, "erased": now().date().isoformat()}, {}
            batch.happen(Event.REVOKE)
            model.Session.execute(sa.delete(Small).where(Small.batch_id == batch.id))


def _batches_of(resource_id: str, value: str) -> list[Batch]:
    query = sa.select(Batch).where(
        Batch.resource_id == resource_id,
        Batch.location.startswith(f"{SMALL}:"),
        Batch.settings["given"]["key"].astext == value,
        Batch.state != State.WITHDRAWN.value,
    )
    for batch_id in list(model.Session.scalars(query.with_only_columns(Batch.id))):
        judges.hold(batch_id)
    return list(model.Session.scalars(query.with_for_update().execution_options(populate_existing=True)))
