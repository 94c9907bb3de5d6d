"""What a person's workspace shows of their needs: the latest, where each stands, and whether it is met."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.interfaces import Block
from ckanext.lrtzc.needs.model import Need

SHOWN = 10


def mine(user: Any) -> list[Need] | None:
    """Give a person's latest needs, shown or not; None where they have none."""
    query = sa.select(Need).where(Need.author_id == user.id, Need.withdrawn.is_(None))
    return list(model.Session.scalars(query.order_by(Need.created.desc(), Need.id).limit(SHOWN))) or None


BLOCKS = {"needs": Block(lambda: tk._("My needs"), "needs/block.html", mine)}
