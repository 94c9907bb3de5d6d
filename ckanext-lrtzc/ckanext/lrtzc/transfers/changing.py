"""The change of hands itself."""

from typing import Any

import ckan.logic as logic
import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.transfers.model import Offer
from ckanext.lrtzc.transfers.parties import PERSON, Party, owner_of


def still_holds(offer: Offer) -> bool:
    """Say whether an offer still stands on what it stood on; the object stays as it is until the transaction ends."""
    package = model.Session.get(model.Package, offer.package_id, with_for_update=True, populate_existing=True)
    giver = model.User.get(offer.offered_by)
    if package is None or package.state == "deleted" or giver is None or giver.state != "active":
        return False
    if owner_of(package) != Party(offer.from_kind, offer.from_id):
        return False
    try:
        tk.check_access("package_update", {"user": giver.name, "ignore_auth": False}, {"id": package.id})
    except tk.NotAuthorized:
        return False
    return True


def hand_over(context: Any, offer: Offer) -> None:
    """Make the taker the owner, in the session's transaction."""
    package = model.Package.get(offer.package_id)
    to_person = offer.to_kind == PERSON
    if to_person:
        package.creator_user_id = offer.to_id
    own = logic.fresh_context(context, ignore_auth=True, defer_commit=True)
    organisation = None if to_person else offer.to_id
    tk.get_action("package_owner_org_update")(own, {"id": package.id, "organization_id": organisation})


def reindex(package_ids: list[str]) -> None:
    """Tell the search who owns the objects now."""
    for package_id in package_ids:
        logic.index_update_package({"ignore_auth": True, "user": ""}, package_id)
