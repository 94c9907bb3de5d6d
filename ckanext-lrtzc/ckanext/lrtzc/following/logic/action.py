"""Actions of following, on CKAN's own table of followers."""

from typing import Any

import ckan.logic as logic
import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.asking import asker, validated
from ckanext.lrtzc.following.logic import schema
from ckanext.lrtzc.objects.api import TYPES, visible_in_sql

__all__ = ["lrtzc_follow_create", "lrtzc_follow_delete", "lrtzc_follow_list"]


def _object(context: Any, name_or_id: str) -> Any:
    """Give an object that whoever asks may see; what they may not see isn't there."""
    package = model.Package.get(name_or_id)
    try:
        if package is None or package.type not in TYPES or package.state == "deleted":
            raise tk.NotAuthorized
        tk.check_access("package_show", logic.fresh_context(context), {"id": package.id})
    except tk.NotAuthorized:
        raise tk.ObjectNotFound(tk._("There is no such object, or you may not see it.")) from None
    return package


def lrtzc_follow_create(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Follow an object: one is told by e-mail what becomes of it, as often as one's profile says.

    :param id: identifier or name of an object that one may see
    :returns: `id` of the object, `following`: true, also where one follows it already
    """
    data = validated(data_dict, schema.of_object(), context)
    tk.check_access("lrtzc_follow_create", context, data)
    package = _object(context, data["id"])
    tk.get_action("follow_dataset")(logic.fresh_context(context), {"id": package.id})
    return {"id": package.id, "following": True}


def lrtzc_follow_delete(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Follow an object no more.

    :param id: identifier or name of the object; one that one may no longer see too
    :returns: `id`, `following`: false, also where one didn't follow it
    """
    data = validated(data_dict, schema.of_object(), context)
    tk.check_access("lrtzc_follow_delete", context, data)
    package = model.Package.get(data["id"])
    following = model.UserFollowingDataset
    if package is not None:
        model.Session.execute(
            sa.delete(following).where(following.follower_id == asker(context).id, following.object_id == package.id)
        )
        model.Session.commit()
    return {"id": data["id"], "following": False}


@tk.side_effect_free
def lrtzc_follow_list(context: Any, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """List what one follows and may see now, what was followed last first.

    :returns: each with `id`, `name`, `title`, `type`, `since` (ISO 8601, UTC), `public`, and `feed`: the address of
        its feed, empty where it is not public
    """
    tk.check_access("lrtzc_follow_list", context, data_dict)
    following, package = model.UserFollowingDataset, model.Package
    found = model.Session.execute(
        sa.select(package.id, package.name, package.title, package.type, package.private, package.state)
        .add_columns(following.datetime.label("since"))
        .join(following, following.object_id == package.id)
        .where(following.follower_id == asker(context).id, package.type.in_(TYPES))
        .where(visible_in_sql(context, package))
        .order_by(following.datetime.desc(), package.id)
    )
    return [
        {
            "id": row.id,
            "name": row.name,
            "title": row.title or row.name,
            "type": row.type,
            "since": row.since.isoformat() + "+00:00",
            "public": (public := row.state == "active" and not row.private),
            "feed": tk.h.url_for("lrtzc_following.feed", id=row.name, qualified=True) if public else "",
        }
        for row in found
    ]
