"""Places in organisations and groups: who loses one by a page may be given it back at once."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.accounts.undoing import role
from ckanext.lrtzc.undo.api import offer

__all__ = ["group_member_delete", "organization_member_delete"]


def _take_away(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    group = model.Group.get(data_dict.get("id"))
    given = data_dict.get("username")
    user = model.User.get(data_dict.get("user_id") if given is None else given)
    held = role(group.id, user.id) if group and user else ""
    answer = up(context, data_dict)
    if held:
        kind = "organization" if group.is_organization else "group"
        offer("member.delete", (kind, group.id), group=group.id, person=user.id, role=held)
    return answer


@tk.chained_action
def organization_member_delete(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """Take somebody out of an organisation; the page then offers to undo it."""
    return _take_away(up, context, data_dict)


@tk.chained_action
def group_member_delete(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """Take somebody out of a group; the page then offers to undo it."""
    return _take_away(up, context, data_dict)
