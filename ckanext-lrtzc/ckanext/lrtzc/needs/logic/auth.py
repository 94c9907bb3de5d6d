"""Who may say, support, discuss and answer needs: whoever is signed in asks; the action checks each need."""

from typing import Any

import ckan.authz as authz
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.asking import AuthResult, everybody, signed_in

__all__ = [
    "lrtzc_need_answer",
    "lrtzc_need_comment",
    "lrtzc_need_comment_delete",
    "lrtzc_need_comment_report",
    "lrtzc_need_create",
    "lrtzc_need_list",
    "lrtzc_need_mine",
    "lrtzc_need_show",
    "lrtzc_need_support",
    "lrtzc_need_update",
    "lrtzc_need_withdraw",
]

lrtzc_need_create = lrtzc_need_support = lrtzc_need_comment = lrtzc_need_comment_report = signed_in
# The list is their own.
lrtzc_need_mine = signed_in
# The action answers the author of the need or of the comment; administrators take any need away.
lrtzc_need_update = lrtzc_need_withdraw = lrtzc_need_comment_delete = signed_in
# They answer what is shown, and to author and moderators what waits.
lrtzc_need_show = lrtzc_need_list = everybody


def lrtzc_need_answer(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Allow who may publish for the organisation that answers."""
    organization = tk.get_or_bust(data_dict, "organization")
    if signed_in(context)["success"] and authz.has_user_permission_for_group_or_org(
        organization, context.get("user"), "create_dataset"
    ):
        return {"success": True}
    return {"success": False, "msg": tk._("Only those who publish for an organisation answer in its name.")}
