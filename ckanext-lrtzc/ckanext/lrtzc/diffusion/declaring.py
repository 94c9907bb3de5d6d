"""What all kinds of subscriptions ask before they are kept: what one may see, what is one's own, how many there are."""

from typing import Any

import ckan.logic as logic
import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.asking import asker
from ckanext.lrtzc.diffusion.model import Subscription
from ckanext.lrtzc.ledger.api import record
from ckanext.lrtzc.objects.api import TYPES


def seen(context: Any, name_or_id: str) -> Any:
    """Give a dataset that whoever asks may see.

    :raises ObjectNotFound: there is none
    """
    package = model.Package.get(name_or_id)
    try:
        if package is None or package.type not in TYPES or package.state != "active":
            raise tk.NotAuthorized
        tk.check_access("package_show", logic.fresh_context(context), {"id": package.id})
    except tk.NotAuthorized:
        raise tk.ObjectNotFound(tk._("There is no such object, or you may not see it.")) from None
    return package


def own(context: Any, subscription_id: str, *, administrators: bool = False) -> Subscription:
    """Give a subscription of whoever asks, locked; others don't learn that it is there.

    :raises ObjectNotFound: they have no such one
    """
    user = asker(context)
    subscription = Subscription.get(subscription_id, lock=True)
    if subscription is None or not (subscription.account_id == user.id or (administrators and user.sysadmin)):
        model.Session.rollback()
        raise tk.ObjectNotFound(tk._("You have no such subscription."))
    return subscription


def check_room(account_id: str) -> None:
    """Refuse more subscriptions than an account may have; of two at the same instant, the second counts the first.

    :raises ValidationError: it has them already
    """
    model.Session.execute(sa.select(model.User.id).where(model.User.id == account_id).with_for_update())
    count = sa.select(sa.func.count()).select_from(Subscription).where(Subscription.account_id == account_id)
    most = int(tk.config["ckanext.lrtzc.diffusion.per_account"])
    if (model.Session.scalar(count) or 0) >= most:
        model.Session.rollback()
        said = tk._("An account may have {most} subscriptions: delete one first.").format(most=most)
        raise tk.ValidationError({"address": [said]})


def trace(verb: str, subscription: Subscription, by: str, **details: str) -> None:
    """Record what is done to a subscription: never its settings, where somebody may have put a credential."""
    about: Any = {"actor": by, "object_type": "dataset", "object_id": subscription.package_id}
    record(f"subscription.{verb}", details={"id": subscription.id, **details}, **about)
