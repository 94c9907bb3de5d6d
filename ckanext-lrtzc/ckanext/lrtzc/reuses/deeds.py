"""What people did by sharing what others reuse: each reuse that is shown counts once for each whose objects it uses."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.interfaces import Deed
from ckanext.lrtzc.reuses.model import Reuse, Use


def reused(accounts: Any) -> Any:
    """Select the reuses, by others, of what some accounts share."""
    package = model.Package
    return (
        sa.select(
            package.creator_user_id.label("account_id"),
            Reuse.id.label("subject_id"),
            sa.func.min(package.id).label("package_id"),
            Reuse.published.label("moment"),
        )
        .join(Use, Use.reuse_id == Reuse.id)
        .join(package, package.id == Use.package_id)
        .where(
            package.creator_user_id.in_(accounts),
            package.creator_user_id.is_distinct_from(Reuse.author_id),
            package.state == "active",
            package.private.is_(False),
            Reuse.shown(),
        )
        .group_by(package.creator_user_id, Reuse.id, Reuse.published)
    )


DEEDS = {"reused": Deed(lambda: tk._("Somebody shows a reuse of what you share"), 10, 50, reused)}
