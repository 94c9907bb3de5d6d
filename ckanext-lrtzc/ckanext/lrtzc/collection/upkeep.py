"""What the scheduler has done to collections: those of datasets that were purged go, files and all."""

from __future__ import annotations

from typing import Any

import ckan.model as model
import sqlalchemy as sa

from ckanext.lrtzc.collection import store
from ckanext.lrtzc.collection.model import Collection

_AT_ONCE = 20


def tick(_sender: str, **_: Any) -> None:
    """Do it once. Called by the scheduler's signal `lrtzc:tick`."""
    erase_purged()


def erase_purged() -> int:
    """Erase the collections whose dataset is no longer there; give how many."""
    query = (
        sa.select(Collection.resource_id)
        .outerjoin(model.Package, model.Package.id == Collection.package_id)
        .where(model.Package.id.is_(None))
        .limit(_AT_ONCE)
    )
    gone = list(model.Session.scalars(query))
    for resource_id in gone:
        store.remove_all(resource_id)
        model.Session.execute(sa.delete(Collection).where(Collection.resource_id == resource_id))
        model.Session.commit()
    return len(gone)
