"""Who may do what with points: one's own, whoever is signed in; boards and rules are everybody's to read."""

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.asking import AuthResult, everybody, signed_in

__all__ = [
    "lrtzc_reward_board",
    "lrtzc_reward_candidate",
    "lrtzc_reward_challenge_create",
    "lrtzc_reward_challenge_delete",
    "lrtzc_reward_challenge_list",
    "lrtzc_reward_gain_list",
    "lrtzc_reward_join",
    "lrtzc_reward_leave",
    "lrtzc_reward_refused_allow",
    "lrtzc_reward_refused_list",
    "lrtzc_reward_rules_show",
    "lrtzc_reward_rules_update",
    "lrtzc_reward_show",
    "lrtzc_reward_take_down",
]

# They are about whoever asks, and nobody else.
lrtzc_reward_candidate = lrtzc_reward_show = lrtzc_reward_gain_list = lrtzc_reward_join = lrtzc_reward_leave = signed_in
# They name nobody but by the pseudonyms of those who want to be listed.
lrtzc_reward_board = lrtzc_reward_rules_show = everybody
# They tell of public datasets only, by counts that anybody could make.
lrtzc_reward_challenge_list = everybody


def lrtzc_reward_rules_update(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Leave it to administrators."""
    return {"success": False, "msg": tk._("Only administrators say what gives points.")}


def lrtzc_reward_challenge_create(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Leave it to administrators."""
    return {"success": False, "msg": tk._("Only administrators begin and end challenges.")}


lrtzc_reward_challenge_delete = lrtzc_reward_challenge_create


def lrtzc_reward_take_down(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Leave it to administrators."""
    return {"success": False, "msg": tk._("Only administrators take pseudonyms down.")}


lrtzc_reward_refused_allow = lrtzc_reward_refused_list = lrtzc_reward_take_down
