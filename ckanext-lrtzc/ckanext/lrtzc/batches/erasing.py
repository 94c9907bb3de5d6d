"""Destroys what batches brought: rows by the age that a column tells, raw forms, files; for rules of retention.

Each function may be repeated after a cut, and then does what was left to do.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import file_keeper as fk
import sqlalchemy as sa
from ckan.lib import uploader
from psycopg2 import sql

from ckanext.lrtzc.clock import zone

from . import copies, storage
from .domain.geometry import Geometry
from .domain.states import State
from .domain.tables import GEOMETRY
from .loading.building import count_rows
from .loading.tables import existing, work
from .model import Batch, now

DATES = ("date", "timestamp", "timestamptz")
"""Types of PostgreSQL's whose columns say how old a row is."""


@dataclass(frozen=True)
class Aged:
    """Rows of a table: all, those dated before a day, and those without a date, which no age reaches."""

    total: int
    older: int
    undated: int


def columns_of(resource_id: str, *, dates: bool = False) -> dict[str, str]:
    """Give the columns of a resource's table with their labels, none where it has no table; or only those of dates."""
    with work() as cursor:
        table = existing(cursor, resource_id)
    if table is None:
        return {}
    infos = table.infos
    return {
        name: str(infos.get(name, {}).get("label") or name)
        for name, kind in table.types.items()
        if not dates or kind in DATES
    }


def _known(resource_id: str, column: str, emptied: str | None) -> bool:
    return column in columns_of(resource_id, dates=True) and (
        emptied is None or (emptied != column and emptied in columns_of(resource_id))
    )


def _reached(column: str, emptied: str | None) -> sql.Composed:
    """Make the condition of being dated before a day, and of holding something of what goes."""
    older = sql.SQL("{} < %s").format(sql.Identifier(column))
    return older if emptied is None else sql.SQL("{} AND {} IS NOT NULL").format(older, sql.Identifier(emptied))


def count_older(resource_id: str, column: str, before: dt.date, emptied: str | None = None) -> Aged | None:
    """Count the rows dated before a day (local midnight); None where there is no such column of dates.

    :param emptied: count those only that have a value in this other column; None where it isn't there either
    """
    if not _known(resource_id, column, emptied):
        return None
    query = sql.SQL(
        "SELECT count(*), count(*) FILTER (WHERE {reached}), count(*) FILTER (WHERE {column} IS NULL) FROM {table}"
    ).format(reached=_reached(column, emptied), column=sql.Identifier(column), table=sql.Identifier(resource_id))
    with work() as cursor:
        cursor.execute("SELECT set_config('TimeZone', %s, true)", [zone().key])
        cursor.execute(query, [before])
        return Aged(*cursor.fetchone())


def erase_older(
    resource_id: str,
    column: str,
    before: dt.date,
    record: Callable[[Any, int], None],
    emptied: str | None = None,
) -> int | None:
    """Delete the rows dated before a day, in one transaction; readers see all of them or none.

    :param record: writes the proof by the connection it is given and the number of rows, before the commit
    :param emptied: destroy only the values of this other column in these rows, which stay
    :returns: how many rows were reached; None where there is no such column any more
    """
    if not _known(resource_id, column, emptied):
        return None
    table = sql.Identifier(resource_id)
    with work() as cursor:
        # no load of the resource goes on meanwhile
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [resource_id])
        cursor.execute("SELECT set_config('TimeZone', %s, true)", [zone().key])
        if emptied is None:
            what = sql.SQL("DELETE FROM {}").format(table)
        else:
            # an emptied full text is made anew by the table's trigger
            names = [emptied, "_full_text", *(["_geometry"] if _places(cursor, resource_id, emptied) else [])]
            nothing = sql.SQL(", ").join(sql.SQL("{} = NULL").format(sql.Identifier(name)) for name in names)
            what = sql.SQL("UPDATE {} SET {}").format(table, nothing)
        cursor.execute(sql.SQL("{} WHERE {}").format(what, _reached(column, emptied)), [before])
        erased = cursor.rowcount
        if erased:
            cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(table))
            count_rows(cursor, resource_id, cursor.fetchone()[0])
            record(cursor.connection, erased)
    if erased:
        # copies of former versions hold them too
        copies.forget_copies(resource_id)
    return erased


def _places(cursor: Any, resource_id: str, column: str) -> bool:
    """Say whether the place of rows was read from a column; where that isn't known, it may have been."""
    table = existing(cursor, resource_id)
    if table is None or GEOMETRY not in table.hidden:
        return False
    known = Batch.last_settings(resource_id).get("geometry")
    return known is None or column in Geometry(**known).columns


def rows_number(resource_id: str) -> int | None:
    """Count the rows of a resource's table; None where it has none."""
    with work() as cursor:
        if existing(cursor, resource_id) is None:
            return None
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(resource_id)))
        return cursor.fetchone()[0]


def erase_raw(resource_id: str, *, every: bool = False) -> int:
    """Erase raw forms, lists of refused rows and examples of values of the batches that became part of a resource.

    Counts and states of their reports stay. Commits after each.

    :param every: those too that failed, or wait for a person, and the copies of versions
    :returns: how many batches still held something
    """
    if every:
        copies.forget_copies(resource_id)
    over = [each.value for each in (State if every else (State.INTEGRATED, State.WITHDRAWN))]
    query = sa.select(Batch).where(Batch.resource_id == resource_id, Batch.state.in_(over))
    batches = list(model.Session.scalars(query.where(~Batch.report.has_key("erased"))))
    for batch in batches:
        erase_batch(batch)
    return len(batches)


def erase_batch(batch: Batch) -> None:
    """Erase what is kept of a batch's values; what was loaded, and the counts of the report, stay. Commits."""
    storage.forget(batch.id)
    reasons = [{**reason, "examples": []} for reason in batch.report.get("reasons", [])]
    kept = {name: part for name, part in batch.report.items() if name != "faults"}
    report = {**kept, "erased": now().date().isoformat()} | ({"reasons": reasons} if reasons else {})
    # the moment it was integrated is kept: it orders a resource's batches
    values = {"report": report, "analysis": {}, "changed": batch.changed}
    statement = sa.update(Batch).where(Batch.id == batch.id).values(values)
    model.Session.execute(statement, execution_options={"synchronize_session": False})
    model.Session.commit()


def without_file(resource_id: str, user: str) -> None:
    """Have a resource whose rows are fewer than its file's give its rows instead, as they are now.

    :param user: name of the account that changes the dataset
    """
    resource = model.Resource.get(resource_id)
    if resource is None or resource.state != "active":
        return
    moment = dt.datetime.now(dt.UTC).replace(tzinfo=None).isoformat()
    told: dict[str, Any] = {"id": resource_id, "last_modified": moment}
    if resource.url_type == "upload":
        told |= {"url_type": "datastore", "url": "_datastore_only_resource", "datastore_active": True}
        told |= {"hash": "", "size": None, "format": "CSV", "mimetype": "text/csv"}
    context: Any = {"model": model, "session": model.Session, "user": user, "ignore_auth": True, "lrtzc_batch": "-"}
    tk.get_action("resource_patch")(context, told)


def erase_file(resource_id: str) -> bool:
    """Remove a resource's file from where it is stored; say whether there was one."""
    upload = uploader.get_resource_uploader({"id": resource_id, "url_type": "upload"})
    kept: Any = getattr(upload, "storage", None)
    path = str(upload.get_path(resource_id))
    if kept is None or not hasattr(kept, "remove"):
        there = Path(path).is_file()
        Path(path).unlink(missing_ok=True)
        return there
    with suppress(fk.exc.MissingFileError):
        return bool(kept.remove(fk.FileData(fk.Location(path))))
    return False
