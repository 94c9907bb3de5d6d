"""Batches as those who decide on them see them."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import ckan.model as model
import polars as pl
import sqlalchemy as sa

from ckanext.lrtzc.interfaces import Sender

from . import storage
from .domain.checking import Load
from .domain.problems import BatchError
from .domain.states import State
from .jobs import SEEN
from .kinds import KIND, kind_of, piece_of
from .model import Batch
from .together import RowBatches

_SHORT = (
    "id", "package_id", "resource_id", "author", "state", "name", "size", "sha256", "created", "rows_read",
    "rows_corrected", "rows_refused",
)  # fmt: skip


def asked_about(batch_ids: Collection[str], *, whole: bool = False) -> dict[str, dict[str, Any]]:
    """Give batches by their identifiers, in one statement.

    :param whole: with what is shown to those who decide (`seen`, while they do) and with the report
    :returns: of each its fields, `kind` (nothing for rows), `files` where it is of files, `rows` where it becomes rows
        by itself, `difference` counted (none where nothing was compared), `resource` (the name of what it is for),
        `dataset` (`id`, `name`, `title`, `state`)
    """
    columns = [getattr(Batch, name) for name in _SHORT]
    parts = [Batch.analysis[SEEN].label("seen"), Batch.report] if whole else []
    query = (
        sa.select(
            *columns,
            *parts,
            Batch.settings[KIND].astext.label("kind"),
            Batch.analysis[SEEN]["difference"].label("difference"),
            Batch.analysis["files"].label("files"),
            Batch.analysis["rows"].label("rows"),
            model.Package.name.label("package_name"),
            model.Package.title.label("package_title"),
            model.Package.state.label("package_state"),
            model.Resource.name.label("resource"),
        )
        .join(model.Package, model.Package.id == Batch.package_id)
        .outerjoin(model.Resource, model.Resource.id == Batch.resource_id)
        .where(Batch.id.in_(batch_ids))
    )
    return {row["id"]: _told(dict(row)) for row in model.Session.execute(query).mappings()}


def _told(row: dict[str, Any]) -> dict[str, Any]:
    name = row.pop("package_name")
    title, state = row.pop("package_title") or name, row.pop("package_state")
    return {**row, "dataset": {"id": row["package_id"], "name": name, "title": title, "state": state}}


def sender_of(batch_id: str) -> Sender | None:
    """Say where the author of a batch is reached who has no account, or follows it on a page of their own."""
    batch = Batch.get(batch_id)
    try:
        kind = kind_of(batch) if batch is not None else None
    except KeyError:
        return None
    return kind.sender(piece_of(batch)) if batch is not None and kind is not None else None


def last_states(package_id: str) -> dict[str, str]:
    """Give where the last batch of each file of a dataset stands, by resource; those taken back are left out."""
    out = [State.WITHDRAWN.value, State.REJECTED.value]
    query = (
        sa.select(Batch.resource_id, Batch.state)
        .distinct(Batch.resource_id)
        .where(Batch.package_id == package_id, Batch.state.not_in(out))
        .order_by(Batch.resource_id, Batch.created.desc(), Batch.id)
    )
    return dict(model.Session.execute(query).tuples().all())


def waiting_of(package_id: str) -> list[tuple[str, str]]:
    """Give (batch, resource) of the batches of a dataset that wait for those who decide."""
    query = sa.select(Batch.id, Batch.resource_id).where(
        Batch.package_id == package_id, Batch.state == State.WAITING.value
    )
    return list(model.Session.execute(query.order_by(Batch.created, Batch.id)).tuples())


@contextmanager
def raw_form(batch_id: str) -> Generator[tuple[Path, str]]:
    """Give a batch as it was sent: a file of this machine, and its name.

    :raises BatchError: where it is no longer kept
    """
    batch = Batch.get(batch_id)
    if batch is None:
        raise BatchError("file_gone")
    with storage.local_file(batch) as path:
        yield path, batch.name


def load_of_small(batch_id: str) -> Load | None:
    """Say what a load of a small batch would be; None where it isn't one of rows, or its table is gone."""
    batch, kind = _small(batch_id)
    with suppress(BatchError):
        return kind.load(piece_of(batch)) if kind is not None else None
    return None


def rows_of_small(batch_id: str) -> Iterator[pl.DataFrame]:
    """Give the rows that a small batch would bring. Raises BatchError."""
    batch, kind = _small(batch_id)
    if kind is not None:
        with storage.local_file(batch) as path:
            yield from kind.frames(piece_of(batch), path)


def _small(batch_id: str) -> tuple[Any, RowBatches | None]:
    batch = Batch.get(batch_id)
    try:
        kind = kind_of(batch) if batch is not None else None
    except KeyError:
        kind = None
    return batch, kind if isinstance(kind, RowBatches) else None


def packages_of_batches() -> Any:
    """Select in SQL which dataset each batch is for: `subject_id`, `package_id`."""
    return sa.select(Batch.id.label("subject_id"), Batch.package_id.label("package_id"))
