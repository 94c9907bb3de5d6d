"""The programs that a person has told, under the same rights as all that the platform holds of them."""

from collections.abc import Mapping
from typing import Any

import ckan.model as model
import sqlalchemy as sa

from ckanext.lrtzc.diffusion.model import Subscription
from ckanext.lrtzc.interfaces import PersonalHolding


class DiffusionHolding(PersonalHolding):
    """The subscriptions of a person; where their account is restricted, nothing is sent."""

    columns = {"lrtzc_diffusion_subscription": ("account_id", "package_id", "address", "title", "options", "created")}

    def find(self, account_id: str) -> int:
        """Count the subscriptions."""
        if "\x00" in account_id:
            return 0
        query = sa.select(sa.func.count()).select_from(Subscription).where(Subscription.account_id == account_id)
        return model.Session.scalar(query) or 0

    def export(self, account_id: str) -> dict[str, Any]:
        """Give the subscriptions, but for their secrets."""
        if not self.find(account_id):
            return {}
        query = sa.select(Subscription).where(Subscription.account_id == account_id)
        rows = model.Session.scalars(query.order_by(Subscription.created, Subscription.id))
        keys = ("package_id", "address", "title", "options", "state")
        told = [{key: getattr(row, key) for key in keys} | {"created": row.created.isoformat()} for row in rows]
        return {"subscriptions": told}

    def rectify(self, account_id: str, changes: Mapping[str, str]) -> None:
        """Refuse: a subscription is made anew on its page."""
        raise ValueError("subscriptions are changed on their page")

    def erase(self, account_id: str) -> int:
        """Delete the subscriptions, with their messages."""
        found = self.find(account_id)
        if found:
            statement = sa.delete(Subscription).where(Subscription.account_id == account_id)
            model.Session.execute(statement, execution_options={"synchronize_session": False})
            model.Session.commit()
        return found

    def restrict(self, account_id: str, restricted: bool) -> bool:
        """Say whether there is something; the mark is the account's."""
        return bool(self.find(account_id))
