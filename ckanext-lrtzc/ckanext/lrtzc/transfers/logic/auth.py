"""Who may offer, answer and withdraw: whoever is signed in asks; each object and offer is then checked by itself."""

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.asking import AuthResult, signed_in

__all__ = [
    "lrtzc_transfer_accept",
    "lrtzc_transfer_hand_over",
    "lrtzc_transfer_list",
    "lrtzc_transfer_offer",
    "lrtzc_transfer_orphan_list",
    "lrtzc_transfer_refuse",
    "lrtzc_transfer_reopen",
    "lrtzc_transfer_withdraw",
]

# The action asks the right to change each object.
lrtzc_transfer_offer = signed_in
# The action answers those to whom each offer is made.
lrtzc_transfer_accept = lrtzc_transfer_refuse = signed_in
# The action answers those who own what is offered, and opens again what they closed themselves.
lrtzc_transfer_withdraw = lrtzc_transfer_reopen = signed_in
# The list is their own.
lrtzc_transfer_list = signed_in


def lrtzc_transfer_hand_over(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Leave it to administrators."""
    return {"success": False, "msg": tk._("Only administrators hand over what nobody owns any more.")}


def lrtzc_transfer_orphan_list(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Leave it to administrators."""
    return {"success": False, "msg": tk._("Only administrators hand over what nobody owns any more.")}
