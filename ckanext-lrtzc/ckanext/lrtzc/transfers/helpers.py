"""What templates ask of transfers."""

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.transfers.model import Offer, State
from ckanext.lrtzc.transfers.parties import parties_of


def waiting(user: model.User) -> int:
    """Count the offers that wait for an answer of a person."""
    counted = sa.select(sa.func.count()).where(Offer.state == State.OFFERED, Offer.to_id.in_(parties_of(user)))
    return model.Session.scalar(counted) or 0


def lrtzc_transfers_waiting() -> int:
    """Count the offers that wait for an answer of the person who reads."""
    user = model.User.get(tk.current_user.name) if tk.current_user.is_authenticated else None
    return waiting(user) if user is not None else 0


def lrtzc_transfer_state(state: str) -> str:
    """Give the words for what became of an offer."""
    match State(state):
        case State.OFFERED:
            return tk._("Waits for an answer")
        case State.ACCEPTED:
            return tk._("Accepted")
        case State.REFUSED:
            return tk._("Refused")
        case State.WITHDRAWN:
            return tk._("Withdrawn")
        case State.VOID:
            return tk._("Void: the object was deleted or changed hands meanwhile")
