"""What people did by sending data into datasets of others: what was accepted, and is there now."""

from __future__ import annotations

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.interfaces import Deed

from .domain.states import State
from .kinds import KIND
from .model import Batch


def contributions(accounts: Any) -> Any:
    """Select what was sent by some accounts and integrated.

    What says one thing anew (an answer corrected, the same file once more) is one contribution. Left out: what went
    into a dataset of one's own making, and what a source fetched by itself.
    """
    package = model.Package
    said = Batch.settings["given"]["key"].astext
    content = sa.func.concat(Batch.resource_id, " ", sa.func.coalesce(sa.func.nullif(Batch.sha256, ""), Batch.id))
    subject = sa.func.coalesce(said, content)
    return (
        sa.select(
            Batch.author.label("account_id"),
            subject.label("subject_id"),
            sa.func.min(Batch.package_id).label("package_id"),
            sa.func.min(Batch.changed).label("moment"),
        )
        .join(package, package.id == Batch.package_id)
        .where(
            Batch.author.in_(accounts),
            Batch.state == State.INTEGRATED.value,
            Batch.origin != "datastore",
            sa.or_(Batch.unattended.is_(False), Batch.settings.has_key(KIND)),
            sa.func.coalesce(Batch.rows_accepted, 1) > 0,
            package.state == "active",
            package.creator_user_id.is_distinct_from(Batch.author),
        )
        .group_by(Batch.author, subject)
    )


DEEDS = {"contribution": Deed(lambda: tk._("A contribution accepted in a dataset"), 2, 20, contributions)}
