"""What templates ask of following."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa


def lrtzc_is_following(pkg: dict[str, Any]) -> bool:
    """Say whether the person who reads follows an object."""
    if tk.current_user.is_anonymous:
        return False
    following = model.UserFollowingDataset
    found = sa.exists().where(following.follower_id == tk.current_user.id, following.object_id == pkg["id"])
    return bool(model.Session.scalar(sa.select(found)))


def lrtzc_has_feed(pkg: dict[str, Any]) -> bool:
    """Say whether an object has a feed: whether everybody sees it."""
    return pkg.get("state") == "active" and not pkg.get("private")
