"""The room's door: what other rooms may ask."""

import ckan.model as model
import sqlalchemy as sa

from ckanext.lrtzc.diffusion.model import Delivery, Passage, Subscription

__all__ = ["delivered_to"]


def delivered_to(package_id: str) -> int:
    """Count the programs that were told of a dataset's data, and may have taken a copy."""
    mine = sa.and_(Subscription.package_id == package_id, Delivery.state == Passage.DELIVERED)
    query = sa.select(sa.func.count(sa.distinct(Subscription.id))).join(
        Delivery, Delivery.subscription_id == Subscription.id
    )
    return model.Session.scalar(query.where(mine, Delivery.resource_id.is_not(None))) or 0
