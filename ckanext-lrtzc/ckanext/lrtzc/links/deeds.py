"""What people did by sharing what objects of others stand on: each object counts once for each person it builds on."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import aliased

from ckanext.lrtzc.interfaces import Deed
from ckanext.lrtzc.links.model import Link


def built_on(accounts: Any) -> Any:
    """Select the public objects of others that stand on those of some accounts, by links these didn't make."""
    source, target = aliased(model.Package), aliased(model.Package)
    seen = [condition for each in (source, target) for condition in (each.state == "active", each.private.is_(False))]
    return (
        sa.select(
            target.creator_user_id.label("account_id"),
            source.id.label("subject_id"),
            sa.func.min(target.id).label("package_id"),
            sa.func.min(Link.created).label("moment"),
        )
        .select_from(Link)
        .join(source, source.id == Link.source_id)
        .join(target, target.id == Link.target_id)
        .where(
            target.creator_user_id.in_(accounts),
            target.creator_user_id.is_distinct_from(source.creator_user_id),
            target.creator_user_id != Link.created_by,
            *seen,
        )
        .group_by(target.creator_user_id, source.id)
    )


DEEDS = {"built_on": Deed(lambda: tk._("Somebody builds on what you share"), 10, 50, built_on)}
