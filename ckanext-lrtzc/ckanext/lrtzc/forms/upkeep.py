"""What the scheduler has done to forms: files that no answer names go, and all those of datasets that were purged."""

from __future__ import annotations

from typing import Any

import ckan.model as model
import sqlalchemy as sa

from ckanext.lrtzc.forms import attachments, filing
from ckanext.lrtzc.forms.model import File, Form, Media

_AT_ONCE = 20


def tick(_sender: str, **_: Any) -> None:
    """Do it once. Called by the scheduler's signal `lrtzc:tick`."""
    attachments.erase_left()
    erase_purged()


def erase_purged() -> int:
    """Erase the files of forms whose dataset is no longer there; give of how many forms."""
    held = sa.union(sa.select(File.form_id), sa.select(Media.form_id)).subquery()
    query = (
        sa.select(held.c.form_id)
        .outerjoin(Form, Form.id == held.c.form_id)
        .outerjoin(model.Package, model.Package.id == Form.package_id)
        .where(model.Package.id.is_(None))
        .limit(_AT_ONCE)
    )
    gone = list(model.Session.scalars(query))
    for form_id in gone:
        filing.remove_all(form_id)
        for table in (File, Media):
            model.Session.execute(sa.delete(table).where(table.form_id == form_id))
        model.Session.commit()
    return len(gone)
