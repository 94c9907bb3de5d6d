"""Personal data of the room: the e-mail addresses of people invited to answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckan.model as model
import sqlalchemy as sa

from ckanext.lrtzc.forms.model import Form, Invitation
from ckanext.lrtzc.interfaces import PersonalHolding


class InvitationHolding(PersonalHolding):
    """Invitations to an account's e-mail address."""

    columns = {"lrtzc_forms_invitation": ("email",)}

    def _of(self, account_id: str) -> list[Invitation]:
        user = None if "\0" in account_id else model.User.get(account_id)
        if user is None or not user.email:
            return []
        query = sa.select(Invitation).where(Invitation.email == str(user.email).lower()).order_by(Invitation.id)
        return list(model.Session.scalars(query))

    def find(self, account_id: str) -> int:
        """Count the invitations."""
        return len(self._of(account_id))

    def export(self, account_id: str) -> dict[str, Any]:
        """Give the address, and the forms it was invited to."""
        found = self._of(account_id)
        if not found:
            return {}
        titles = dict(model.Session.execute(sa.select(Form.id, Form.title)).tuples().all())
        return {"email": found[0].email, "forms": [titles.get(one.form_id, one.form_id) for one in found]}

    def rectify(self, account_id: str, changes: Mapping[str, str]) -> None:
        """Refuse: who invited writes the address, and takes it back."""
        raise ValueError("an invitation is taken back and made anew by who invited")

    def erase(self, account_id: str) -> int:
        """Take the invitations away; what was answered by them stays, and says no name."""
        found = self._of(account_id)
        for one in found:
            model.Session.delete(one)
        model.Session.flush()
        return len(found)

    def restrict(self, account_id: str, restricted: bool) -> bool:
        """Say whether there is something to mark: an invitation is used once, when it is sent."""
        return bool(self._of(account_id))
