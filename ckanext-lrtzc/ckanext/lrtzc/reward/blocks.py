"""What a person's workspace shows of their points."""

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.interfaces import Block
from ckanext.lrtzc.reward import listing
from ckanext.lrtzc.reward.model import Participant


def _read(user: Any) -> dict[str, Any] | None:
    """Give where a person stands; None for who wants no points."""
    member = Participant.of(user.id)
    return None if member is None else listing.standing(member)


BLOCKS = {"reward": Block(lambda: tk._("My points"), "reward/block.html", _read)}
