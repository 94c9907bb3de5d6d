"""What templates ask of accounts."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from ckan.lib.helpers import linked_user as core_linked_user

from ckanext.lrtzc.accounts import blocks
from ckanext.lrtzc.accounts.blocks import Role
from ckanext.lrtzc.accounts.security import me
from ckanext.lrtzc.people import is_restricted, public_name

LATEST = 3


def lrtzc_accounts_home() -> dict[str, Any]:
    """Give the top of the home page of whoever is signed in: `role`, `waiting`, `objects`, `next` (text, address)."""
    user = me()
    role = blocks.role_of(user)
    latest = blocks.own(user, model.Package.state == "active", limit=LATEST)
    return {"role": role, "waiting": blocks.waiting(user), "objects": latest, "next": _next(role)}


def linked_user(user: Any, maxlength: int = 0, avatar: int = 20) -> Any:
    """Name an account with a link to its page, as CKAN does; whoever isn't shown is named by neutral words.

    :param user: a row of CKAN's table, or its name or identifier
    :param maxlength: signs of the name to show, 0 for all
    :param avatar: kept for templates that give it
    """
    found = user if isinstance(user, model.User) else model.User.get(str(user))
    reader = tk.current_user
    hidden = found is not None and (found.state == "deleted" or is_restricted(found.plugin_extras))
    if hidden and not (reader.is_authenticated and (reader.sysadmin or reader.id == found.id)):
        return public_name(found)
    return core_linked_user(found or user, maxlength, avatar)


def _next(role: Role) -> list[tuple[str, str]]:
    use = (tk._("Publish a use case"), tk.h.url_for("use-case.new"))
    match role:
        case Role.ADMINISTRATOR:
            return [(tk._("Administer the portal"), tk.h.url_for("lrtzc_accounts.administration"))]
        case Role.PRODUCER:
            return [(tk._("Publish a dataset"), tk.h.url_for("dataset.new")), use]
        case Role.CREATOR:
            return [use, (tk._("Publish an algorithm"), tk.h.url_for("algorithm.new"))]
        case Role.CONTRIBUTOR:
            return [(tk._("Look for data"), tk.h.url_for("dataset.search")), use]
