"""An administrator closes somebody's account: the same happens as when the person leaves."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.accounts import leaving
from ckanext.lrtzc.accounts.logic.validators import lrtzc_accounts_choices
from ckanext.lrtzc.personal.api import StoreAway

__all__ = ["user_delete"]


@tk.chained_action
def user_delete(up: Any, context: Any, data_dict: dict[str, Any]) -> None:
    """Close an account for good: settle what is the person's own, then erase who they were.

    :param choices: by identifier of an object of theirs, `keep` (without a name), `withdraw`, or the identifier of an
        organisation that takes it over; what isn't named is kept where its licence is open, and withdrawn otherwise
    """
    tk.check_access("user_delete", context, data_dict)
    name = data_dict.get("id")
    user = model.User.get(name) if isinstance(name, str) else None
    if user is None:
        raise tk.ObjectNotFound(tk._("There is no such account."))
    asker = model.User.get(context.get("user") or "")
    by = asker.id if asker is not None else None
    if leaving.is_last_administrator(user):
        raise tk.ValidationError({"message": [tk._("The portal needs an administrator: name another one first.")]})
    try:
        if user.state != "active":
            # what was never confirmed, or was closed before identities were erased with accounts
            leaving.erase_person(user.id, by)
            return
        try:
            chosen = leaving.settled(user, lrtzc_accounts_choices(data_dict.get("choices") or {}))
        except (ValueError, tk.Invalid) as error:
            said = tk._("One of these choices can't be. Look at them again.")
            raise tk.ValidationError({"choices": [said]}) from error
        with leaving.alone(user):
            leaving.leave(user, chosen, by)
    except StoreAway as error:
        model.Session.rollback()
        said = tk._("Accounts can't be changed at the moment. Try again later.")
        raise tk.ValidationError({"message": [said]}) from error
    except RuntimeError as error:
        raise tk.ValidationError({"message": [tk._("This account is being closed already.")]}) from error
