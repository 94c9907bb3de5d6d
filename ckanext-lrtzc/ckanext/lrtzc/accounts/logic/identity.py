"""Putting right who one is (GDPR, article 16): one's own identity only, with one's password."""

from dataclasses import asdict
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.accounts import signing
from ckanext.lrtzc.accounts.logic import schema
from ckanext.lrtzc.ledger.api import record
from ckanext.lrtzc.personal.api import Identity, StoreAway, identities

__all__ = ["lrtzc_account_identity_update"]


@tk.validate_action_data(schema.lrtzc_account_identity_update)
def lrtzc_account_identity_update(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Put right who one is: it stays encrypted, apart from the account. The trace says which fields, not their values.

    :param title: `Mme`, `M.`, `Mx`, or nothing
    :param first_name: first name, at most 100 characters
    :param last_name: last name, at most 100 characters
    :param birth_date: day of birth, YYYY-MM-DD
    :param password: one's password
    :returns: `changed`: the names of the fields that are different now
    """
    tk.check_access("lrtzc_account_identity_update", context, data_dict)
    user = model.User.get(context.get("user") or "")
    if user is None or user.state != "active":
        raise tk.NotAuthorized(tk._("Sign in first."))
    if not signing.is_password_of(user, data_dict["password"]):
        raise tk.ValidationError({"password": [tk._("This isn't your password.")]})
    given = Identity(**{name: data_dict[name] for name in ("title", "first_name", "last_name", "birth_date")})
    try:
        before = identities.of(user.id)
        known = asdict(before) if before is not None else {}
        changed = [name for name, value in asdict(given).items() if known.get(name) != value]
        if changed:
            details = {"holding": "identity", "changed": changed}
            record("right.rectify", actor=user.id, object_type="person", object_id=user.id, details=details)
            identities.keep(user.id, given, by=user.id)
            model.Session.commit()
    except StoreAway as error:
        model.Session.rollback()
        said = tk._("Accounts can't be changed at the moment. Try again later.")
        raise tk.ValidationError({"message": [said]}) from error
    return {"changed": changed}
