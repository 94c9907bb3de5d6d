"""Who may judge: whoever is signed in asks, and is given what is theirs to judge; administrators say who moderates."""

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.asking import AuthResult, signed_in

__all__ = [
    "lrtzc_moderation_board_list",
    "lrtzc_moderation_board_update",
    "lrtzc_moderation_list",
    "lrtzc_moderation_show",
    "lrtzc_moderation_vote",
]

# They answer with what is theirs to judge.
lrtzc_moderation_list = lrtzc_moderation_show = lrtzc_moderation_vote = signed_in


def lrtzc_moderation_board_list(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Leave it to administrators."""
    return {"success": False, "msg": tk._("Only administrators see who moderates.")}


def lrtzc_moderation_board_update(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Leave it to administrators."""
    return {"success": False, "msg": tk._("Only administrators say who moderates.")}
