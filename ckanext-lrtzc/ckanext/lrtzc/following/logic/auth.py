"""Who may follow: whoever is signed in, what they may see. Who follows what is for themselves only."""

from collections.abc import Callable
from typing import Any

import ckan.logic as logic
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.asking import AuthResult, signed_in

__all__ = ["COUNTS", "lrtzc_follow_create", "lrtzc_follow_delete", "lrtzc_follow_list"]


# The action asks whether they may see the object.
lrtzc_follow_create = signed_in
# It is their own following.
lrtzc_follow_delete = lrtzc_follow_list = signed_in


def _by(right: str) -> Callable[..., AuthResult]:
    """Make the right to a count of CKAN's from that to what is counted."""

    @tk.chained_auth_function
    @tk.auth_allow_anonymous_access
    def allowed(next_auth: Any, context: Any, data_dict: Any = None) -> AuthResult:
        answer = next_auth(context, data_dict)
        if not answer["success"]:
            return answer
        try:
            tk.check_access(right, logic.fresh_context(context), data_dict or {})
        except (tk.NotAuthorized, tk.ObjectNotFound):
            return {"success": False, "msg": tk._("Who follows what is for themselves only.")}
        return answer

    return allowed


COUNTS = {
    "dataset_follower_count": _by("package_show"),
    **{
        f"{kind}followee_count": _by(f"{kind}followee_list")
        for kind in ("", "user_", "dataset_", "group_", "organization_")
    },
}
"""What CKAN counts for everybody: followers of what is held back, and how much somebody follows."""
