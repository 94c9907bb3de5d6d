"""What a person's workspace shows of their reuses: the latest, and where each stands."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.interfaces import Block
from ckanext.lrtzc.reuses.model import Reuse

SHOWN = 10


def mine(user: Any) -> list[Reuse] | None:
    """Give a person's latest reuses, shown or not; None where they have none."""
    query = sa.select(Reuse).where(Reuse.author_id == user.id, Reuse.withdrawn.is_(None))
    return list(model.Session.scalars(query.order_by(Reuse.created.desc(), Reuse.id).limit(SHOWN))) or None


BLOCKS = {"reuses": Block(lambda: tk._("My reuses"), "reuses/block.html", mine)}
