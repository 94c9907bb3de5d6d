"""Rules of files that are no longer there."""

from __future__ import annotations

import ckan.model as model
import sqlalchemy as sa

from ckanext.lrtzc.ledger.api import record_many
from ckanext.lrtzc.quality.model import Kept, Threshold


def forget() -> None:
    """Delete the rules and shares of files that were deleted or erased; commits.

    Those of a dataset that is deleted stay until it is erased: its deletion can be undone, that of a file can't.
    """
    resource = model.Resource
    here = sa.select(resource.id).where(resource.state != "deleted")
    gone: set[str] = set()
    for kept in (Kept, Threshold):
        statement = sa.delete(kept).where(kept.resource_id.not_in(here)).returning(kept.resource_id)
        gone |= set(model.Session.scalars(statement, execution_options={"synchronize_session": False}))
    if gone:
        record_many("quality.forget", [("resource", each) for each in sorted(gone)])
    model.Session.commit()
