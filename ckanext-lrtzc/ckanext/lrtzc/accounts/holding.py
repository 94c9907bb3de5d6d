"""What an account itself says of a person: CKAN's columns, under the same rights as our own."""

from collections.abc import Mapping
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.accounts.domain import names
from ckanext.lrtzc.interfaces import PersonalHolding
from ckanext.lrtzc.people import RESTRICTED

# What a person may have put right; the rest is changed by its own page.
_TEXTS = ("fullname", "about")
GONE = "lrtzc:account_gone"
"""The signal that an account was closed or restricted, after the commit; its identifier is the sender."""
_SHOWN = ("name", "fullname", "email", "about", "image_url")


class AccountHolding(PersonalHolding):
    """Accounts: names, e-mail address, presentation, photo, password."""

    columns = {"user": (*_SHOWN, "password", "apikey", "reset_key", "plugin_extras")}

    def find(self, account_id: str) -> int:
        """Count: one or none; an account that was erased holds nothing of anybody."""
        return int(_of(account_id) is not None)

    def export(self, account_id: str) -> dict[str, Any]:
        """Give what the account says."""
        user = _of(account_id)
        if user is None:
            return {}
        return {name: getattr(user, name) for name in _SHOWN} | {"created": user.created and user.created.isoformat()}

    def rectify(self, account_id: str, changes: Mapping[str, str]) -> None:
        """Change the user name or the presentation."""
        user = _of(account_id)
        if user is None or not set(changes) <= set(_TEXTS):
            raise ValueError(f"only these can be put right here: {', '.join(_TEXTS)}")
        cleaned = {name: names.clean(value) if name == "fullname" else value for name, value in changes.items()}
        if not cleaned.get("fullname", "x"):
            raise ValueError("a user name can't be empty")
        for name, value in cleaned.items():
            setattr(user, name, value)
        model.Session.commit()

    def erase(self, account_id: str) -> int:
        """Leave a closed account without a name: what it published stays whole."""
        user = _of(account_id)
        if user is None:
            return 0
        erase(user)
        model.Session.commit()
        return 1

    def restrict(self, account_id: str, restricted: bool) -> bool:
        """Mark the account."""
        user = model.Session.get(model.User, account_id, with_for_update=True, populate_existing=True)
        if user is None or not user.email:
            model.Session.rollback()
            return False
        user.plugin_extras = {**(user.plugin_extras or {}), RESTRICTED: restricted}
        model.Session.commit()
        if restricted:
            tk.signals.ckanext.signal(GONE).send(account_id)
        return True


def erase(user: model.User) -> None:
    """Take all that says who it is from an account and close it, in the session's transaction."""
    user.name = f"parti-{user.id[:8]}{user.id[-4:]}"
    user.fullname = user.about = user.image_url = ""
    user.email = user.reset_key = user.apikey = user.plugin_extras = None
    # Nothing hashes to this.
    user._password = "!"  # noqa: S105
    user.activity_streams_email_notifications = user.sysadmin = False
    user.state = model.State.DELETED


def _of(account_id: str) -> model.User | None:
    user = model.Session.get(model.User, account_id) if "\x00" not in account_id else None
    return user if user is not None and user.email else None
