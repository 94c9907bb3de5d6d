"""What waits for a moderator who is gone goes on without them."""

import logging
from collections.abc import Sequence
from typing import Any

import ckan.model as model

from ckanext.lrtzc.moderation import cases, letters

log = logging.getLogger(__name__)

AT_ONCE = 100
"""Cases of which things are held in one transaction: each takes a place in the server's table of locks."""


def without(account_id: str, **_: Any) -> None:
    """Decide what the others' votes decide now, and tell the administrators of what nobody else is left to judge."""
    try:
        waiting = cases.waiting_for(account_id)
    except Exception:
        # The account is gone all the same; administrators find in their console what waits.
        model.Session.rollback()
        log.exception("What waited for somebody who is gone could not be looked for")
        return
    for first in range(0, len(waiting), AT_ONCE):
        some = waiting[first : first + AT_ONCE]
        if not _go_on(some):
            # one that fails keeps no other waiting
            for case_id in some:
                _go_on([case_id])


def _go_on(case_ids: Sequence[str]) -> bool:
    try:
        told = cases.go_on_without(case_ids)
        model.Session.commit()
    except Exception:
        model.Session.rollback()
        log.exception("What waited for somebody who is gone could not go on: %s", ", ".join(case_ids))
        return False
    cases.go_on(told)
    letters.announce(told)
    return True
