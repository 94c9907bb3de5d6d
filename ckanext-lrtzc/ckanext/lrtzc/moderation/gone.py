"""What waits for a moderator who is gone goes on without them."""

import logging
from typing import Any

import ckan.model as model

from ckanext.lrtzc.moderation import cases, letters

log = logging.getLogger(__name__)


def without(account_id: str, **_: Any) -> None:
    """Decide what the others' votes decide now, and tell the administrators of what nobody else is left to judge."""
    try:
        told = cases.go_on_without(account_id)
        model.Session.commit()
    except Exception:
        # The account is gone all the same; administrators find in their console what waits.
        model.Session.rollback()
        log.exception("What waited for somebody who is gone could not go on")
    else:
        cases.go_on(told)
        letters.announce(told)
