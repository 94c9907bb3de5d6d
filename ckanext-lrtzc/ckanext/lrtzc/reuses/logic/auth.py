"""Who may propose and change reuses: whoever is signed in proposes, its author changes it; all read what is shown."""

from ckanext.lrtzc.asking import everybody, signed_in

__all__ = [
    "lrtzc_reuse_create",
    "lrtzc_reuse_list",
    "lrtzc_reuse_mine",
    "lrtzc_reuse_show",
    "lrtzc_reuse_update",
    "lrtzc_reuse_withdraw",
]

lrtzc_reuse_create = signed_in
# The list is their own.
lrtzc_reuse_mine = signed_in
# The action answers the author; administrators take any away.
lrtzc_reuse_update = lrtzc_reuse_withdraw = signed_in
# They answer what is shown, and to author and moderators what waits.
lrtzc_reuse_show = lrtzc_reuse_list = everybody
