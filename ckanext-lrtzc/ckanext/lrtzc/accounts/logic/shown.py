"""Accounts whose data are stored without being used (GDPR, article 18): CKAN's own actions name them to nobody."""

from collections.abc import Callable, Collection
from typing import Any

import ckan.model as model
import ckan.plugins as p
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.types import Query

from ckanext.lrtzc.people import is_marked, is_restricted, restricted_name

Chained = Callable[..., Any]
_HIDDEN = ("about", "fullname", "image_url", "image_display_url", "email_hash")


def _restricted(names_or_ids: Collection[str]) -> set[str]:
    """Give the identifiers and names of those of these accounts that are restricted, in one statement."""
    if not names_or_ids:
        return set()
    user = model.User
    asked = sa.or_(user.id.in_(names_or_ids), user.name.in_(names_or_ids))
    found = model.Session.execute(sa.select(user.id, user.name).where(asked, is_marked()))
    return {text for row in found for text in row}


def _sees_all(context: Any, account_id: str = "") -> bool:
    if context.get("ignore_auth"):
        return True
    asker = model.User.get(context.get("user") or "")
    return asker is not None and (bool(asker.sysadmin) or asker.id == account_id)


def _hidden(account: dict[str, Any]) -> dict[str, Any]:
    """Give an account as others see one that is restricted: by its identifier, which pages of objects say too."""
    kept = {**account, **{name: "" for name in _HIDDEN if name in account}}
    return {**kept, "name": account["id"], "display_name": restricted_name()}


@tk.chained_action
@tk.side_effect_free
def user_show(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """Show an account; of one that is restricted, others see that it isn't shown, and find it by no name."""
    found = up(context, data_dict)
    # read by the action already: the session gives it without a statement
    user = model.Session.get(model.User, found["id"])
    if user is None or not is_restricted(user.plugin_extras) or _sees_all(context, found["id"]):
        return found
    if data_dict.get("id") not in (None, user.id):
        raise tk.ObjectNotFound(tk._("There is no such account."))
    return _hidden(found)


@tk.chained_action
@tk.side_effect_free
def user_list(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """List accounts; those that are restricted are listed for administrators only."""
    return _without_restricted(context, up(context, data_dict))


@tk.chained_action
@tk.side_effect_free
def user_autocomplete(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """Find accounts by the beginning of their names; those that are restricted aren't found."""
    return _without_restricted(context, up(context, data_dict))


def _without_restricted(context: Any, found: Any) -> Any:
    if _sees_all(context):
        return found
    if isinstance(found, Query):
        # what CKAN's page of accounts cuts into pages itself
        return found.filter(~is_marked())
    listed = [(each["id"] if isinstance(each, dict) else each, each) for each in found]
    hidden = _restricted([name for name, _each in listed])
    return [each for name, each in listed if name not in hidden]


def _members_hidden(name: str) -> Chained:
    @tk.chained_action
    @tk.side_effect_free
    def action(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
        found = up(context, data_dict)
        if found.get("users") and not _sees_all(context):
            hidden = _restricted([each["id"] for each in found["users"]])
            found["users"] = [_hidden(each) if each["id"] in hidden else each for each in found["users"]]
        return found

    action.__name__, action.__doc__ = name, "Show it; members whose accounts are restricted aren't named."
    return action


def _actors_hidden(name: str) -> Chained:
    @tk.chained_action
    @tk.side_effect_free
    def action(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
        if name == "user_activity_list":
            # as `user_show` finds it, or doesn't
            tk.get_action("user_show")(tk.fresh_context(context), {"id": data_dict.get("id")})
        found = up(context, data_dict)
        if not _sees_all(context):
            listed = found if isinstance(found, list) else [found]
            hidden = _restricted({each["user_id"] for each in listed})
            for each in listed:
                if each["user_id"] in hidden and (each.get("data") or {}).get("actor"):
                    each["data"] = {**each["data"], "actor": restricted_name()}
        return found

    action.__name__, action.__doc__ = name, "Give the history; who did something isn't named where it is restricted."
    return action


def actions() -> dict[str, Chained]:
    """Give what stands around CKAN's own actions, by name."""
    made = {each.__name__: each for each in (user_show, user_list, user_autocomplete)}
    made |= {name: _members_hidden(name) for name in ("group_show", "organization_show")}
    lists = ("user", "package", "group", "organization", "recently_changed_packages", "dashboard")
    names = (*(f"{each}_activity_list" for each in lists), "activity_show") if p.plugin_loaded("activity") else ()
    return made | {name: _actors_hidden(name) for name in names}
